"""Dialects: where engines differ from the standards, and how a copy is kept there anyway.

An engine holds each named graph. It also holds the default graph if it is to have questions: as its own where it has
one that is ours alone, else as one named graph more, `UNION`. For a union that the engine makes would count a
triple once for each graph that states it. The scopes of the graph that have stores of their own (kg.rdf.scopes) are
named graphs as well, each with what its default graph holds. So the data set of a request says which scope is asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from email.message import Message

from pyoxigraph import Literal, NamedNode, Triple

from kg.rdf import namespaces as ns
from kg.rdf.scopes import EVERYTHING
from kg.rdf.vocabulary import XSD

UNION = NamedNode(ns.GRAPH + "union")
"""The graph that stands for the default graph in an engine that has none of its own."""
REPLICA = NamedNode(ns.GRAPH + "replica")
"""The graph in which an engine says of which data set at which revision it is a copy."""

Words = Sequence[tuple[str, str]]
"""Names and values of a form."""


def union_of(scope: str) -> NamedNode:
    """Return the graph that stands for the default graph of a scope."""
    return UNION if scope == EVERYTHING else NamedNode(f"{UNION.value}/{scope}")


@dataclass(frozen=True)
class Dialect:
    """The dialect of one kind of engine."""

    name: str
    server: str = ""
    """The beginning of its header Server."""
    own_default_graph: bool = False
    """True if what is loaded into its default graph, and nothing else, is what queries see without GRAPH."""
    copies_default_graph: bool = False
    """True if ours is a named graph there, since it has no default graph that can be written."""
    adding: Words = ()
    """The parameters of the address, besides the graph, for triples that may be added in parts."""
    most_statements: int = 1_000
    """Statements that one update may hold."""
    system: frozenset[str] = frozenset()
    """IRIs of graphs that are always there."""

    @property
    def can_answer(self) -> bool:
        """True if it holds the default graph, so that it can answer questions."""
        return self.own_default_graph or self.copies_default_graph

    def data_set_parameters(self, scope: str) -> Words:
        """Return the form parameters that limit a query to a scope."""
        if self.own_default_graph and scope == EVERYTHING:
            return ()
        return [("default-graph-uri", union_of(scope).value)]

    def encode(self, triple: Triple) -> Triple:
        """Return a triple in the form in which it is sent, so that nothing of it is lost."""
        return triple

    def decode(self, triple: Triple) -> Triple:
        """Return a triple as it was before `encode`, from one that the engine gives back."""
        return triple

    def timeout_parameters(self, seconds: float) -> Words:
        """Return the form parameters that set a timeout in the engine."""
        return ()

    def partial_reason(self, status: int, headers: Message) -> str:
        """Return why an answer is partial, empty if it is whole."""
        return ""


class _Virtuoso(Dialect):
    """Virtuoso 7: it has no default graph but the union of all graphs, and answers with a part when time is up."""

    def encode(self, triple: Triple) -> Triple:
        """Return a triple with points of a datatype that it does not know; of its own it keeps seven digits."""
        point = triple.object
        return _with(triple, _KEPT) if isinstance(point, Literal) and point.datatype == _WKT else triple

    def decode(self, triple: Triple) -> Triple:
        """Return a triple with points of their datatype, and with integers of more than 32 bits as such."""
        found = triple.object
        if not isinstance(found, Literal):
            return triple
        if found.datatype == XSD.decimal and "." not in found.value and abs(int(found.value)) > _LARGEST:
            return _with(triple, XSD.integer)
        return _with(triple, _WKT) if found.datatype == _KEPT else triple

    def timeout_parameters(self, seconds: float) -> Words:
        """Return its time limit, in milliseconds, of which it takes less than 1,000 as none."""
        return [("timeout", str(max(1_000, round(seconds * 1_000))))]

    def partial_reason(self, status: int, headers: Message) -> str:
        """Return its reason: for time a header of its state, for rows another header."""
        if status == 206 or headers.get("X-SQL-State"):
            return "time was up"
        if rows := headers.get("X-SPARQL-MaxRows"):
            return f"it gives no more than {rows} rows"
        return ""


_LARGEST = 2**31 - 1
_WKT = NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral")
_KEPT = NamedNode(_WKT.value + "-as-written")


def _with(triple: Triple, datatype: NamedNode) -> Triple:
    assert isinstance(triple.object, Literal)
    return Triple(triple.subject, triple.predicate, Literal(triple.object.value, datatype=datatype))


_SYSTEM = ("http://www.openlinksw.com/schemas/virtrdf#", "http://www.w3.org/ns/ldp#", "urn:core:services:sparql")
GENERIC = Dialect("generic")
OXIGRAPH = Dialect(
    "oxigraph",
    "Oxigraph",
    own_default_graph=True,
    adding=(("no_transaction", "true"),),  # three times as fast
    most_statements=5_000,
)
VIRTUOSO = _Virtuoso(
    "virtuoso",
    "Virtuoso",
    copies_default_graph=True,
    most_statements=400,
    system=frozenset({*_SYSTEM, "urn:activitystreams-owl:map"}),
)
_KNOWN = (OXIGRAPH, VIRTUOSO)


def dialect_of(server: str) -> Dialect:
    """Return the dialect of an engine by its header Server; the generic one where it is unknown."""
    return next((dialect for dialect in _KNOWN if server.startswith(dialect.server)), GENERIC)
