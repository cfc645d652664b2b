"""Reads of a verdict: triples of a predicate that begin or end where a path leads from the focus node."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from rdflib import RDF, RDFS, URIRef
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.paths import Path as RdflibPath
from rdflib.term import Node

Path: TypeAlias = URIRef | RdflibPath
Way: TypeAlias = Path | None
"""A path; None is the one of no steps."""


@dataclass(frozen=True)
class TripleRead:
    """The triples of a predicate (None: any) with their subject, or object if `backwards`, at the end of `way`."""

    way: Way
    predicate: URIRef | None
    backwards: bool = False

    def anchor(self, subject: Node, value: Node) -> Node:
        """Return the end of a triple that the way leads to."""
        return value if self.backwards else subject


def join(first: Way, second: Way) -> Way:
    """Return the sequence of two ways."""
    if first is None or second is None:
        return second if first is None else first
    return SequencePath(first, second)


def either(first: Way, second: Way) -> Way:
    """Return the alternative of two ways."""
    if first == second:
        return first
    if first is None or second is None:
        longer = second if first is None else first
        assert longer is not None
        return MulPath(longer, "?")
    return AlternativePath(first, second)


def reads_of_path(way: Way, path: Path) -> Iterator[TripleRead]:
    """Yield the reads along a path, from the end of a way."""
    if isinstance(path, URIRef):
        yield TripleRead(way, path)
    elif isinstance(path, InvPath):
        assert isinstance(path.arg, URIRef), "the linter refuses an inverse of anything but a predicate"
        yield TripleRead(way, path.arg, backwards=True)
    elif isinstance(path, SequencePath):
        for part in path.args:
            yield from reads_of_path(way, part)
            way = join(way, part)
    elif isinstance(path, AlternativePath):
        for part in path.args:
            yield from reads_of_path(way, part)
    else:
        assert isinstance(path, MulPath)
        repeated = None if path.mod == "?" else MulPath(path.path, "*")
        yield from reads_of_path(join(way, repeated), path.path)


def reads_of_class(way: Way) -> Iterator[TripleRead]:
    """Yield the reads for the classes of nodes at the end of a way (SHACL 1.1, SHACL instance)."""
    yield TripleRead(way, RDF.type)
    yield TripleRead(join(way, SequencePath(RDF.type, MulPath(RDFS.subClassOf, "*"))), RDFS.subClassOf)
