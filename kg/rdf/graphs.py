"""The named graphs and what each holds (contract: What is in which graph)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Triple

from kg.errors import BadValueError
from kg.rdf import namespaces as ns

INFERRED = NamedNode(ns.GRAPH + "inferred")
MEASURES = NamedNode(ns.GRAPH + "measures")
"""Measures computed from all twinnings at once (kg.measures), if the operator wants them."""
COMPUTED = frozenset({INFERRED, MEASURES})
"""The named graphs whose statements are computed, not stated by a source."""
NOT_STATED = frozenset({DefaultGraph(), *COMPUTED})
"""COMPUTED and the default graph, which repeats the statements of others."""
INTERPRETATION = NamedNode(ns.GRAPH + "interpretation")
HISTORY = NamedNode(ns.GRAPH + "history")
SHAPES = NamedNode(ns.GRAPH + "shapes")
ONTOLOGY = NamedNode(ns.GRAPH + "ontology")
ALIGNMENTS = ns.GRAPH + "alignments/"
"""The prefix of graphs that align our terms with those of others, one graph a vocabulary."""
PROFILES = ns.GRAPH + "profiles/"
"""The prefix of graphs that say where a work defines our terms and what it shows of them, one graph a work."""
VOCABULARIES = ns.GRAPH + "vocabulary/"
"""The prefix of graphs with the concepts of the files, one graph a scheme."""
PASSAGES = NamedNode(ns.GRAPH + "passages")
REGISTER = NamedNode(ns.GRAPH + "register")
GAZETTEER = NamedNode(ns.GRAPH + "gazetteer")
FOUND_BY_NAME = NamedNode(ns.GRAPH + "found-by-name")
"""What a gazetteer says of things that a program has found there by their names, not checked by anyone."""
SHARED = frozenset(
    f"{ns.GRAPH}{name}" for name in ("passages", "register", "gazetteer", "found-by-name", "interpretation")
)
"""The graphs from files that every work adds to: passages, names, places, and interpretations of editors."""

DRAFT = "curated/draft"
"""The graph of a submission without graphs, unless it names one."""
REPORT_UNION = ns.REPORT.removesuffix("/")
"""The IRI of a virtual graph: the statements of all passages of the report. For other works: kg.rdf.passages."""

_CURATED = re.compile(re.escape(ns.GRAPH) + r"curated/[a-z0-9][a-z0-9.-]{0,99}")
_NOT_IN_DEFAULT_GRAPH = {SHAPES, HISTORY}
_NOT_OF_FILES = {HISTORY, INFERRED, MEASURES}
_NOT_VALIDATED = {SHAPES, HISTORY, INFERRED, MEASURES, ONTOLOGY}


def is_profile(graph: NamedNode | BlankNode | DefaultGraph) -> bool:
    """Return True if a graph is the profile of a work."""
    return isinstance(graph, NamedNode) and graph.value.startswith(PROFILES)


def is_of_terms(graph: NamedNode) -> bool:
    """Return True if a graph of the files has terms: the ontology, alignments, concepts, or shapes."""
    return graph in (ONTOLOGY, SHAPES) or graph.value.startswith((ALIGNMENTS, VOCABULARIES))


def is_curated(iri: str) -> bool:
    """Return True if an IRI names a graph that is written through the gate."""
    return bool(_CURATED.fullmatch(iri))


def is_curated_graph(graph: object) -> bool:
    """Return True for the name of a graph that is written through the gate, False for any other term."""
    return isinstance(graph, NamedNode) and is_curated(graph.value)


def writable_graph(name: str) -> str:
    """Return the IRI of a graph that may be written, by its name or IRI; of the draft for "". Raises BadValueError."""
    name = (name or DRAFT).removeprefix(ns.GRAPH).removeprefix("graph/")
    if not is_curated(ns.GRAPH + name):
        raise BadValueError(
            f"graph={name!r} cannot be written.", "Only graph/curated/<source> can, such as graph=curated/draft."
        )
    return ns.GRAPH + name


def is_passage(iri: str) -> bool:
    """Return True if an IRI names the graph of a passage of any work."""
    return iri.startswith(ns.REPORT)


def is_of_a_work(quad: Quad) -> bool:
    """Return True if a quad stands where only files do that bring a work: among passages, or in the graph of one."""
    graph = quad.graph_name
    return graph == PASSAGES or (isinstance(graph, NamedNode) and "/" in graph.value.partition(ns.REPORT)[2])


def work_graph(name: str) -> str:
    """Return the IRI below which the graphs of a work's passages are; for a data set, the graph of all of them."""
    return ns.REPORT + name


def is_from_files(graph: NamedNode | BlankNode | DefaultGraph) -> bool:
    """Return True if a graph comes from files: it is not curated, inferred, computed, or the history."""
    return isinstance(graph, NamedNode) and graph not in _NOT_OF_FILES and not is_curated(graph.value)


def scheme_graph(scheme: str) -> NamedNode:
    """Return the graph with the concepts of a scheme from the files."""
    return NamedNode(VOCABULARIES + scheme)


def in_default_graph(graph: NamedNode) -> bool:
    """Return True if a named graph is part of the default graph."""
    return graph not in _NOT_IN_DEFAULT_GRAPH


@lru_cache(4096)
def is_validated(graph: NamedNode) -> bool:
    """Return True if a named graph holds statements about the world, which SHACL validates."""
    return graph not in _NOT_VALIDATED and not graph.value.startswith((VOCABULARIES, ALIGNMENTS, PROFILES))


def quad_in(statement: Triple | Quad, graph: NamedNode | DefaultGraph) -> Quad:
    """Return a statement as a quad of a graph."""
    return Quad(statement.subject, statement.predicate, statement.object, graph)


def default_graph_once(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield the quads of the default graph: each triple of its member graphs once."""
    seen = set()
    for quad in default_graph_quads(quads):
        if quad not in seen:
            seen.add(quad)
            yield quad


def default_graph_quads(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield the quads of its member graphs as quads of the default graph; a triple may come twice."""
    for subject, predicate, value, graph in quads:
        if isinstance(graph, NamedNode) and in_default_graph(graph):
            yield Quad(subject, predicate, value)  # in the default graph: to name it takes as long again
