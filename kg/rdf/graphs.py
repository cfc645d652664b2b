"""Which named graph is what (contract: What is in which graph)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from functools import lru_cache

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad

from kg.errors import BadValueError
from kg.rdf import namespaces as ns

INFERRED = NamedNode(ns.GRAPH + "inferred")
MEASURES = NamedNode(ns.GRAPH + "measures")
"""What a program computes of all twinnings at once (kg.measures), if the operator wants it."""
COMPUTED = frozenset({INFERRED, MEASURES})
"""The named graphs of what nobody states."""
NOT_STATED = frozenset({DefaultGraph(), *COMPUTED})
"""The same, and the default graph, which repeats what others state."""
INTERPRETATION = NamedNode(ns.GRAPH + "interpretation")
HISTORY = NamedNode(ns.GRAPH + "history")
SHAPES = NamedNode(ns.GRAPH + "shapes")
ONTOLOGY = NamedNode(ns.GRAPH + "ontology")
ALIGNMENTS = ns.GRAPH + "alignments/"
"""What the graphs begin with that set our terms beside those of others, one graph a vocabulary."""
VOCABULARIES = ns.GRAPH + "vocabulary/"
"""What the graphs begin with that hold the concepts of the files, one graph a scheme."""
PASSAGES = NamedNode(ns.GRAPH + "passages")
REGISTER = NamedNode(ns.GRAPH + "register")
SHARED = frozenset(f"{ns.GRAPH}{name}" for name in ("passages", "register", "gazetteer", "interpretation"))
"""The graphs of the files to which each work adds: its passages, names of things and concepts, places, and what editors
read."""

DRAFT = "curated/draft"
"""The graph that a submission without graphs is for, if nobody names one."""
REPORT_UNION = ns.REPORT.removesuffix("/")
"""The IRI of a virtual graph: what all passages of the report state. For those of works: kg.rdf.passages."""

_CURATED = re.compile(re.escape(ns.GRAPH) + r"curated/[a-z0-9][a-z0-9.-]{0,99}")
_NOT_IN_DEFAULT_GRAPH = {SHAPES, HISTORY}
_NOT_OF_FILES = {HISTORY, INFERRED, MEASURES}
_NOT_VALIDATED = {SHAPES, HISTORY, INFERRED, MEASURES, ONTOLOGY}


def is_curated(iri: str) -> bool:
    """Tell whether an IRI is that of a graph which is written through the gate."""
    return bool(_CURATED.fullmatch(iri))


def writable_graph(name: str) -> str:
    """Return the IRI of a graph that may be written, by its name or IRI; of the draft for "". Raises BadValueError."""
    name = (name or DRAFT).removeprefix(ns.GRAPH).removeprefix("graph/")
    if not is_curated(ns.GRAPH + name):
        raise BadValueError(
            f"graph={name!r} cannot be written.", "Only graph/curated/<source> can, such as graph=curated/draft."
        )
    return ns.GRAPH + name


def is_passage(iri: str) -> bool:
    """Tell whether an IRI is that of a graph which holds what a passage of some work states."""
    return iri.startswith(ns.REPORT)


def work_graph(name: str) -> str:
    """Return the IRI below which the graphs of a work's passages are; of a data set it is the graph of them all."""
    return ns.REPORT + name


def is_from_files(graph: NamedNode | BlankNode | DefaultGraph) -> bool:
    """Tell whether a graph comes from files: it is neither curated, nor does it follow, nor does the gate write it."""
    return isinstance(graph, NamedNode) and graph not in _NOT_OF_FILES and not is_curated(graph.value)


def scheme_graph(scheme: str) -> NamedNode:
    """Return the graph that holds the concepts of a scheme as the files have them."""
    return NamedNode(VOCABULARIES + scheme)


def in_default_graph(graph: NamedNode) -> bool:
    """Tell whether a named graph is part of the default graph."""
    return graph not in _NOT_IN_DEFAULT_GRAPH


@lru_cache(4096)
def is_validated(graph: NamedNode) -> bool:
    """Tell whether a named graph holds statements about the world that SHACL validates."""
    return graph not in _NOT_VALIDATED and not graph.value.startswith((VOCABULARIES, ALIGNMENTS))


def default_graph_once(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield the default graph: each triple once of all graphs that belong to it."""
    seen = set()
    for quad in default_graph_quads(quads):
        if quad not in seen:
            seen.add(quad)
            yield quad


def default_graph_quads(quads: Iterable[Quad]) -> Iterator[Quad]:
    """Yield what quads come to in the default graph, for a store, which holds each once: nothing is kept meanwhile."""
    default = DefaultGraph()
    for quad in quads:
        if isinstance(quad.graph_name, NamedNode) and in_default_graph(quad.graph_name):
            yield Quad(quad.subject, quad.predicate, quad.object, default)
