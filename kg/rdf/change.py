"""A change to the graph: the exact quads that come and go."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import BlankNode, NamedNode, Quad, Store, Triple

from kg.errors import CityKgError
from kg.rdf.canonical import canonicalise


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

    def remaining_in(self, store: Store) -> Change:
        """Return what of the change is not so yet in a store."""
        return Change(
            frozenset(quad for quad in self.added if quad not in store),
            frozenset(quad for quad in self.removed - self.added if quad in store),
        )


NO_CHANGE = Change(frozenset(), frozenset())


def _canonical(quads: Iterable[Quad]) -> frozenset[Quad]:
    given = list(quads)
    for quad in given:
        _refuse_unfit(quad)
    return frozenset(canonicalise(given))


def _refuse_unfit(quad: Quad) -> None:
    if not isinstance(quad.graph_name, NamedNode):
        raise CityKgError(f"{quad.triple} stands outside any named graph.", "Name the graph that states it.")
    if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
        raise CityKgError(f"{quad.triple} holds a blank node.", "Give the node an IRI.")
    if isinstance(quad.subject, Triple) or isinstance(quad.object, Triple):
        raise CityKgError(f"{quad.triple} holds a triple term.", "Write RDF 1.1: cd:StatementReference names a triple.")
