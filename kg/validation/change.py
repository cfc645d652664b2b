"""A change to the graph, and what it does to the data graph of validation."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from kg.errors import CityKgError
from kg.validation.conversion import Triple as RdflibTriple
from kg.validation.conversion import to_triple
from kg.validation.stated import belongs, says


@dataclass(frozen=True)
class Change:
    """Quads added to and removed from named graphs, as the engine stores them. A quad in both is there afterwards."""

    added: frozenset[Quad]
    removed: frozenset[Quad]

    @classmethod
    def of(cls, added: Iterable[Quad] = (), removed: Iterable[Quad] = ()) -> Change:
        """Return the change in the engine's canonical form.

        Raises CityKgError for a quad outside a named graph, with a blank node, or with a triple term.
        """
        return cls(_canonical(added), _canonical(removed))

    def effect_on(self, store: Store) -> Effect:
        """Return which triples the data graph of the store gains and loses.

        A triple that another validated graph still states is not lost; one that is stated already is not gained.
        """
        gone = {quad for quad in self.removed - self.added if belongs(quad) and quad in store}
        new = {quad for quad in self.added if belongs(quad) and quad not in store}
        new_triples = {quad.triple for quad in new}
        return Effect(
            added=frozenset(to_triple(triple) for triple in new_triples if not any(says(store, triple))),
            removed=frozenset(
                to_triple(triple)
                for triple in {quad.triple for quad in gone} - new_triples
                if all(quad in gone for quad in says(store, triple))
            ),
        )


@dataclass(frozen=True)
class Effect:
    """The triples that the data graph of validation gains and loses; the two have nothing in common."""

    added: frozenset[RdflibTriple]
    removed: frozenset[RdflibTriple]


def _canonical(quads: Iterable[Quad]) -> frozenset[Quad]:
    store = Store()
    for quad in quads:
        _refuse_unfit(quad)
        store.add(quad)
    return frozenset(store)


def _refuse_unfit(quad: Quad) -> None:
    if not isinstance(quad.graph_name, NamedNode):
        raise CityKgError(f"{quad.triple} stands outside any named graph.", "Name the graph that states it.")
    if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
        raise CityKgError(f"{quad.triple} holds a blank node.", "Give the node an IRI.")
    if isinstance(quad.subject, Triple) or isinstance(quad.object, Triple):
        raise CityKgError(f"{quad.triple} holds a triple term.", "Write RDF 1.1: cd:StatementReference names a triple.")
