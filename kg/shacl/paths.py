"""What a verdict reads: triples of a certain predicate that begin or end where a path leads from the focus node."""

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
    """Triples of one predicate (None: any) whose subject, or object if `backwards`, is where `way` leads to."""

    way: Way
    predicate: URIRef | None
    backwards: bool = False

    def anchor(self, subject: Node, value: Node) -> Node:
        """Return the end of a triple that the way leads to."""
        return value if self.backwards else subject


def join(first: Way, second: Way) -> Way:
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


def reads_of_path(way: Way, path: Path) -> Iterator[TripleRead]:
    """Yield what is read when a path is followed from where a way leads to."""
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
    """Yield what is read to tell the classes of where a way leads to (SHACL 1.1, SHACL instance)."""
    yield TripleRead(way, RDF.type)
    yield TripleRead(join(way, SequencePath(RDF.type, MulPath(RDFS.subClassOf, "*"))), RDFS.subClassOf)
