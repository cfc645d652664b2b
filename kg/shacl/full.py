"""Full validation with pyshacl, the verdict of record: target shape by target shape, which makes a ledger.

The data graph is the union of the graphs that hold statements about the world, plus the subclass triples of the
ontology, without inferred triples (contract: What is in which graph).
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from itertools import chain
from pathlib import Path

from pyoxigraph import NamedNode, Quad, Store
from rdflib import Graph

from kg import resources
from kg.rdf.parse import read_file
from kg.rdf.positions import PlacedFile, Positions
from kg.rdf.rdflib_bridge import as_graph
from kg.shacl.data_graph import is_in_data_graph, merge_into_store
from kg.shacl.evaluator import Judge
from kg.shacl.ledger import Ledger
from kg.shacl.lint import require_traceable
from kg.shacl.report import Report, read_report


def validate_quads(
    quads: Iterable[Quad], shapes: Graph | None = None, files: Iterable[Path | PlacedFile] | None = None
) -> Report:
    """Validate the quads of the graphs that hold statements about the world.

    `shapes` stands for the project's own where it is given. `files` are searched for the line of each finding; by
    default those of kg/facts.
    """
    data, used = merge_into_store(data_quads(quads)), project_shapes() if shapes is None else shapes
    ledger = judge_by_project(data) if shapes is None else Judge(shapes).judge_all(data)
    places = sorted(resources.FACTS.rglob("*.trig")) if files is None else files
    return read_report(ledger, used, Positions(places))


def data_quads(quads: Iterable[Quad]) -> list[Quad]:
    """Return the quads for validation: of validated graphs, subclass triples, and those outside named graphs."""
    return [quad for quad in quads if not isinstance(quad.graph_name, NamedNode) or is_in_data_graph(quad)]


@cache
def project_shapes() -> Graph:
    """Return the shapes for facts, without those for our own terms (ontology-style)."""
    paths = (path for path in sorted(resources.SHAPES.glob("*.ttl")) if path.stem != "ontology-style")
    return as_graph(chain.from_iterable(map(read_file, paths)))


def judge_by_project(data: Store) -> Ledger:
    """Return the ledger of a store whose default graph is the data graph, by the project's shapes.

    Raises CityKgError for shapes whose verdicts could not be traced. They are looked through here, where all their
    queries are parsed anyway, so that a caller with the ledger of a build need not.
    """
    _require_traceable_project()
    return project_judge().judge_all(data)


@cache
def _require_traceable_project() -> None:
    require_traceable(project_shapes())


@cache
def project_judge() -> Judge:
    """Return the Judge of `project_shapes`, with its caches."""
    return Judge(project_shapes())
