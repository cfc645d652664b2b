"""Full validation with pyshacl, the verdict of record.

The data graph is the union of the graphs that hold statements about the world, plus the subclass triples of the
ontology, without inferred triples (contract: What is in which graph).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pyshacl
from pyoxigraph import NamedNode, Quad, Store
from rdflib import Graph

from kg import resources
from kg.positions import Positions
from kg.reading import read_file
from kg.validation.conversion import as_graph, to_triple
from kg.validation.judging import ALLOW_INFOS
from kg.validation.parsed_once import ParsedOnceGraph
from kg.validation.report import Report, read_report
from kg.validation.stated import belongs


def validate_quads(quads: Iterable[Quad], shapes: Graph | None = None, files: Iterable[Path] | None = None) -> Report:
    """Validate the quads of the graphs that hold statements about the world.

    `shapes` stands for the project's own where it is given. `files` are searched for the line of each finding; by
    default those of kg/facts.
    """
    used = project_shapes() if shapes is None else shapes
    results = full_report(data_quads(quads), used)
    paths = sorted(resources.FACTS.rglob("*.trig")) if files is None else files
    return read_report(results, used, Positions(paths))


def full_report(quads: Iterable[Quad], shapes: Graph) -> Graph:
    """Return the sh:ValidationReport of pyshacl on the union of the quads, as the engine stores them."""
    store, data = Store(), ParsedOnceGraph()
    store.bulk_extend(quads)
    for quad in store:
        data.add(to_triple(quad))
    _, report, _ = pyshacl.validate(data, shacl_graph=shapes, inference="none", advanced=False, allow_infos=ALLOW_INFOS)
    assert isinstance(report, Graph)
    return report


def data_quads(quads: Iterable[Quad]) -> list[Quad]:
    """Keep what validation looks at: validated graphs, subclasses, and what stands in no named graph."""
    return [quad for quad in quads if not isinstance(quad.graph_name, NamedNode) or belongs(quad)]


@cache
def project_shapes() -> Graph:
    """Return the shapes that facts must obey; those for our own terms (ontology-style) are not among them."""
    shapes = Graph()
    for path in sorted(resources.SHAPES.glob("*.ttl")):
        if path.stem != "ontology-style":
            shapes += as_graph(read_file(path))
    return shapes
