"""The footprint of a target shape: every triple that its verdict on a focus node can depend on.

Compiled once from the shapes. It says too much rather than too little: whatever a constraint looks at is in it, whether
or not it can tip the verdict. The linter refuses what could not be traced so.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from rdflib import SH, Graph, URIRef
from rdflib.term import Node

from kg.shacl.constraint_reads import query_reads
from kg.shacl.paths import TripleRead, Way, join, reads_of_class, reads_of_path
from kg.shacl.shapes_graph import TARGETS, path_of, prefixes_of, referenced_shapes, siblings

_PAIRS = (SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals)

Footprints = dict[Node | None, dict[TripleRead, frozenset[Node]]]
"""By predicate (None: any) the reads, each with its target shapes."""


def footprints(shapes: Graph) -> Footprints:
    """Return the footprints of the target shapes."""
    readers: dict[Node | None, dict[TripleRead, set[Node]]] = defaultdict(lambda: defaultdict(set))
    for shape in {shape for target in TARGETS for shape in shapes.subjects(target)}:
        for read in {*_target_reads(shapes, shape), *_reads(shapes, shape, None)}:
            readers[read.predicate][read].add(shape)
    return {
        predicate: {read: frozenset(using) for read, using in by_read.items()} for predicate, by_read in readers.items()
    }


def _target_reads(shapes: Graph, shape: Node) -> Iterator[TripleRead]:
    """Return the reads that make a node a focus node of the shape (SHACL 2.1.3)."""
    for _ in shapes.objects(shape, SH.targetClass):
        yield from reads_of_class(None)
    for predicate in shapes.objects(shape, SH.targetSubjectsOf):
        yield TripleRead(None, _iri(predicate))
    for predicate in shapes.objects(shape, SH.targetObjectsOf):
        yield TripleRead(None, _iri(predicate), backwards=True)


def _reads(shapes: Graph, shape: Node, way: Way) -> Iterator[TripleRead]:
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


def _constraint_reads(shapes: Graph, shape: Node, way: Way, values: Way) -> Iterator[TripleRead]:
    if (shape, SH["class"], None) in shapes:
        yield from reads_of_class(values)
    if (shape, SH.closed, None) in shapes:
        yield TripleRead(values, None)
    for pair in _PAIRS:
        for predicate in shapes.objects(shape, pair):
            yield TripleRead(way, _iri(predicate))
    for constraint in shapes.objects(shape, SH.sparql):
        for text in shapes.objects(constraint, SH.select):
            for read in query_reads(str(text), prefixes_of(shapes, constraint)):
                yield TripleRead(join(way, read.way), read.predicate, read.backwards)


def _iri(node: Node) -> URIRef:
    assert isinstance(node, URIRef)
    return node
