"""Turn a SPARQL 1.1 Update into the quads that it adds and removes, without ever running it on the graph.

Each operation is evaluated as a query over a snapshot, in a worker that can be killed, and its templates are filled
with the solutions. Later operations read a private copy that has what earlier ones changed. See
docs/decisions/updates.md.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice
from typing import Any

from pyoxigraph import BlankNode, NamedNode, Quad, Store

from kg.history import ConflictError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.lookup import match
from kg.rdf.serialise import from_text
from kg.rdf.skolemise import MOST_ALIKE, MOST_BLANK_NODES, has_blank_node, indistinguishable_nodes, skolemise
from kg.sparql.evaluation import Dataset
from kg.sparql.text.spans import GraphOperation, Modification
from kg.store import Build, DataFolder
from kg.updates.errors import DefaultGraphUpdateError, RefusedUpdateError, UpdateError, UpdateTooLongError
from kg.updates.evaluation import OperationEffect
from kg.updates.evaluator import Evaluator, GraphState
from kg.updates.reading import DRAFT, Operation, operations_of
from kg.workers import LimitReachedError, QueryPool

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


_LEAVE_OUT = "Leave such nodes out: FILTER(!isBlank(?node))"
_COPY_ONE = (
    "The default graph holds what all graphs state, the ontology too. Name the graph that you mean, COPY GRAPH <…> TO "
    "GRAPH <…>, or say what is to be copied: INSERT { GRAPH <…> { … } } WHERE { … }"
)


def change_of(
    text: str,
    folder: DataFolder,
    build: Build,
    store: Store,
    skolem: str,
    *,
    pool: QueryPool,
    using: Dataset | None = None,
    seconds: float | None = None,
) -> Change:
    """Return the change of an update to a revision: the quads that it adds, and those that it removes.

    `store` is the open snapshot of `build`, and the workers of `pool` evaluate. `skolem` stands for the update in the
    IRIs that blank nodes get. `using` is the data set that the parameters of the protocol give to each WHERE. The
    limits are those of the pool, that of seconds for the whole update; `seconds` may lower it.

    Raises UpdateTooLongError; UpdateSyntaxError; UpdateError for what is well-formed and cannot be followed;
    RefusedUpdateError for LOAD, SERVICE and graphs that are not curated; DefaultGraphUpdateError; ConflictError for a
    graph that is not there, or is there already; LimitReachedError; and BusyError and WorkerLostError.
    """
    if len(text) > pool.limits.query_length:
        raise UpdateTooLongError(len(text), pool.limits.query_length)
    seconds = min(seconds or pool.limits.seconds, pool.limits.seconds)
    with Evaluator(folder, build, store, pool, seconds) as evaluator:
        return effects_of(text, store, evaluator, skolem, using)


def effects_of(text: str, store: Store, evaluator: Evaluator, skolem: str, using: Dataset | None = None) -> Change:
    """Return the change of an update to a store, by an evaluator of its operations; see change_of."""
    operations = operations_of(text, evaluator.check)
    if using is not None and any(isinstance(one, Modification) and (one.using or one.graph) for one in operations):
        raise UpdateError(
            "The request has using-graph-uri or using-named-graph-uri, and the update itself says USING or WITH.",
            "Leave out the one or the other (SPARQL 1.1 Protocol, section 2.2.3).",
        )
    state = GraphState(store)
    for operation in operations:
        state.change(*effect_of(operation, state, evaluator, using))
        if len(state.added) + len(state.removed) > MOST_QUADS:
            raise too_many_quads_error()
    copies_all = any(isinstance(one, GraphOperation) and "DEFAULT" in one.graphs for one in operations)
    return Change.of(_with_iris(state, skolem, _COPY_ONE if copies_all else _LEAVE_OUT), state.removed)


def _with_iris(state: GraphState, skolem: str, hint: str) -> list[Quad]:
    """Return the added quads with IRIs for their blank nodes, all of which must be new.

    Raises UpdateError, with the `hint` for one that is not.
    """
    unnamed = [quad for quad in state.added if has_blank_node(quad)]
    nodes = {term for quad in unnamed for term in (quad.subject, quad.object) if isinstance(term, BlankNode)}
    if len(nodes) > MOST_BLANK_NODES:
        raise UpdateError(f"The update adds more than {MOST_BLANK_NODES:,} blank nodes.", "Give the nodes IRIs.")
    if any(_is_in(state.store, node) for node in nodes):
        raise UpdateError(
            "The update writes a blank node of the ontology or the shapes, which has no name elsewhere.", hint
        )
    if alike := indistinguishable_nodes(unnamed):
        raise UpdateError(
            f"{len(alike)} connected blank nodes look alike, so nothing tells them apart.",
            f"Give the nodes IRIs; up to {MOST_ALIKE} such nodes are distinguished.",
        )
    return [*(state.added - set(unnamed)), *(quad for quad, _ in skolemise(unnamed, skolem))]


def _is_in(store: Store, node: BlankNode) -> bool:
    as_subject = match(store, node)
    return next(as_subject, None) is not None or next(match(store, None, None, node), None) is not None
