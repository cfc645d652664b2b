"""Evaluate the operations of one update over an open store, as readings of a worker (kg.readings).

An update is never run on the store: what comes of an operation are the quads that it would remove and add. The engine
parses the templates; they are instantiated with solutions here.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Any, TypedDict
from uuid import uuid4

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QuerySolution,
    QuerySolutions,
    Store,
    Triple,
)

from kg.errors import QueryError
from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term
from kg.rdf.serialise import to_text
from kg.readings import Reading
from kg.sparql.evaluation import Dataset, Unions, run
from kg.sparql.text import QuerySyntaxError, tokens
from kg.updates.errors import UpdateError
from kg.workers import LimitReachedError

HINT = "Change less at a time, and add patterns that connect the parts of the WHERE."

_NOWHERE = "urn:uuid:1ad5e9a6-5a1c-4d3b-9c36-0d7a1f0e7f55"
_FAILING = f"DROP GRAPH <{_NOWHERE}> ;"
"""An operation that fails, put before one whose syntax is checked: the engine parses all before it runs the first."""

_PLACE = re.compile(r"error at (\d+):(\d+)")
_VARIABLE = re.compile(r"[?$]([\w\u00b7\u0300-\u036f\u203f\u2040]+)")  # SPARQL 1.1, VARNAME

QuadPart = Term | DefaultGraph | None
"""A term of an instantiated quad; None for a variable without a value."""


class Fault(TypedDict):
    """What is wrong with the syntax of an operation, by its place among others.

    `message` is the engine's, `offset` that of the error in the declarations and the operation together.
    """

    place: int
    message: str
    offset: int


class OperationEffect(TypedDict):
    """The quads that an operation removes and adds, as N-Quads in the engine's form.

    `graphs` are those that its templates name; `default_graph` is True if they have statements outside any.
    """

    removed: str
    added: str
    graphs: list[str]
    default_graph: bool


@Reading
def first_fault(store: Store, operations: Sequence[tuple[str, str]]) -> Fault | None:
    """Return what is wrong with the first operation that is not well-formed; each comes after its declarations."""
    for place, (declarations, operation) in enumerate(operations):
        text = f"{declarations}{_FAILING}{operation}"
        try:
            Store().update(text, base_iri=ns.BASE, prefixes=ns.PREFIXES)
        except SyntaxError as error:
            at = _error_offset(str(error), text)
            offset = at - len(_FAILING) if at >= len(declarations + _FAILING) else min(at, len(declarations))
            return Fault(place=place, message=str(error), offset=offset)
        except RuntimeError as error:
            if _NOWHERE not in str(error):
                raise
    return None


def _error_offset(message: str, text: str) -> int:
    """Return the offset of an error from the engine's message, whose line and column count code points from 1."""
    found = _PLACE.search(message)
    line, column = (int(found[1]), int(found[2])) if found else (1, 1)
    return sum(len(before) + 1 for before in text.split("\n")[: line - 1]) + column - 1


@Reading
def operation_effect(store: Store, request: dict[str, Any]) -> OperationEffect:
    """Return the effect of an operation. Raises UpdateError, LimitReachedError for more than `rows` rows."""
    try:
        removing, adding = (
            QuadTemplate(request["declarations"], request["graph"], request[name]) for name in ("removed", "added")
        )
        removed: set[Quad] = set()
        added: set[Quad] = set()
        for count, solution in enumerate(_solutions(store, request, removing, adding), start=1):
            removed.update(removing.instantiate(solution))
            added.update(adding.instantiate(solution))
            if max(count, len(removed) + len(added)) > request["rows"]:
                raise LimitReachedError("rows", f"more than {request['rows']:,} rows", HINT, "update")
    except LimitReachedError:
        raise
    except (QuerySyntaxError, SyntaxError, ValueError) as error:  # in a text put together here: its line says nothing
        raise UpdateError("The engine could not evaluate the update.") from error
    except QueryError as error:
        raise UpdateError(error.message, error.hint) from error
    return OperationEffect(
        removed=_canonical_n_quads(removed),
        added=_canonical_n_quads(added),
        graphs=sorted(removing.graphs | adding.graphs),
        default_graph=removing.writes_default_graph or adding.writes_default_graph,
    )


