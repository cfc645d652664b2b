"""The effects of the operations of an update: the quads that each removes and adds, after those before it."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from pyoxigraph import NamedNode, Quad

from kg.history import ConflictError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.serialise import from_text
from kg.sparql.evaluation import Dataset
from kg.sparql.text.spans import GraphOperation, Modification
from kg.updates.errors import DefaultGraphUpdateError, RefusedUpdateError
from kg.updates.evaluation import OperationEffect
from kg.updates.evaluator import Evaluator, GraphState
from kg.updates.reading import DRAFT, Operation
from kg.workers import LimitReachedError

MOST_QUADS = 100_000
"""Solutions of one WHERE; quads that an operation may take away and add, and the whole update in the end."""

_LONGEST_SHOWN = 2_000  # characters of a rewritten operation

Effect = tuple[list[Quad], list[Quad]]
"""Quads to take away, and to add after that."""


def effect_of(operation: Operation, state: GraphState, evaluator: Evaluator, using: Dataset | None) -> Effect:
    """Return the effect of an operation; `using` is the data set of a WHERE without one.

    Raises RefusedUpdateError for graphs that are not curated, DefaultGraphUpdateError, ConflictError, and what
    `evaluator` raises.
    """
    if isinstance(operation, Modification):
        return _of_modification(operation, state, evaluator, using)
    if operation.word in ("CLEAR", "DROP"):
        return _of_removal(operation, state)
    if operation.word == "CREATE":
        return _of_creation(operation, state)
    return _of_transfer(operation, state, evaluator)


def too_many_quads_error() -> LimitReachedError:
    """Return the error for more than MOST_QUADS quads."""
    return LimitReachedError("rows", f"more than {MOST_QUADS:,} statements change", "Send several updates.")


def _of_modification(operation: Modification, state: GraphState, evaluator: Evaluator, using: Dataset | None) -> Effect:
    piece = operation.piece
    dataset = Dataset(*operation.using) if operation.using else using
    request = {
        "declarations": piece.declarations,
        "graph": operation.graph,
        "removed": piece.at(operation.removed),
        "added": piece.at(operation.added),
        "where": piece.at(operation.where) or "{}",
        "dataset": dataset and [dataset.default_graphs, dataset.named_graphs],
    }
    found = _evaluate(request, state, evaluator)
    if found["default_graph"]:
        rewritten = operation.in_graph(DRAFT)
        shown = rewritten if len(rewritten) <= _LONGEST_SHOWN else f"… {{ GRAPH <{DRAFT}> {{ … }} }} …"
        raise DefaultGraphUpdateError(
            "The update writes to the default graph, which follows from the named ones.",
            f"Say which graph states it, for example: {shown}",
        )
    removed, added = from_text(found["removed"]), from_text(found["added"])
    _refuse_unwritable({*found["graphs"], *_graphs(removed), *_graphs(added)})
    return removed, added


def _evaluate(request: dict[str, Any], state: GraphState, evaluator: Evaluator) -> OperationEffect:
    """Return what comes of a request; an empty WHERE reads no graph."""
    return evaluator.evaluate({**request, "rows": MOST_QUADS}, None if request["where"] == "{}" else state)


def _of_removal(operation: GraphOperation, state: GraphState) -> Effect:
    [graph] = operation.graphs
    _refuse_unwritable([graph])
    removed = _content(graph, state)
    if not removed and not operation.is_silent:
        raise _missing(graph)
    return removed, []


def _of_creation(operation: GraphOperation, state: GraphState) -> Effect:
    [graph] = operation.graphs
    _refuse_unwritable([graph])
    if not operation.is_silent and any(True for _ in state.quads(graph)):
        raise ConflictError(f"There is a graph <{graph}> already.", "Leave CREATE out, or say CREATE SILENT.")
    return [], []


def _of_transfer(operation: GraphOperation, state: GraphState, evaluator: Evaluator) -> Effect:
    """ADD adds; COPY empties its target before; MOVE empties its source as well (SPARQL 1.1 Update, section 3.2)."""
    source, target = operation.graphs
    moved_from = [source] if operation.word == "MOVE" else []
    _refuse_unwritable([target, *moved_from])
    if source != "DEFAULT" and not any(True for _ in state.quads(source)):
        if operation.is_silent:
            return [], []
        raise _missing(source)
    if source == target:
        return [], []
    request = {
        "declarations": "",
        "graph": None,
        "removed": "",
        "added": f"{{ GRAPH <{target}> {{ ?s ?p ?o }} }}",
        "where": "{ ?s ?p ?o }" if source == "DEFAULT" else f"{{ GRAPH <{source}> {{ ?s ?p ?o }} }}",
        "dataset": None,
    }
    added = from_text(_evaluate(request, state, evaluator)["added"])
    emptied = moved_from if operation.word == "ADD" else [*moved_from, target]
    return [quad for graph in emptied for quad in _content(graph, state)], added


def _content(graph: str, state: GraphState) -> list[Quad]:
    found = list(islice(state.quads(graph), MOST_QUADS + 1))
    if len(found) > MOST_QUADS:
        raise too_many_quads_error()
    return found


def _graphs(quads: Iterable[Quad]) -> set[str]:
    return {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}


def _refuse_unwritable(written: Iterable[str]) -> None:
    for graph in sorted(written):
        if not graphs.is_curated(graph):
            raise RefusedUpdateError(
                f"The update writes to <{graph}>, which is not written through this address.",
                f"Only <{ns.GRAPH}curated/…> is, a name in small letters, digits, dots and hyphens. If GRAPH ?g stands "
                f'in the template, add FILTER(STRSTARTS(STR(?g), "{ns.GRAPH}curated/")).',
            )


def _missing(graph: str) -> ConflictError:
    return ConflictError(f"There is no graph <{graph}>.", "Say SILENT if that is as good.")
