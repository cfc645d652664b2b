"""Look up the quads of a store by a pattern: the one place that asks the engine for them, besides kg.shacl.

On disk the engine (pyoxigraph 0.5.13) answers a pattern whose object is an integer such as 255 or 511, or another
literal whose code ends in the byte FF, with the statements of the values after it as well. So each answer is compared
with what was asked for.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any, Protocol

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kg.rdf.vocabulary import RDF

Term = NamedNode | BlankNode | Literal | Triple
_DEFAULT = DefaultGraph()
LookUp = Callable[..., Iterator[Quad]]
"""Yields the quads of a store, or of one state of it, that match subject, predicate and value."""


class Quads(Protocol):
    """Quads that are found by a pattern: those of a store, or of one as a change would leave it."""

    def quads_for_pattern(
        self,
        subject: NamedNode | BlankNode | Triple | None,
        predicate: NamedNode | None,
        value: Term | None,
        graph: NamedNode | BlankNode | DefaultGraph | None = None,
        /,
    ) -> Iterator[Quad]:
        """Yield the quads that match a pattern."""


def parse_iri(text: str) -> NamedNode | None:
    """Return the absolute IRI that a text is, None if it is none."""
    try:
        return NamedNode(text)
    except ValueError:
        return None


def match(
    store: Quads,
    subject: Term | None = None,
    predicate: Term | None = None,
    value: Term | None = None,
    graph: NamedNode | BlankNode | DefaultGraph | None = None,
) -> Iterator[Quad]:
    """Yield the quads that match a pattern; None matches any term, and any graph including the default graph.

    A term that cannot stand in its place, such as a literal as subject, matches nothing.
    """
    if isinstance(subject, Literal | Triple) or not isinstance(predicate, NamedNode | None):
        return iter(())
    found = store.quads_for_pattern(subject, predicate, value, graph)
    return found if isinstance(value, NamedNode | None) else (quad for quad in found if quad.object == value)


def match_each(store: Store, patterns: Iterable[tuple[Any, ...]]) -> Iterator[Quad]:
    """Yield the quads that match each pattern in turn; a pattern is a tuple of arguments of `match`."""
    for pattern in patterns:
        yield from match(store, *pattern)


def statements(store: Store, graph: NamedNode | DefaultGraph) -> list[Quad]:
    """Return the statements of one graph, sorted: the order of a store depends on how it was filled."""
    return sorted(match(store, graph=graph), key=str)


def closure(
    store: Store,
    start: Term,
    predicate: NamedNode,
    graph: NamedNode | DefaultGraph = _DEFAULT,
    *,
    is_inverse: bool = False,
) -> set[Term]:
    """Return a term with all to which a property leads from it, or the other way round, in any number of steps."""
    found, pending = {start}, [start]
    while pending:
        one = pending.pop()
        quads = match(store, None, predicate, one, graph) if is_inverse else match(store, one, predicate, None, graph)
        ends = {quad.subject if is_inverse else quad.object for quad in quads} - found
        pending += ends
        found |= ends
    return found


def list_items(store: Store, head: Term, graph: NamedNode) -> Iterator[Term]:
    """Yield the members of an RDF list of a graph, in order."""
    while head != RDF.nil:
        yield from (quad.object for quad in match(store, head, RDF.first, None, graph))
        head = next((quad.object for quad in match(store, head, RDF.rest, None, graph)), RDF.nil)


def nodes_of(
    store: Quads, subject: Term, predicate: NamedNode | None = None, graph: NamedNode | DefaultGraph | None = _DEFAULT
) -> list[NamedNode]:
    """Return the nodes to which a property, or any, leads from one, a node for each statement."""
    return [quad.object for quad in match(store, subject, predicate, None, graph) if isinstance(quad.object, NamedNode)]


def literals_of(
    store: Quads, subject: Term, predicate: NamedNode, graph: NamedNode | DefaultGraph | None = _DEFAULT
) -> list[Literal]:
    """Return the literals of a property of a node."""
    return [quad.object for quad in match(store, subject, predicate, None, graph) if isinstance(quad.object, Literal)]


def nodes_with(
    store: Quads,
    predicate: NamedNode | None,
    value: Term | None = None,
    graph: NamedNode | DefaultGraph | None = _DEFAULT,
) -> Iterator[NamedNode]:
    """Yield the nodes from which a property, or any, leads to a value, or to any, a node for each statement."""
    found = match(store, None, predicate, value, graph)
    return (quad.subject for quad in found if isinstance(quad.subject, NamedNode))


def values(look_up: LookUp, subject: Term, predicate: NamedNode) -> set[NamedNode]:
    """Return the nodes to which a property leads from one."""
    return {quad.object for quad in look_up(subject, predicate) if isinstance(quad.object, NamedNode)}


def subjects(look_up: LookUp, predicate: NamedNode, value: Term) -> set[NamedNode]:
    """Return the nodes from which a property leads to one."""
    return {quad.subject for quad in look_up(None, predicate, value) if isinstance(quad.subject, NamedNode)}


def text_of(look_up: LookUp, subject: Term, predicate: NamedNode) -> str:
    """Return a value of a property as a text, "" if there is none; of several the least."""
    return min((str(getattr(quad.object, "value", "")) for quad in look_up(subject, predicate)), default="")