class QuadTemplate:
    """Quads with variables, and with blank nodes that are new for each solution."""

    def __init__(self, declarations: str, graph: str | None, text: str) -> None:
        """Parse a template in braces; statements outside GRAPH go to `graph`, which is that of WITH.

        Raises SyntaxError, and QueryError for a triple term.
        """
        named = {match[1] for token in tokens(text) if (match := _VARIABLE.match(text, token.start))}
        self.variables = sorted(named)
        prefix = f"urn:uuid:{uuid4()}:"
        self._names = {NamedNode(f"{prefix}{place}"): name for place, name in enumerate(self.variables)}
        scratch = Store()
        scratch.update(self._insertion(declarations, graph, text or "{}"), base_iri=ns.BASE, prefixes=ns.PREFIXES)
        self._quads = list(scratch)
        for quad in self._quads:
            _refuse_triple_term(quad.object)

    def _insertion(self, declarations: str, graph: str | None, text: str) -> str:
        variables = " ".join(f"?{name}" for name in self.variables)
        values = " ".join(map(str, self._names))
        scope = f"WITH <{graph}> " if graph else ""
        return f"{declarations}{scope}INSERT {text} WHERE {{ VALUES ({variables}) {{ ({values}) }} }}"

    @property
    def has_blank_nodes(self) -> bool:
        """True if the template has blank nodes."""
        return any(isinstance(term, BlankNode) for quad in self._quads for term in (quad.subject, quad.object))

    @property
    def writes_default_graph(self) -> bool:
        """True if the template has statements outside any graph."""
        return any(isinstance(quad.graph_name, DefaultGraph) for quad in self._quads)

    @property
    def graphs(self) -> set[str]:
        """The IRIs of the graphs in the template, without those that a variable names."""
        names = {quad.graph_name for quad in self._quads} - self._names.keys()
        return {name.value for name in names if isinstance(name, NamedNode)}

    def instantiate(self, solution: QuerySolution) -> Iterator[Quad]:
        """Yield the quads of a solution, without invalid ones: those with an unbound variable or a literal subject.

        Raises QueryError for a triple term (SPARQL 1.1 Update, section 3.1.3).
        """
        nodes: dict[BlankNode, BlankNode] = {}
        for quad in self._quads:
            subject, predicate, value, graph = (self._value(term, solution, nodes) for term in quad)
            _refuse_triple_term(value)
            _refuse_triple_term(subject)
            if (
                isinstance(subject, NamedNode | BlankNode)
                and isinstance(predicate, NamedNode)
                and isinstance(value, NamedNode | BlankNode | Literal)
                and isinstance(graph, NamedNode)
            ):
                yield Quad(subject, predicate, value, graph)

    def _value(self, term: QuadPart, solution: QuerySolution, nodes: dict[BlankNode, BlankNode]) -> QuadPart:
        if isinstance(term, BlankNode):
            return nodes.setdefault(term, BlankNode())
        if isinstance(term, NamedNode) and term in self._names:
            term = solution[self._names[term]]
        return term


def _refuse_triple_term(term: QuadPart) -> None:
    if isinstance(term, Triple):
        raise QueryError("The update writes a triple term.", "Write RDF 1.1: cd:StatementReference names a triple.")


def _solutions(store: Store, request: dict[str, Any], removing: QuadTemplate, adding: QuadTemplate) -> QuerySolutions:
    """Return the solutions of the WHERE clause, without duplicates where these make no difference."""
    names = sorted({*removing.variables, *adding.variables}) or ["nothing"]
    distinct = "" if adding.has_blank_nodes else "DISTINCT"
    projected = " ".join(f"?{name}" for name in names)
    query = (
        f"{request['declarations']}SELECT {distinct} {projected} WHERE {request['where']} LIMIT {request['rows'] + 1}"
    )
    found = _run_query(store, query, request)
    assert isinstance(found, QuerySolutions)
    return found


def _run_query(store: Store, query: str, request: dict[str, Any]) -> object:
    """Run a query on the dataset of the request, else with the graph of WITH as default graph, else on the store."""
    default = NamedNode(request["graph"]) if request["graph"] else DefaultGraph()
    if request["dataset"] is not None:
        return Unions(store, 0).evaluate(query, Dataset(*map(tuple, request["dataset"])))[0]
    return run(store, query, default_graph=[default])


def _canonical_n_quads(quads: Iterable[Quad]) -> str:
    """Return quads as N-Quads, in the engine's form."""
    scratch = Store()
    scratch.extend(quads)
    return to_text(scratch)
