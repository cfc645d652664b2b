"""Bring the project's own files into quads: which file goes into which named graph, and what a file may not hold."""

from __future__ import annotations

import hashlib
import inspect
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, NamedNode, Quad

from kg import resources
from kg.errors import CityKgError
from kg.history import provenance_of
from kg.migrations import migrations
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.parse import read_files

T = TypeVar("T")


@dataclass(frozen=True)
class SourceFile:
    """A file of the project; `graph` is None where the file names its graphs itself (TriG)."""

    path: Path
    graph: NamedNode | None


def source_files() -> list[SourceFile]:
    """Return every file that a build reads, in a fixed order."""
    facts = sorted(resources.FACTS.rglob("*.trig"))
    terms = sorted(resources.ONTOLOGY.glob("*.ttl"))
    alignments = sorted((resources.ONTOLOGY / "alignments").glob("*.ttl"))
    schemes = sorted((resources.ONTOLOGY / "vocabularies").glob("*.ttl"))
    return [
        *(SourceFile(path, None) for path in facts),
        *(SourceFile(path, graphs.ONTOLOGY) for path in terms),
        *(SourceFile(path, NamedNode(graphs.ALIGNMENTS + path.stem)) for path in alignments),
        *(SourceFile(path, NamedNode(f"{ns.GRAPH}vocabulary/{path.stem}")) for path in schemes),
        *(SourceFile(path, graphs.SHAPES) for path in sorted(resources.SHAPES.glob("*.ttl"))),
    ]


def fingerprint() -> str:
    """Return a hash of all files that a build reads, rules and checks included; it says whether one is due.

    What a build says of changes is a rule, too, though written in Python.
    """
    read = [source.path for source in source_files()]
    read += sorted((resources.FACTS / "curated" / "history").glob("*.json"))  # kg.history.fold
    read += sorted((resources.ONTOLOGY / "rules").glob("*.rq")) + sorted((resources.QUERIES / "checks").glob("*.rq"))
    read += migrations().values()
    read.append(Path(inspect.getfile(provenance_of)))
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


def _named(term: T, prefix: str) -> T | BlankNode:
    return BlankNode(prefix + term.value) if isinstance(term, BlankNode) else term
