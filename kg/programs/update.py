"""The program that evaluates the operations of one update.

Run as `python -m kg.programs.update SNAPSHOT MEMORY_BYTES SECONDS`.

It opens a read-only snapshot, gives up sockets, writing and memory beyond its share, and answers requests from standard
input on standard output (kg.frames) until its input ends. An update is never run on the snapshot: the answer to a
request are the quads that an operation would remove and add. The engine parses the templates; they are instantiated
with solutions here.
"""

from __future__ import annotations

import re
import signal
import sys
from collections.abc import Iterable, Iterator
from functools import partial
from typing import Any
from uuid import uuid4

from pyoxigraph import (
    BlankNode,
    DefaultGraph,
    Literal,
    NamedNode,
    Quad,
    QuerySolution,
    QuerySolutions,
    RdfFormat,
    Store,
    Triple,
    serialize,
)

from kg.errors import QueryError
from kg.frames import send
from kg.programs import sandbox
from kg.programs.exchange import GRACE, Frame, LimitError, evaluate_to_frame, requests
from kg.rdf import namespaces as ns
from kg.rdf.lookup import Term
from kg.sparql.evaluation import Dataset, Unions, run
from kg.sparql.text import QuerySyntaxError, tokens

_NOWHERE = "urn:uuid:1ad5e9a6-5a1c-4d3b-9c36-0d7a1f0e7f55"
_FAILING = f"DROP GRAPH <{_NOWHERE}> ;"
"""An operation that fails, put before one whose syntax is checked: the engine parses all before it runs the first."""

_PLACE = re.compile(r"error at (\d+):(\d+)")
_VARIABLE = re.compile(r"[?$]([\w\u00b7\u0300-\u036f\u203f\u2040]+)")  # SPARQL 1.1, VARNAME

QuadPart = Term | DefaultGraph | None
"""A term of an instantiated quad; None for a variable without a value."""


def main() -> int:
    """Answer requests until standard input ends."""
    snapshot, memory_bytes, seconds = sys.argv[1], int(sys.argv[2]), float(sys.argv[3])
    signal.setitimer(signal.ITIMER_REAL, seconds + GRACE)
    store = Store.read_only(snapshot)
    sandbox.enter(memory_bytes)
    for request, text in requests():
        send(*answer(store, request, text))
    return 0


def answer(store: Store, request: dict[str, Any], text: str) -> Frame:
    """Return the frame that answers a request.

    `check` checks the syntax of an operation with the `declarations` before it. The answer is `fine`, or `syntax` with
    the engine's message and the `offset` of the error in declarations and text together. For `evaluate`
    the answer is `quads` (the quads of the operation, those to remove in the first `removed` bytes), `limit` or
    `refused`.
    """
    if request["kind"] == "check":
        return evaluate_to_frame(partial(_check_syntax, request["declarations"], text), "update")
    return evaluate_to_frame(partial(_evaluate, store, request), "update")


def _check_syntax(declarations: str, operation: str) -> Frame:
    text = f"{declarations}{_FAILING}{operation}"
    try:
        Store().update(text, base_iri=ns.BASE, prefixes=ns.PREFIXES)
    except SyntaxError as error:
        place = _error_offset(str(error), text)
        offset = place - len(_FAILING) if place >= len(declarations + _FAILING) else min(place, len(declarations))
        return {"kind": "syntax", "message": str(error), "offset": offset}, b""
    except RuntimeError as error:
        if _NOWHERE not in str(error):
            raise
    return {"kind": "fine"}, b""


def _error_offset(message: str, text: str) -> int:
    """Return the offset of an error from the engine's message, whose line and column count code points from 1."""
    found = _PLACE.search(message)
    line, column = (int(found[1]), int(found[2])) if found else (1, 1)
    return sum(len(before) + 1 for before in text.split("\n")[: line - 1]) + column - 1


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


def _evaluate(store: Store, request: dict[str, Any]) -> Frame:
    removing, adding = (
        QuadTemplate(request["declarations"], request["graph"], request[name]) for name in ("removed", "added")
    )
    summary = {
        "graphs": sorted(removing.graphs | adding.graphs),
        "default_graph": removing.writes_default_graph or adding.writes_default_graph,
    }
    removed: set[Quad] = set()
    added: set[Quad] = set()
    for count, solution in enumerate(_solutions(store, request, removing, adding), start=1):
        removed.update(removing.instantiate(solution))
        added.update(adding.instantiate(solution))
        if max(count, len(removed) + len(added)) > request["rows"]:
            raise LimitError("rows", f"more than {request['rows']:,} rows")
    first, second = _canonical_n_quads(removed), _canonical_n_quads(added)
    return {"kind": "quads", "removed": len(first), **summary}, first + second


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
    try:
        if request["dataset"] is not None:
            return Unions(store, 0).evaluate(query, Dataset(*map(tuple, request["dataset"])))[0]
        return run(store, query, default_graph=[default])
    except QuerySyntaxError as error:  # the text was put together here, so its line and column mean nothing
        raise ValueError from error


def _canonical_n_quads(quads: Iterable[Quad]) -> bytes:
    """Return quads as N-Quads, in the engine's form."""
    scratch = Store()
    scratch.extend(quads)
    return serialize(scratch, format=RdfFormat.N_QUADS) or b""


if __name__ == "__main__":
    sys.exit(main())
