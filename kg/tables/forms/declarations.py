"""The forms: what each adds. All else, such as its fields, comes from the shapes of the class."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pyoxigraph import NamedNode

from kg.rdf.vocabulary import CD, SKOS
from kg.tables.templates import MEMBERSHIP, TWINNING, RelationTemplate


@dataclass(frozen=True)
class Form:
    """A form: its name in addresses, its title in English and Chinese, and the tie that it adds with its account."""

    name: str
    title: str
    title_zh: str
    tie: RelationTemplate
    derived: frozenset[NamedNode] = frozenset({SKOS.prefLabel, CD.accountOf, CD.statedIn, CD.position})
    """Properties whose values follow from the rest of the form."""

    @property
    def rdf_class(self) -> NamedNode:
        """The class of what the form adds."""
        return self.tie.rdf_class

    @property
    def first(self) -> str:
        """The name of the field that a thing is filled in from whose page one comes."""
        return self.tie.parties[0].column

    @property
    def aliases(self) -> Mapping[str, NamedNode]:
        """The columns of tables that are fields here, by name: an address may fill in a form by them."""
        return {party.column: party.predicate for party in self.tie.parties}


FORMS: Mapping[str, Form] = {
    form.name: form
    for form in (
        Form("twinning", "Twinning", "友好城市关系", TWINNING),
        Form("membership", "Membership", "成员关系", MEMBERSHIP),
    )
}
