"""The forms: what each adds. All else, such as its fields, comes from the shapes of the class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pyoxigraph import NamedNode, Store

from kg.messages import bilingual
from kg.rdf.kinds import POLITY_CLASSES
from kg.rdf.shape_fields import Field, fields_of
from kg.rdf.vocabulary import CD, DCTERMS, FOAF, GEO, RDF, SCHEMA, SKOS, WGS84
from kg.tables.templates import (
    MEMBERSHIP,
    OFFICE,
    ORGANISATIONS,
    POLITIES,
    TEAM,
    TWINNING,
    Party,
    RelationTemplate,
)

_OF_TIES = frozenset({SKOS.prefLabel, CD.accountOf, CD.statedIn, CD.position})
_OF_THINGS = frozenset({DCTERMS.source, CD.isoAlpha2, CD.isoAlpha3, GEO.hasGeometry})
_WIKIDATA = bilingual("Number in Wikidata, such as Q39121")
_NAMES = (bilingual("Name in English"), bilingual("Name in Chinese"))


@dataclass(frozen=True)
class Form:
    """A form: its name in addresses, its title, and what it adds: a tie with its account, a finding, a thing, a source.

    The parties stand open, then the properties of `then`, then what a shape requires; all else is folded. `labels` are
    those of inputs that are called otherwise than in the shapes: one an input, in English and Chinese.
    """

    name: str
    titles: tuple[str, str]
    rdf_class: NamedNode
    parties: tuple[Party, ...] = ()
    tie: RelationTemplate | None = None
    kinds: tuple[str, ...] = ()
    """The kinds of things of which it makes a new one, as imports do, the likeliest first; it completes known ones."""
    then: tuple[NamedNode, ...] = (CD.begin, CD.status)
    told_apart_by: tuple[NamedNode, ...] = ()
    """What a finding says of whom, which its name and label are made of: there is one for each."""
    preset: Mapping[str, str] = field(default_factory=dict)
    """What an empty form has already, by the names of inputs."""
    label: str = ""
    """The label of a finding, in English."""
    labels: Mapping[NamedNode, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    derived: frozenset[NamedNode] = _OF_TIES
    """Properties whose values follow from the rest of the form."""

    @classmethod
    def of_tie(cls, name: str, titles: tuple[str, str], tie: RelationTemplate, **more: Any) -> Form:
        """Return the form of a tie between two parties."""
        return cls(name, titles, tie.rdf_class, tie.parties, tie, **more)

    @property
    def title(self) -> str:
        """The title in English."""
        return self.titles[0]

    @property
    def title_in_text(self) -> str:
        """The title within a sentence, with its article."""
        return f"{'an' if self.title[0] in 'AEIO' else 'a'} {self.title[0].lower()}{self.title[1:]}"

    def fields(self, store: Store) -> list[Field]:
        """Return its fields as the shapes of a snapshot give them, of a tie with those of the account of it."""
        shapes = fields_of(store)
        return (shapes.of_tie if self.tie is not None else shapes.of_class)(self.rdf_class)

    def address(self, about: str = "") -> str:
        """Return the part of its address, in which a thing is filled in where one of its kind is asked for."""
        kind = about.partition(":")[0]
        party = next((party for party in self.parties if kind in party.types), None)
        filled = party.column if party is not None else "prefLabel" if kind in self.kinds else ""
        return f"{self.name}?{filled}={about}" if filled else self.name

    def least(self, predicate: NamedNode) -> int:
        """Return how many values of a property it needs, whatever the shapes say."""
        is_name = bool(self.kinds) and predicate == SKOS.prefLabel
        return is_name + sum(party.predicate == predicate for party in self.parties)

    @property
    def open(self) -> tuple[NamedNode, ...]:
        """The properties that stand open whether or not a shape requires them, in this order."""
        return (*dict.fromkeys(party.predicate for party in self.parties), *self.then)


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form.of_tie(
            "twinning",
            bilingual("Twinning"),
            TWINNING,
            labels={CD.twin: (bilingual("First city or place"), bilingual("Second city or place"))},
        ),
        Form.of_tie("membership", bilingual("Membership"), MEMBERSHIP, then=(CD.role, CD.begin, CD.status)),
        Form.of_tie(
            "office",
            bilingual("Office abroad"),
            OFFICE,
            then=(CD.officeKind, CD.begin, CD.status),
            preset={"officeKind": "office-kind:office-abroad"},
        ),
        Form.of_tie(
            "team",
            bilingual("Team"),
            TEAM,
            then=(CD.officeKind, CD.begin, CD.status),
            derived=_OF_TIES | {CD.hostPlace},
            preset={"officeKind": "office-kind:international-team"},
        ),
        Form(
            "place",
            bilingual("City or place"),
            CD.City,
            kinds=tuple(POLITY_CLASSES),
            then=(SKOS.prefLabel, CD.within, RDF.type, SKOS.altLabel, SCHEMA.sameAs, WGS84.lat, WGS84.long),
            labels={
                SKOS.prefLabel: _NAMES,
                CD.within: (bilingual("Country"),),
                SCHEMA.sameAs: (
                    bilingual("Identifier, such as Q39121 in Wikidata"),
                    bilingual("Another identifier, such as its address in GeoNames"),
                ),
            },
            derived=_OF_THINGS,
        ),
        Form(
            "network",
            bilingual("Network"),
            CD.CityNetwork,
            kinds=("network",),
            then=(SKOS.prefLabel, SKOS.altLabel, FOAF.homepage, SCHEMA.sameAs),
            labels={SKOS.prefLabel: _NAMES, SCHEMA.sameAs: (_WIKIDATA,)},
            derived=_OF_THINGS,
        ),
        Form(
            "organisation",
            bilingual("Organisation"),
            CD.Organization,
            kinds=("organisation",),
            then=(SKOS.prefLabel, SKOS.altLabel, FOAF.homepage, SCHEMA.sameAs),
            labels={SKOS.prefLabel: _NAMES, SCHEMA.sameAs: (_WIKIDATA,)},
            derived=_OF_THINGS,
        ),
        Form(
            "source",
            bilingual("Source"),
            CD.Source,
            then=(DCTERMS.issued,),
            derived=frozenset({SKOS.prefLabel, DCTERMS.title, DCTERMS.license}),
        ),
        Form(
            "absence",
            bilingual("Absence"),
            CD.AbsenceFinding,
            (Party("city", CD.absentFor, (*POLITIES, *ORGANISATIONS)),),
            then=(CD.tieKind, CD.counterpart, CD.absenceBasis, CD.says),
            told_apart_by=(CD.absentFor, CD.tieKind, CD.counterpart),
            label="No {tieKind} of {absentFor}: {counterpart}",
            labels={
                CD.absentFor: (bilingual("Who has none"),),
                CD.counterpart: (
                    bilingual("With whom, or where (required but for a team or a strategy; group:cities for anywhere)"),
                ),
                CD.says: (bilingual("What the source says, in one sentence of your own"),),
            },
        ),
    )
}
