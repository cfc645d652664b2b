"""What engines do otherwise than the standards say, or than they leave open, and how that is made good.

Tests compare all of it with the engines themselves.

An engine holds each named graph, and the default graph: as its own where it has one that is ours alone, else as one
named graph more, `UNION`, which each query names as its default graph. For a union that the engine makes
would count a triple once for each graph that states it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from email.message import Message

from pyoxigraph import Literal, NamedNode, Triple

from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import XSD

UNION = NamedNode(ns.GRAPH + "union")
"""The graph that stands for the default graph in an engine that has none of its own."""
REPLICA = NamedNode(ns.GRAPH + "replica")
"""The graph in which an engine says of which data set at which revision it is a copy."""

Words = Sequence[tuple[str, str]]
"""Names and values of a form."""


@dataclass(frozen=True)
class Dialect:
    """How one kind of engine is spoken to."""

    name: str
    server: str = ""
    """How its header Server begins."""
    own_default_graph: bool = False
    """Whether what is loaded into its default graph, and nothing else, is what queries see without GRAPH."""
    adding: Words = ()
    """What the address says, besides the graph, when triples are added that may be added in part."""
    most_statements: int = 1_000
    """Statements that one update may hold."""
    hidden: frozenset[str] = frozenset({UNION.value, REPLICA.value})
    """IRIs of graphs that are there and no part of the data set."""
    mended: Callable[[bytes], bytes] | None = None
    """Makes of whole lines of an answer, JSON or N-Triples, what the standards say and `written` was given."""

    def asked(self, text: str, default_graphs: Sequence[str], named_graphs: Sequence[str]) -> tuple[str, Words]:
        """Return the text to send for a query on a data set, and what the form says besides.

        Without a data set, the query is about the whole. A query with GRAPH then needs the names of all graphs, unless
        the engine has a default graph of its own.
        """
        defaults = default_graphs or (() if self.own_default_graph else (UNION.value,))
        words = [("default-graph-uri", graph) for graph in defaults]
        return text, [*words, *(("named-graph-uri", graph) for graph in named_graphs)]

    def written(self, triple: Triple) -> Triple:
        """Return a triple as it is sent to be stored, so that nothing of it is lost."""
        return triple

    def limited(self, seconds: float) -> Words:
        """Return what the form says so that the engine itself gives up in time."""
        return ()

    def partial(self, status: int, headers: Message) -> str:
        """Return why an answer is only a part, empty if it is all."""
        return ""


class _Virtuoso(Dialect):
    """Virtuoso 7: it has no default graph but the union of all graphs, and answers with a part when time is up."""

    def asked(self, text: str, default_graphs: Sequence[str], named_graphs: Sequence[str]) -> tuple[str, Words]:
        """Return the text with the data set in pragmas before it: it repeats each graph of a form as a header."""
        pragmas = [f"define input:default-graph-uri <{graph}>" for graph in default_graphs or (UNION.value,)]
        pragmas += [f"define input:named-graph-uri <{graph}>" for graph in named_graphs]
        return " ".join([*pragmas, text]), ()

    def written(self, triple: Triple) -> Triple:
        """Return a triple with points of a datatype that it does not know; of its own it keeps seven digits."""
        point = triple.object
        if not isinstance(point, Literal) or point.datatype != _WKT:
            return triple
        return Triple(triple.subject, triple.predicate, Literal(point.value, datatype=_KEPT))

    def limited(self, seconds: float) -> Words:
        """Return its time limit, in milliseconds, of which it takes less than 1,000 as none."""
        return [("timeout", str(max(1_000, round(seconds * 1_000))))]

    def partial(self, status: int, headers: Message) -> str:
        """Return what it says of a part: of time in a header of its state, of rows in another."""
        if status == 206 or headers.get("X-SQL-State"):
            return "time was up"
        if rows := headers.get("X-SPARQL-MaxRows"):
            return f"it gives no more than {rows} rows"
        return ""


_LARGEST = 2**31 - 1
_WKT = NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral")
_KEPT = NamedNode(_WKT.value + "-as-written")
_XSD = re.escape(XSD.string.value.removesuffix("string")).encode()
_BLANK = re.compile(rb'("type": "bnode", "value": ")nodeID://')
_BOOLEAN = re.compile(rb'("datatype": "%sboolean", "value": ")([01])"' % _XSD)
_DECIMAL = re.compile(rb'"datatype": "(%s)decimal", "value": "(-?\d{10,})"' % _XSD)
_DECIMAL_LINE = re.compile(rb'"(-?\d{10,})"\^\^<(%s)decimal>' % _XSD)


def _mended(lines: bytes) -> bytes:
    """Blank nodes have IRIs, truth values are numbers, and integers of more than 32 bits come as decimals."""
    lines = lines.replace(_KEPT.value.encode(), _WKT.value.encode())
    lines = _BLANK.sub(rb"\1", lines)
    lines = _BOOLEAN.sub(lambda found: found[1] + (b'true"' if found[2] == b"1" else b'false"'), lines)
    lines = _DECIMAL.sub(_integer, lines)
    return _DECIMAL_LINE.sub(_integer_of_line, lines)


def _integer(found: re.Match[bytes]) -> bytes:
    return found[0].replace(b"decimal", b"integer", 1) if abs(int(found[2])) > _LARGEST else found[0]


def _integer_of_line(found: re.Match[bytes]) -> bytes:
    return b'"%s"^^<%sinteger>' % (found[1], found[2]) if abs(int(found[1])) > _LARGEST else found[0]


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
    most_statements=400,
    hidden=GENERIC.hidden | {*_SYSTEM, "urn:activitystreams-owl:map"},
    mended=_mended,
)
DIALECTS = {dialect.name: dialect for dialect in (GENERIC, OXIGRAPH, VIRTUOSO)}


def dialect_of(server: str) -> Dialect:
    """Return the dialect of the engine that says this in its header Server; the generic one where it is not known."""
    known = (dialect for dialect in DIALECTS.values() if dialect.server and server.startswith(dialect.server))
    return next(known, GENERIC)
