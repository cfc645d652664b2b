"""Turn a SPARQL 1.1 Update into the quads that it adds and removes, without ever running it on the graph.

Each operation is evaluated as a query over a snapshot, in a worker that can be killed, and its templates are filled
with the solutions. Later operations read a private copy that has what earlier ones changed. See
docs/decisions/updates.md.
"""

from __future__ import annotations

from pyoxigraph import BlankNode, Quad, Store

from kg.rdf.change import Change
from kg.rdf.lookup import match
from kg.rdf.skolemise import MOST_ALIKE, MOST_BLANK_NODES, has_blank_node, indistinguishable_nodes, skolemise
from kg.sparql.evaluation import Dataset
from kg.sparql.text.spans import GraphOperation, Modification
from kg.store import Build, DataFolder
from kg.updates.effects import MOST_QUADS, effect_of, too_many_quads_error
from kg.updates.errors import UpdateError, UpdateTooLongError
from kg.updates.evaluator import Evaluator, GraphState
from kg.updates.reading import operations_of
from kg.workers import QueryPool

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
