"""Full validation with pyshacl, the verdict of record: target shape by target shape, which makes a ledger.

The data graph is the union of the graphs that hold statements about the world, plus the subclass triples of the
ontology, without inferred triples (contract: What is in which graph).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from pathlib import Path

from pyoxigraph import NamedNode, Quad
from rdflib import Graph

from kg import resources
from kg.rdf.parse import read_file
from kg.rdf.positions import Positions
from kg.rdf.rdflib_bridge import as_graph
from kg.shacl.data_graph import is_in_data_graph, merge_into_store
from kg.shacl.evaluator import Judge
from kg.shacl.report import Report, read_report


def validate_quads(quads: Iterable[Quad], shapes: Graph | None = None, files: Iterable[Path] | None = None) -> Report:
    """Validate the quads of the graphs that hold statements about the world.

    `shapes` stands for the project's own where it is given. `files` are searched for the line of each finding; by
    default those of kg/facts.
    """
    used, judge = (project_shapes(), project_judge()) if shapes is None else (shapes, Judge(shapes))
    ledger = judge.judge_all(merge_into_store(data_quads(quads)))
    paths = sorted(resources.FACTS.rglob("*.trig")) if files is None else files
    return read_report(ledger, used, Positions(paths))


def data_quads(quads: Iterable[Quad]) -> list[Quad]:
    """Return the quads for validation: of validated graphs, subclass triples, and those outside named graphs."""
    return [quad for quad in quads if not isinstance(quad.graph_name, NamedNode) or is_in_data_graph(quad)]


@cache
def project_shapes() -> Graph:
    """Return the shapes for facts, without those for our own terms (ontology-style)."""
    shapes = Graph()
    for path in sorted(resources.SHAPES.glob("*.ttl")):
        if path.stem != "ontology-style":
            shapes += as_graph(read_file(path))
    return shapes


@cache
def project_judge() -> Judge:
    """Return the Judge of `project_shapes`, with its caches."""
    return Judge(project_shapes())
