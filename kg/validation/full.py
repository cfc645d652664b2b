"""Full validation with pyshacl, the verdict of record.

The data graph is the union of the graphs that hold statements about the world, plus the subclass triples of the
ontology, without inferred triples (contract: What is in which graph).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyshacl
from pyoxigraph import NamedNode, Quad, RdfFormat
from rdflib import Graph

from kg import namespaces as ns
from kg import resources
from kg.loading import is_validated
from kg.positions import Positions
from kg.reading import read_file
from kg.validation.report import Report, read_report
from kg.writing import to_bytes


def validate_quads(quads: Iterable[Quad], shapes: Graph | None = None, files: Iterable[Path] | None = None) -> Report:
    """Validate the quads of the graphs that hold statements about the world.

    `shapes` stands for the project's own where it is given. `files` are searched for the line of each finding; by
    default those of kg/facts.
    """
    data = as_graph(data_quads(quads))
    used = project_shapes() if shapes is None else shapes
    _, results, _ = pyshacl.validate(data, shacl_graph=used, inference="none", advanced=False, allow_infos=True)
    paths = sorted(resources.FACTS.rglob("*.trig")) if files is None else files
    return read_report(results, used, Positions(paths))


def data_quads(quads: Iterable[Quad]) -> list[Quad]:
    """Keep what validation looks at: validated graphs, and rdfs:subClassOf between named classes."""
    return [quad for quad in quads if _belongs(quad)]


@cache
def project_shapes() -> Graph:
    """Return the shapes that facts must obey; those for our own terms (ontology-style) are not among them."""
    shapes = Graph()
    for path in sorted(resources.SHAPES.glob("*.ttl")):
        if path.stem != "ontology-style":
            shapes += as_graph(read_file(path))
    return shapes


def as_graph(quads: Iterable[Quad]) -> Graph:
    """Return an rdflib graph of the triples. The engine parses and writes; rdflib only reads its N-Triples."""
    triples = {quad.triple for quad in quads}
    return Graph().parse(data=to_bytes(triples, RdfFormat.N_TRIPLES), format="nt")


def _belongs(quad: Quad) -> bool:
    if not isinstance(quad.graph_name, NamedNode):
        return True
    if quad.graph_name == ns.ONTOLOGY_GRAPH:
        return quad.predicate == ns.SUBCLASS_OF and isinstance(quad.object, NamedNode)
    return is_validated(quad.graph_name)
