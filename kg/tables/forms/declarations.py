"""The forms: what each adds. All else, such as its fields, comes from the shapes of the class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from kg.messages import bilingual
from kg.rdf.vocabulary import CD, SKOS
from kg.tables.templates import MEMBERSHIP, OFFICE, TWINNING, RelationTemplate


@dataclass(frozen=True)
class Form:
    """A form: its name in addresses, its title, and the tie that it adds with its account.

    The parties stand open, then the properties of `then`, then what a shape requires; all else is folded. `labels` are
    those of inputs that are called otherwise than in the shapes: one an input, in English and Chinese.
    """

    name: str
    title: str
    tie: RelationTemplate
    then: tuple[NamedNode, ...] = (CD.begin, CD.status)
    labels: Mapping[NamedNode, tuple[tuple[str, str], ...]] = field(default_factory=dict)
    derived: frozenset[NamedNode] = frozenset({SKOS.prefLabel, CD.accountOf, CD.statedIn, CD.position})
    """Properties whose values follow from the rest of the form."""

    @property
    def rdf_class(self) -> NamedNode:
        """The class of what the form adds."""
        return self.tie.rdf_class

    @property
    def title_in_text(self) -> str:
        """The title within a sentence, with its article."""
        return f"{'an' if self.title[0] in 'AEIO' else 'a'} {self.title[0].lower()}{self.title[1:]}"

    def address(self, about: str = "") -> str:
        """Return the part of its address, in which a thing is filled in where one of its kind is asked for."""
        kind = about.partition(":")[0]
        party = next((party for party in self.tie.parties if kind in party.types), None)
        return f"{self.name}?{party.column}={about}" if party is not None else self.name

    @property
    def open(self) -> tuple[NamedNode, ...]:
        """The properties that stand open whether or not a shape requires them, in this order."""
        return (*dict.fromkeys(party.predicate for party in self.tie.parties), *self.then)

    @property
    def aliases(self) -> Mapping[str, NamedNode]:
        """The columns of tables that are fields here, by name: an address may fill in a form by them."""
        return {party.column: party.predicate for party in self.tie.parties}


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form(
            "twinning",
            "Twinning",
            TWINNING,
            labels={CD.twin: (bilingual("First city or place"), bilingual("Second city or place"))},
        ),
        Form("membership", "Membership", MEMBERSHIP, then=(CD.role, CD.begin, CD.status)),
        Form("office", "Office abroad", OFFICE, then=(CD.officeKind, CD.begin, CD.status)),
    )
}
