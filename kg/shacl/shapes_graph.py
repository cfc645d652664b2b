"""References between shapes, and their paths."""

from __future__ import annotations

from collections.abc import Iterator

from rdflib import SH, Graph, URIRef
from rdflib.collection import Collection
from rdflib.extras.shacl import parse_shacl_path
from rdflib.paths import Path
from rdflib.term import Node

_TO_SHAPE = (SH.property, SH.node, SH["not"], SH.qualifiedValueShape)
_TO_SHAPES = (SH["and"], SH["or"], SH.xone)
TARGETS = (SH.targetClass, SH.targetNode, SH.targetObjectsOf, SH.targetSubjectsOf)


def referring_shapes(shapes: Graph) -> set[Node]:
    """Return the shapes that refer to others."""
    return {shape for predicate in (*_TO_SHAPE, *_TO_SHAPES) for shape in shapes.subjects(predicate, None)}


def referenced_shapes(shapes: Graph, shape: Node) -> Iterator[Node]:
    """Yield the shapes that a shape refers to, which judge its focus nodes or its value nodes."""
    for predicate in _TO_SHAPE:
        yield from shapes.objects(shape, predicate)
    for predicate in _TO_SHAPES:
        for members in shapes.objects(shape, predicate):
            yield from Collection(shapes, members)


def siblings(shapes: Graph, shape: Node) -> Iterator[Node]:
    """Yield the qualified value shapes beside that of a property shape (SHACL 4.7.3, sibling shapes)."""
    for parent in shapes.subjects(SH.property, shape):
        for beside in shapes.objects(parent, SH.property):
            yield from shapes.objects(beside, SH.qualifiedValueShape)


def path_of(shapes: Graph, shape: Node) -> URIRef | Path | None:
    """Return the path of a property shape, None for a node shape."""
    node = shapes.value(shape, SH.path)
    return None if node is None else parse_shacl_path(shapes, node)


def prefixes_of(shapes: Graph, constraint: Node) -> dict[str, str]:
    """Return the prefixes that a SPARQL constraint declares (SHACL 5.2.1)."""
    holders = list(shapes.objects(constraint, SH.prefixes))
    declared = [node for holder in holders for node in shapes.objects(holder, SH.declare)]
    return {str(shapes.value(node, SH.prefix)): str(shapes.value(node, SH.namespace)) for node in declared}
