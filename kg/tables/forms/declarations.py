"""The forms: what each adds. All else, such as its fields, comes from the shapes of the class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, SKOS
from kg.tables.templates import DATES, MEMBERSHIP, OFFICE, TWINNING, RelationTemplate


@dataclass(frozen=True)
class Form:
    """A form: its name in addresses, its title, and the tie that it adds with its account."""

    name: str
    title: str
    tie: RelationTemplate
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
    def usual(self) -> frozenset[NamedNode]:
        """The properties that tables of the tie have columns for, which the form shows at once."""
        return frozenset(DATES.get(column, NamedNode(ns.CD + column)) for column in self.tie.columns)

    @property
    def aliases(self) -> Mapping[str, NamedNode]:
        """The columns of tables that are fields here, by name: an address may fill in a form by them."""
        return {party.column: party.predicate for party in self.tie.parties}


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form("twinning", "Twinning", TWINNING),
        Form("membership", "Membership", MEMBERSHIP),
        Form("office", "Office abroad", OFFICE),
    )
}
