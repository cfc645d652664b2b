"""The footprint of a target shape: every triple that its verdict on a focus node can depend on.

It says too much rather than too little: whatever a constraint looks at is in it, whether
or not it can tip the verdict. The linter refuses what could not be traced so.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass

from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import Node

from kg.shacl.constraint_reads import query_reads
from kg.shacl.paths import TripleRead, Way, join, reads_of_class, reads_of_path
from kg.shacl.shapes_graph import TARGETS, path_of, prefixes_of, referenced_shapes, siblings

_RENAMING = re.compile(r"\\u|\b(?:PREFIX|BASE)\b", re.IGNORECASE)
"""What lets a name be written in other ways than by the declared prefixes."""
_A = re.compile(r"\ba\b")
_PAIRS = (SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals)


@dataclass(frozen=True)
class _Query:
    """A SPARQL constraint on the nodes at the end of a way."""

    way: Way
    text: str
    prefixes: tuple[tuple[str, str], ...]

    def names(self, predicate: URIRef) -> bool:
        """Return True if the text may name a predicate. All that it reads are named: the linter refuses variables."""
        if _RENAMING.search(self.text):
            return True
        plain = self.text.replace("\\", "")  # which SPARQL allows before some letters of a name
        if predicate == RDF.type and _A.search(plain):
            return True
        named = (f"{prefix}:{predicate[len(iri) :]}" for prefix, iri in self.prefixes if predicate.startswith(iri))
        return str(predicate) in plain or any(name in plain for name in named)

    def reads(self) -> Iterator[TripleRead]:
        for read in query_reads(self.text, dict(self.prefixes)):
            yield TripleRead(join(self.way, read.way), read.predicate, read.backwards)


class Footprints:
    """The reads of target shapes, by predicate. Thread-safe.

    rdflib takes longer to parse the queries of the shapes than all else takes to validate a change. So a query is
    parsed when a predicate is asked for that it names.
    """

    def __init__(self, shapes: Graph) -> None:
        self._readers: dict[Node | None, dict[TripleRead, set[Node]]] = defaultdict(lambda: defaultdict(set))
        self._queries: dict[_Query, set[Node]] = defaultdict(set)
        self._found: dict[Node | None, Mapping[TripleRead, Set[Node]]] = {}
        for shape in {shape for target in TARGETS for shape in shapes.subjects(target)}:
            for read in {*_target_reads(shapes, shape), *_reads(shapes, shape, None)}:
                if isinstance(read, TripleRead):
                    self._readers[read.predicate][read].add(shape)
                else:
                    self._queries[read].add(shape)

    def of(self, predicate: Node | None) -> Mapping[TripleRead, Set[Node]]:
        """Return the reads of a predicate, each with its target shapes; None for the reads of any predicate."""
        if predicate not in self._found:
            self._found[predicate] = self._find(predicate)
        return self._found[predicate]

    def _find(self, predicate: Node | None) -> Mapping[TripleRead, Set[Node]]:
        found = {read: set(using) for read, using in self._readers.get(predicate, {}).items()}
        for query, shapes in self._queries.items():
            if isinstance(predicate, URIRef) and query.names(predicate):
                for read in query.reads():
                    if read.predicate == predicate:
                        found.setdefault(read, set()).update(shapes)
        return found


def _target_reads(shapes: Graph, shape: Node) -> Iterator[TripleRead]:
    """Return the reads that make a node a focus node of the shape (SHACL 2.1.3)."""
    for _ in shapes.objects(shape, SH.targetClass):
        yield from reads_of_class(None)
    for predicate in shapes.objects(shape, SH.targetSubjectsOf):
        yield TripleRead(None, _iri(predicate))
    for predicate in shapes.objects(shape, SH.targetObjectsOf):
        yield TripleRead(None, _iri(predicate), backwards=True)


def _reads(shapes: Graph, shape: Node, way: Way) -> Iterator[TripleRead | _Query]:
    """Return the reads of a shape, and of those it refers to, for the nodes at the end of `way`."""
    path = path_of(shapes, shape)
    values = join(way, path)
    if path is not None:
        yield from reads_of_path(way, path)
    yield from _constraint_reads(shapes, shape, way, values)
    for used in referenced_shapes(shapes, shape):
        yield from _reads(shapes, used, values)
    if (shape, SH.qualifiedValueShapesDisjoint, None) in shapes:
        for sibling in siblings(shapes, shape):
            yield from _reads(shapes, sibling, values)


def _constraint_reads(shapes: Graph, shape: Node, way: Way, values: Way) -> Iterator[TripleRead | _Query]:
    if (shape, SH["class"], None) in shapes:
        yield from reads_of_class(values)
    if (shape, SH.closed, None) in shapes:
        yield TripleRead(values, None)
    for pair in _PAIRS:
        for predicate in shapes.objects(shape, pair):
            yield TripleRead(way, _iri(predicate))
    for constraint in shapes.objects(shape, SH.sparql):
        for text in shapes.objects(constraint, SH.select):
            yield _Query(way, str(text), tuple(prefixes_of(shapes, constraint).items()))


def _iri(node: Node) -> URIRef:
    assert isinstance(node, URIRef)
    return node
