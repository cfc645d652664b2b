"""What a verdict reads: triples of a certain predicate that begin or end where a path leads from the focus node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from rdflib import RDF, RDFS, Graph, Literal, URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.paths import Path as RdflibPath
from rdflib.term import Node

Path: TypeAlias = URIRef | RdflibPath
Way: TypeAlias = Path | None
"""A path; None is the one of no steps."""


@dataclass(frozen=True)
class Read:
    """Triples of one predicate (None: any) whose subject, or object if `backwards`, is where `way` leads to."""

    way: Way
    predicate: URIRef | None
    backwards: bool = False

    def anchor(self, subject: Node, value: Node) -> Node:
        """Return the end of a triple that the way leads to."""
        return value if self.backwards else subject


def joined(first: Way, second: Way) -> Way:
    """Return the one way and then the other."""
    if first is None or second is None:
        return second if first is None else first
    return SequencePath(first, second)


def either(first: Way, second: Way) -> Way:
    """Return the way that is the one or the other."""
    if first == second:
        return first
    if first is None or second is None:
        longer = second if first is None else first
        assert longer is not None
        return MulPath(longer, "?")
    return AlternativePath(first, second)


def reads_of_path(way: Way, path: Path) -> Iterator[Read]:
    """Yield what is read when a path is followed from where a way leads to."""
    if isinstance(path, URIRef):
        yield Read(way, path)
    elif isinstance(path, InvPath):
        assert isinstance(path.arg, URIRef), "the linter refuses an inverse of anything but a predicate"
        yield Read(way, path.arg, backwards=True)
    elif isinstance(path, SequencePath):
        for part in path.args:
            yield from reads_of_path(way, part)
            way = joined(way, part)
    elif isinstance(path, AlternativePath):
        for part in path.args:
            yield from reads_of_path(way, part)
    else:
        assert isinstance(path, MulPath)
        repeated = None if path.mod == "?" else MulPath(path.path, "*")
        yield from reads_of_path(joined(way, repeated), path.path)


def reads_of_class(way: Way) -> Iterator[Read]:
    """Yield what is read to tell the classes of where a way leads to (SHACL 1.1, SHACL instance)."""
    yield Read(way, RDF.type)
    yield Read(joined(way, SequencePath(RDF.type, MulPath(RDFS.subClassOf, "*"))), RDFS.subClassOf)


def origins(graph: Graph, way: Way, ends: set[Node]) -> set[Node]:
    """Return the nodes from which a way leads to one of the ends.

    rdflib's own paths are not asked: they take an end such as `0` or `""` for none at all and search everything.
    """
    if way is None or not ends:
        return ends
    if isinstance(way, URIRef):
        return {subject for end in ends for subject in graph.subjects(way, end)}
    if isinstance(way, InvPath):
        return {value for end in ends if not isinstance(end, Literal) for value in graph.objects(end, way.arg)}
    if isinstance(way, SequencePath):
        for part in reversed(way.args):
            ends = origins(graph, part, ends)
        return ends
    if isinstance(way, AlternativePath):
        return set().union(*(origins(graph, part, ends) for part in way.args))
    assert isinstance(way, MulPath)
    return _repeated(graph, way, ends)


def _repeated(graph: Graph, way: MulPath, ends: set[Node]) -> set[Node]:
    found = set(ends) if way.zero else set()
    ahead = origins(graph, way.path, ends)
    while new := ahead - found:
        found |= new
        ahead = origins(graph, way.path, new) if way.more else set()
    return found
