"""Look up the quads of a store by a pattern: the place that asks the engine so (kg.shacl does so for itself).

On disk the engine (pyoxigraph 0.5.13) answers a pattern whose object is an integer such as 255 or 511, or another
literal whose code ends in the byte FF, with the statements of the values after it as well. So each answer is compared
with what was asked for.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

Term = NamedNode | BlankNode | Literal | Triple


def match(
    store: Store,
    subject: Term | None = None,
    predicate: Term | None = None,
    value: Term | None = None,
    graph: NamedNode | BlankNode | DefaultGraph | None = None,
) -> Iterator[Quad]:
    """Yield the quads that fit; None stands for any term, and for any graph, the default graph among them.

    What cannot stand in its place, such as a literal as subject, fits nothing.
    """
    if isinstance(subject, Literal | Triple) or not isinstance(predicate, NamedNode | None):
        return iter(())
    found = store.quads_for_pattern(subject, predicate, value, graph)
    return found if isinstance(value, NamedNode | None) else (quad for quad in found if quad.object == value)


def match_each(store: Store, patterns: Iterable[tuple[Any, ...]]) -> Iterator[Quad]:
    """Yield the quads that fit one pattern, then those of the next: each as many terms as `match` is to be given."""
    for pattern in patterns:
        yield from match(store, *pattern)


def statements(store: Store, graph: NamedNode | DefaultGraph) -> list[Quad]:
    """Return what one graph states, sorted: the order of a store depends on how it was filled."""
    return sorted(match(store, graph=graph), key=str)
