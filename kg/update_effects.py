"""What one operation of an update does to the graph: which quads it takes away and which it adds."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any, Protocol

from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from kg import namespaces as ns
from kg.gate import ConflictError
from kg.query_guard import Dataset
from kg.query_workers import LimitReachedError
from kg.update_errors import DefaultGraphUpdateError, RefusedUpdateError
from kg.update_operations import Creation, Modification, Operation, Removal, Transfer
from kg.update_state import State

MOST_QUADS = 100_000
"""Solutions of one WHERE; quads that an operation may take away and add, and the whole update in the end."""

Effect = tuple[list[Quad], list[Quad]]
"""Quads to take away, and to add after that."""


class Evaluates(Protocol):
    """What evaluates the operations of one update; see kg.update_scratch."""

    def check(self, text: str) -> dict[str, Any]:
        """Return what the engine says of the syntax of an operation."""

    def evaluate(self, request: dict[str, Any], state: State | None) -> tuple[dict[str, Any], bytes]:
        """Return what an operation would do to the graph in a state, None where it does not read it."""


def effect_of(operation: Operation, state: State, evaluator: Evaluates, using: Dataset | None) -> Effect:
    """Return what an operation does; `using` is the data set of a WHERE that says none.

    Raises RefusedUpdateError for graphs that are not curated, DefaultGraphUpdateError, ConflictError, and what
    `evaluator` raises.
    """
    if isinstance(operation, Modification):
        return _of_modification(operation, state, evaluator, using)
    if isinstance(operation, Removal):
        return _of_removal(operation, state)
    if isinstance(operation, Creation):
        return _of_creation(operation, state)
    return _of_transfer(operation, state, evaluator)


def too_many() -> LimitReachedError:
    """Return the error of more than MOST_QUADS quads."""
    return LimitReachedError("rows", f"more than {MOST_QUADS:,} statements change", "Send several updates.")


def _of_modification(
    operation: Modification, state: State, evaluator: Evaluates, using: Dataset | None = None
) -> Effect:
    dataset = operation.dataset or using
    request = {
        "declarations": operation.declarations,
        "graph": operation.graph,
        "removed": operation.removed,
        "added": operation.added,
        "where": operation.where,
        "dataset": dataset and [dataset.default_graphs, dataset.named_graphs],
        "rows": MOST_QUADS,
    }
    said, body = evaluator.evaluate(request, state if operation.reads else None)
    if said["default_graph"]:
        raise DefaultGraphUpdateError(
            "The update writes to the default graph, which follows from the named ones.",
            f"Say which graph states it, for example: {operation.rewritten()}",
        )
    removed, added = _quads(body[: said["removed"]]), _quads(body[said["removed"] :])
    _refuse_unwritable({*said["graphs"], *_graphs(removed), *_graphs(added)})
    return removed, added


def _of_removal(operation: Removal, state: State) -> Effect:
    _refuse_unwritable([operation.graph])
    removed = _content(operation.graph, state)
    if not removed and not operation.silent:
        raise _missing(operation.graph)
    return removed, []


def _of_creation(operation: Creation, state: State) -> Effect:
    _refuse_unwritable([operation.graph])
    if not operation.silent and any(True for _ in state.quads(operation.graph)):
        raise ConflictError(f"There is a graph <{operation.graph}> already.", "Leave CREATE out, or say CREATE SILENT.")
    return [], []


def _of_transfer(operation: Transfer, state: State, evaluator: Evaluates) -> Effect:
    """ADD adds; COPY empties its target before; MOVE empties its source as well (SPARQL 1.1 Update, section 3.2)."""
    source, target = operation.source, operation.target
    moved_from = [source] if operation.word == "MOVE" and source is not None else []
    _refuse_unwritable([target, *moved_from])
    if source is not None and not any(True for _ in state.quads(source)):
        if operation.silent:
            return [], []
        raise _missing(source)
    if source == target:
        return [], []
    read = "{ ?s ?p ?o }" if source is None else f"{{ GRAPH <{source}> {{ ?s ?p ?o }} }}"
    _, added = _of_modification(Modification.copy(read, target), state, evaluator)
    emptied = moved_from if operation.word == "ADD" else [*moved_from, target]
    return [quad for graph in emptied for quad in _content(graph, state)], added


def _content(graph: str, state: State) -> list[Quad]:
    found = list(islice(state.quads(graph), MOST_QUADS + 1))
    if len(found) > MOST_QUADS:
        raise too_many()
    return found


def _quads(lines: bytes) -> list[Quad]:
    return list(parse(lines, RdfFormat.N_QUADS))


def _graphs(quads: Iterable[Quad]) -> set[str]:
    return {quad.graph_name.value for quad in quads if isinstance(quad.graph_name, NamedNode)}


def _refuse_unwritable(graphs: Iterable[str]) -> None:
    for graph in sorted(graphs):
        if not ns.CURATED_GRAPH.fullmatch(graph):
            raise RefusedUpdateError(
                f"The update writes to <{graph}>, which is not written through this address.",
                f"Only <{ns.GRAPH}curated/…> is, a name in small letters, digits, dots and hyphens. If GRAPH ?g stands "
                f'in the template, add FILTER(STRSTARTS(STR(?g), "{ns.GRAPH}curated/")).',
            )


def _missing(graph: str) -> ConflictError:
    return ConflictError(f"There is no graph <{graph}>.", "Say SILENT if that is as good.")
