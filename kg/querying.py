"""Run SPARQL on a store and write the answer in a format of our table.

Queries see the store's own default graph (the set union, written by the build) and all named graphs. Prefixes of
ours need not be declared.
"""

from __future__ import annotations

import re
from difflib import get_close_matches

from pyoxigraph import QueryBoolean, QueryResultsFormat, QuerySolutions, QueryTriples, RdfFormat, Store

from kg import namespaces as ns
from kg.errors import QueryError
from kg.writing import to_bytes

Answer = QuerySolutions | QueryTriples | QueryBoolean

_PLACE = re.compile(r"error at (\d+):(\d+)")
_TOKEN = re.compile(r"""#[^\n]*|<[^<>\s]*>|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|([A-Za-z][\w-]*)?:(?=[\w%\\])""")
_DECLARED = re.compile(r"\bPREFIX\s+([A-Za-z][\w-]*)?:", re.IGNORECASE)


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


def serialise(answer: Answer, result_format: QueryResultsFormat | RdfFormat) -> bytes:
    """Write an answer as bytes. Raises QueryError when the format does not fit the form of the query."""
    if isinstance(answer, QueryTriples) and isinstance(result_format, RdfFormat):
        return to_bytes(answer, result_format)
    if not isinstance(answer, QueryTriples) and isinstance(result_format, QueryResultsFormat):
        if isinstance(answer, QueryBoolean) and result_format in (
            QueryResultsFormat.CSV,
            QueryResultsFormat.TSV,
        ):
            raise QueryError(f"{result_format.name} has no form for the answer to an ASK.", "Ask for json or xml.")
        return answer.serialize(format=result_format) or b""
    if isinstance(answer, QueryTriples):
        raise QueryError("The answer is a graph.", "Ask for one of: ttl trig jsonld nt nq rdf")
    raise QueryError("The answer is a table or a truth value.", "Ask for one of: json xml csv tsv")


def _syntax_error(text: str, message: str) -> QuerySyntaxError:
    found = _PLACE.search(message)
    line, column = (int(found[1]), int(found[2])) if found else (1, 1)
    hint = _unknown_prefix(text)
    lines = text.split("\n")
    shown = lines[line - 1][max(0, column - 30) : column + 30].strip() if line <= len(lines) else ""
    reason = f"near: {shown}" if shown else "the query ends too early"
    return QuerySyntaxError(f"The query is not SPARQL at line {line}, column {column}, {reason}", line, column, hint)


def _unknown_prefix(text: str) -> str:
    """Name the first prefix that is neither declared nor one of ours, with the nearest known one."""
    declared = {match[1] or "" for match in _DECLARED.finditer(text)}
    for match in _TOKEN.finditer(text):
        prefix = match[1]
        if prefix and prefix != "_" and prefix not in declared and prefix not in ns.PREFIXES:
            near = get_close_matches(prefix, [*declared, *ns.PREFIXES], n=1)
            guess = f" Did you mean {near[0]}: ?" if near else ""
            return f"The prefix {prefix}: is not declared.{guess}"
    return "Compare with the examples of `citykg query --list`."
