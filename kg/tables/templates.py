"""The templates of tables: their columns, and the relations that rows state, in CSV templates and in imports.

docs/curating/templates.md describes the templates.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import Literal, NamedNode, Triple

from kg.rdf import namespaces as ns
from kg.rdf.labels import TIE_LABELS
from kg.rdf.namespaces import fit_length
from kg.rdf.vocabulary import CD, RDF, SKOS

POLITIES = ("city", "country", "district", "nation", "polity", "region")
ORGANISATIONS = ("network", "organisation", "group")
DATES = {"since": CD.begin, "until": CD.end}
"""The columns with dates, each with its property."""
SOURCE_COLUMNS = ("source_title", "source_url", "source_licence")

Value = NamedNode | Literal
PropertyValue = tuple[NamedNode, Value]
"""A property of an account, and its value."""
FieldStatement = tuple[str, Triple]
"""The field of a row, and a statement that comes from it."""


@dataclass(frozen=True)
class TableTemplate:
    """A kind of table: its required and optional columns."""

    required: tuple[str, ...]
    optional: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """All columns, required ones first."""
        return (*self.required, *self.optional)


@dataclass(frozen=True)
class Party:
    """A column that names a party: the property, and the types that it may name; the first is that of a bare name."""

    column: str
    predicate: NamedNode
    types: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class RelationTemplate(TableTemplate):
    """A table of relations: their type and class, their parties, and the schemes of the columns with concepts."""

    kind: str
    rdf_class: NamedNode
    parties: tuple[Party, ...]
    label: str
    choices: Mapping[str, str]
    alphabetical: bool
    activity_kind: NamedNode | None = None
    """What sort of activity the relation is, if it is one."""
    says: str = ""
    """What an account says of an activity, with room for its two parties; nothing else of a tie would tell."""

    def of_kind(self, concept: NamedNode, name: str) -> RelationTemplate:
        """Return the template of the ties of two parties that a source calls a friendship, a project or the like."""
        return replace(
            self,
            kind="activity",
            rdf_class=CD.Cooperation,
            parties=tuple(replace(party, predicate=CD.participant) for party in self.parties),
            label=f"{name[:1].upper()}{name[1:]} of {{}} and {{}}",
            activity_kind=concept,
            says=f"{{}} and {{}} share {'an' if name[0] in 'aeiou' else 'a'} {name}.",
        )

    def iri(self, names: Iterable[str]) -> str:
        """Return the IRI of a relation, of the names of its parties; ties of several kinds join the same two."""
        of_kind = (self.activity_kind.value.rpartition("/")[2],) if self.activity_kind is not None else ()
        return f"{ns.ID}{self.kind}/{fit_length('-'.join((*of_kind, *self.in_order(names))))}"

    def in_order(self, names: Iterable[str]) -> list[str]:
        """Return the names of the two parties, or their IRIs, in the order of the label and IRI of the relation.

        IRIs are compared by their last parts.
        """
        return sorted(names, key=lambda name: name.rpartition("/")[2]) if self.alphabetical else [*names]

    def statements(
        self, relation: NamedNode, parties: Sequence[str], called: Callable[[str], str]
    ) -> Iterator[FieldStatement]:
        """Yield the statements of a relation between two IRIs; `called` returns the label of an IRI."""
        first = self.parties[0].column
        yield first, Triple(relation, RDF.type, self.rdf_class)
        if self.activity_kind is not None:
            yield "kind", Triple(relation, CD.activityKind, self.activity_kind)
        for party, iri in zip(self.parties, parties, strict=True):
            yield party.column, Triple(relation, party.predicate, NamedNode(iri))
        label = self.label.format(*map(called, self.in_order(parties)))
        yield first, Triple(relation, SKOS.prefLabel, Literal(label, language="en"))

    def account(self, account: NamedNode, relation: NamedNode, source: NamedNode) -> Iterator[FieldStatement]:
        """Yield the statements that make an account of a relation by a source."""
        yield "source", Triple(account, RDF.type, CD.Account)
        yield self.parties[0].column, Triple(account, CD.accountOf, relation)
        yield "source", Triple(account, CD.statedIn, source)


def account_of(source: NamedNode, relation: NamedNode) -> NamedNode:
    """Return the IRI of a source's account of a relation."""
    name = f"{source.value.rpartition('/')[2]}--{relation.value.removeprefix(ns.ID).replace('/', '-', 1)}"
    return NamedNode(f"{ns.ID}account/{fit_length(name)}")


TWINNING = RelationTemplate(
    required=("city_a", "city_b", "source"),
    optional=("status", "character", *DATES, "note", *SOURCE_COLUMNS),
    kind="twinning",
    rdf_class=CD.Twinning,
    parties=(Party("city_a", CD.twin, POLITIES), Party("city_b", CD.twin, POLITIES)),
    label=TIE_LABELS[CD.Twinning],
    choices={"status": "tie-status", "character": "tie-character"},
    alphabetical=True,
)
MEMBERSHIP = RelationTemplate(
    required=("city", "network", "role", "source"),
    optional=("status", *DATES, "note", *SOURCE_COLUMNS),
    kind="membership",
    rdf_class=CD.Membership,
    parties=(
        Party("city", CD.member, (*POLITIES, *ORGANISATIONS, "person")),
        Party("network", CD.network, ORGANISATIONS),
    ),
    label=TIE_LABELS[CD.Membership],
    choices={"status": "tie-status", "role": "membership-role"},
    alphabetical=False,
)
OFFICE = RelationTemplate(
    required=("operator", "host_place", "source"),
    optional=("status", *DATES, "note", *SOURCE_COLUMNS),
    kind="office",
    rdf_class=CD.Office,
    parties=(Party("operator", CD.operator, POLITIES), Party("host_place", CD.hostPlace, POLITIES)),
    label=TIE_LABELS[CD.Office],
    choices={"status": "tie-status"},
    alphabetical=False,
)
TEAM = replace(
    OFFICE, kind="team", parties=(Party("operator", CD.operator, POLITIES),), label="International team of {}"
)
"""Offices and teams are added by forms; no table has them."""
RELATIONS: Mapping[str, RelationTemplate] = {"twinnings": TWINNING, "memberships": MEMBERSHIP}
"""The templates of relations, by the name of the rows in mappings."""
PLACE = TableTemplate(
    required=("place", "name", "within", "source"),
    optional=("name_zh", "latitude", "longitude", "wikidata", "geonames", *SOURCE_COLUMNS),
)
COUNTRY = TableTemplate(required=("country",), optional=())
TEMPLATES = (TWINNING, MEMBERSHIP, PLACE, COUNTRY)
