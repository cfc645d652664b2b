"""Run SPARQL on a store and write the answer in a format of our table.

Queries see the store's own default graph (the set union, written by the build) and all named graphs. Prefixes of
ours need not be declared.
"""

from __future__ import annotations

import re
from difflib import get_close_matches
from io import BytesIO

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, Store

from kg import geojson
from kg import namespaces as ns
from kg.errors import QueryError
from kg.formats import GRAPH_FORMAT, RESULT_FORMAT, GraphFormat, ResultFormat
from kg.query_tokens import NOTHING, Prologue, tokens
from kg.writing import to_bytes
from kg.xml_text import XmlText

Answer = QuerySolutions | QueryTriples | QueryBoolean

_PLACE = re.compile(r"error at (\d+):(\d+)")
_ONE_EXPECTED = re.compile(r"expected (?!one of)(\S+)$")


class QuerySyntaxError(QueryError):
    """A query that cannot be parsed; `line` and `column` start at 1."""

    def __init__(self, message: str, line: int, column: int, hint: str) -> None:
        super().__init__(message, hint)
        self.line = line
        self.column = column


def run(store: Store, text: str) -> Answer:
    """Run a query and return the engine's answer, lazily evaluated. Raises QuerySyntaxError."""
    try:
        return store.query(text, base_iri=ns.BASE, prefixes=ns.PREFIXES)
    except SyntaxError as error:
        raise _syntax_error(text, str(error)) from error


def serialise(answer: Answer, fmt: ResultFormat | GraphFormat) -> bytes:
    """Write an answer as bytes.

    Raises QueryError when the format does not fit the form of the query, or has no form for what the answer holds.
    """
    if isinstance(answer, QueryTriples) and isinstance(fmt, GraphFormat):
        return to_bytes(answer, fmt.engine)
    if not isinstance(answer, QueryTriples) and isinstance(fmt, ResultFormat):
        return _table(answer, fmt)
    if isinstance(answer, QueryTriples):
        raise QueryError("The answer is a graph.", f"Ask for one of: {' '.join(GRAPH_FORMAT)}")
    raise QueryError("The answer is a table or a truth value.", f"Ask for one of: {' '.join(RESULT_FORMAT)}")


def _table(answer: QuerySolutions | QueryBoolean, fmt: ResultFormat) -> bytes:
    if isinstance(answer, QueryBoolean) and not fmt.booleans:
        raise QueryError(f"{fmt.name} has no form for the answer to an ASK.", "Ask for json or xml.")
    if isinstance(answer, QuerySolutions) and fmt.engine is None:
        output = BytesIO()
        geojson.write([variable.value for variable in answer.variables], answer, output)
        return output.getvalue()
    written = answer.serialize(format=fmt.engine) or b""
    return XmlText().escaped(written) if fmt.engine == QueryResultsFormat.XML else written


def _syntax_error(text: str, message: str) -> QuerySyntaxError:
    found = _PLACE.search(message)
    line, column = (int(found[1]), int(found[2])) if found else (1, 1)
    hint = (
        _unknown_prefix(text)
        or _expected(message)
        or "Compare with the canned queries: /queries, or `citykg query --list`."
    )
    lines = text.split("\n")
    shown = lines[line - 1][max(0, column - 30) : column + 30].strip() if line <= len(lines) else ""
    reason = f"near: {shown}" if shown else "the query ends too early"
    return QuerySyntaxError(f"The query is not SPARQL at line {line}, column {column}, {reason}", line, column, hint)


def _unknown_prefix(text: str) -> str:
    """Name the first prefix that is neither declared nor one of ours, with the nearest known one."""
    prologue = Prologue()
    read = [*tokens(text), NOTHING, NOTHING]
    for token, second, third in zip(read, read[1:], read[2:], strict=False):
        prologue.read(token, second, third)
        prefix = token.text.partition(":")[0]
        if token.kind == "name" and prefix not in ("_", *prologue.prefixes):
            near = get_close_matches(prefix, prologue.prefixes, n=1)
            guess = f" Did you mean {near[0]}: ?" if near else ""
            return f"The prefix {prefix}: is not declared.{guess}"
    return ""


def _expected(message: str) -> str:
    """Repeat what the engine expected, where it names one thing only; of several most mislead."""
    found = _ONE_EXPECTED.search(message)
    return f"At this place SPARQL has {found[1]}." if found else ""
