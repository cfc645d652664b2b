"""Bring the project's own files into quads: which file goes into which named graph, and what a file may not hold."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, DefaultGraph, NamedNode, Quad

from kg import namespaces as ns
from kg import resources
from kg.errors import CityKgError
from kg.reading import read_files

Term = TypeVar("Term")

_NOT_IN_DEFAULT_GRAPH = {ns.SHAPES_GRAPH, ns.HISTORY}
_NOT_VALIDATED = {ns.SHAPES_GRAPH, ns.HISTORY, ns.INFERRED, ns.ONTOLOGY_GRAPH}


@dataclass(frozen=True)
class SourceFile:
    """A file of the project; `graph` is None where the file names its graphs itself (TriG)."""

    path: Path
    graph: NamedNode | None


def source_files() -> list[SourceFile]:
    """Return every file that a build reads, in a fixed order."""
    facts = sorted(resources.FACTS.rglob("*.trig"))
    terms = [
        *sorted(resources.ONTOLOGY.glob("*.ttl")),
        *sorted((resources.ONTOLOGY / "alignments").glob("*.ttl")),
    ]
    schemes = sorted((resources.ONTOLOGY / "vocabularies").glob("*.ttl"))
    return [
        *(SourceFile(path, None) for path in facts),
        *(SourceFile(path, ns.ONTOLOGY_GRAPH) for path in terms),
        *(SourceFile(path, NamedNode(f"{ns.GRAPH}vocabulary/{path.stem}")) for path in schemes),
        *(SourceFile(path, ns.SHAPES_GRAPH) for path in sorted(resources.SHAPES.glob("*.ttl"))),
    ]


def fingerprint() -> str:
    """Return a hash of all files that a build reads, rules and checks included; it tells whether one is due."""
    read = [source.path for source in source_files()]
    read += sorted((resources.FACTS / "curated" / "history").glob("*.json"))  # kg.folding
    read += sorted((resources.ONTOLOGY / "rules").glob("*.rq")) + sorted((resources.QUERIES / "checks").glob("*.rq"))
    digest = hashlib.sha256()
    for path in read:
        digest.update(path.name.encode() + b"\0" + path.read_bytes() + b"\0")
    return digest.hexdigest()


def load() -> list[Quad]:
    """Return the quads of all source files, blank nodes of ontology and shapes under canonical names.

    Raises UnreadableError with every syntax error of every file, CityKgError for a fact without a graph or with
    a blank node.
    """
    sources = source_files()
    quads_of = read_files(source.path for source in sources)
    quads: list[Quad] = []
    for source in sources:
        if source.graph is None:
            _refuse_loose_facts(source.path, quads_of[source.path])
            quads += quads_of[source.path]
        else:
            quads += _canonical(source, quads_of[source.path])
    return quads


def in_default_graph(graph: NamedNode) -> bool:
    """Tell whether a named graph is part of the default graph (contract: What is in which graph)."""
    return graph not in _NOT_IN_DEFAULT_GRAPH


def is_validated(graph: NamedNode) -> bool:
    """Tell whether a named graph holds statements about the world that SHACL validates."""
    return graph not in _NOT_VALIDATED and not graph.value.startswith(ns.GRAPH + "vocabulary/")


def set_union(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield the default graph: each triple once of all graphs that belong to it."""
    seen = set()
    for quad in quads:
        if isinstance(quad.graph_name, NamedNode) and in_default_graph(quad.graph_name) and quad.triple not in seen:
            seen.add(quad.triple)
            yield Quad(quad.subject, quad.predicate, quad.object, DefaultGraph())


def _refuse_loose_facts(path: Path, quads: list[Quad]) -> None:
    for quad in quads:
        if not isinstance(quad.graph_name, NamedNode):
            raise CityKgError(
                f"{path} states {quad.triple} outside any graph.",
                "Put it into the graph of the passage that states it: report:<passage> { … }",
            )
        if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
            raise CityKgError(f"{path} holds a blank node: {quad.triple}", "Give the node an IRI below id/.")


def _canonical(source: SourceFile, quads: list[Quad]) -> Iterator[Quad]:
    """Name blank nodes by RDFC-1.0 within their file, so that two builds give the same store."""
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    prefix = f"{source.path.parent.name}-{source.path.stem}-".replace(".", "-")
    for quad in sorted(dataset, key=str):
        yield Quad(_named(quad.subject, prefix), quad.predicate, _named(quad.object, prefix), source.graph)


def _named(term: Term, prefix: str) -> Term | BlankNode:
    return BlankNode(prefix + term.value) if isinstance(term, BlankNode) else term
