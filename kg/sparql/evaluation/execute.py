"""Run SPARQL on a store, write the answer in a format of our table, and say what is wrong with a text.

Queries see the store's own default graph (the set union, written by the build) and all named graphs. Prefixes of
ours need not be declared.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from typing import Any, BinaryIO, Never

from pyoxigraph import (
    NamedNode,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolution,
    QuerySolutions,
    QueryTriples,
    Store,
)

from kg.errors import QueryError
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMAT, RESULT_FORMAT, GraphFormat, ResultFormat
from kg.rdf.labels import NamesOf
from kg.rdf.lookup import Term
from kg.rdf.serialise import to_bytes
from kg.rdf.xml_escape import XmlText
from kg.sparql.evaluation.geojson import write_geojson
from kg.sparql.evaluation.markdown import prefixed_names, write_markdown
from kg.sparql.evaluation.mistakes import syntax_error
from kg.sparql.text import FORMS, tokens

Answer = QuerySolutions | QueryTriples | QueryBoolean

_ALL = re.compile(r"SELECT\b.{0,200}?\*", re.IGNORECASE | re.DOTALL)  # comments may stand between
_PREFIXES = [(prefix, f"{prefix}:", iri) for prefix, iri in ns.PREFIXES.items()]
_UNKNOWN_FUNCTION = re.compile(r"custom function <([^>]*)> is not supported")


def run(store: Store, text: str, **dataset: Any) -> Answer:
    """Run a query as `evaluate` does; return the answer, lazily evaluated. Raises QuerySyntaxError."""
    return evaluate(store, text, **dataset)[0]


def evaluate(store: Store, text: str, **dataset: Any) -> tuple[Answer, list[str]]:
    """Run a query; return the answer, lazily evaluated, and the IRIs of functions that the engine does not know.

    The columns of SELECT * come in the order in which the query names them. A call of such a function is an error of
    its expression (SPARQL 1.1, section 17.6), which FILTER, COALESCE and the like deal with; the engine alone would
    refuse the query. `dataset` is what the engine takes: `default_graph`,
    `named_graphs`. Raises QuerySyntaxError.
    """
    return _run_engine(store, _with_columns_in_order(text), **dataset)


def _with_columns_in_order(text: str) -> str:
    """Return a query with its variables in place of SELECT *, in the order of the text.

    The standard leaves the order open (SPARQL 1.1, section 18.2.1), and the engine has that of the alphabet. Which
    variables there are the engine says, over no data.
    """
    if "*" not in text or _ALL.search(text) is None:
        return text
    read = tokens(text)
    place = next((n for n, token in enumerate(read) if token.keyword in FORMS), len(read))
    star = next((token for token in read[place + 1 :] if token.keyword not in ("DISTINCT", "REDUCED")), None)
    if (
        star is None
        or star.text != "*"
        or read[place].keyword != "SELECT"
        or any(len(token.ends) > 1 for token in read)
    ):
        return text
    try:
        answer, _ = _run_engine(Store(), text)
    except (QueryError, RuntimeError):
        return text  # the same mistake comes up again when it runs
    assert isinstance(answer, QuerySolutions)
    selected = {variable.value for variable in answer.variables}
    named = dict.fromkeys(token.text[1:] for token in read if token.text[0] in "?$")
    columns = " ".join(f"?{name}" for name in named if name in selected)
    is_worth_it = len(selected) > 1 and selected <= named.keys()
    return f"{text[: star.start]} {columns} {text[star.end :]}" if is_worth_it else text


def _run_engine(store: Store, text: str, **dataset: Any) -> tuple[Answer, list[str]]:
    escaped = "\\u" in text.lower()  # and so a prefix may be
    used = {p: iri for p, mark, iri in _PREFIXES if escaped or mark in text}  # the engine reads all of them
    undefined: dict[NamedNode, Callable[..., Term | None]] = {}
    while True:
        try:
            answer = store.query(text, base_iri=ns.BASE, prefixes=used, custom_functions=undefined or None, **dataset)
        except SyntaxError as error:
            raise syntax_error(text, str(error), used) from error
        except RuntimeError as error:
            found = _UNKNOWN_FUNCTION.search(str(error))
            if found is None or (name := NamedNode(found[1])) in undefined:
                raise
            undefined[name] = _record_unknown_functions
        else:
            return answer, [name.value for name in undefined]


def _record_unknown_functions(*arguments: Term) -> Never:
    raise ValueError


def select(store: Store, text: str) -> QuerySolutions:
    """Run a SELECT query of our own; return its solutions. Raises QueryError for other texts."""
    answer = run(store, text)
    if not isinstance(answer, QuerySolutions):
        raise QueryError("The answer is not a table.", "See queries/README.md.")
    return answer


def serialise(answer: Answer, fmt: ResultFormat | GraphFormat) -> bytes:
    """Write an answer as bytes.

    Raises QueryError when the format does not fit the form of the query, or has no form for what the answer holds.
    """
    if isinstance(answer, QueryTriples) and isinstance(fmt, GraphFormat):
        return to_bytes(answer, fmt.engine)
    if not isinstance(answer, QueryTriples) and isinstance(fmt, ResultFormat):
        return _table(answer, fmt)
    if isinstance(answer, QueryTriples):
        raise QueryError(
            "The answer is a graph, and the format asked for is one of tables.",
            f"Ask for one of: {' '.join(GRAPH_FORMAT)}",
        )
    raise QueryError(
        "The answer is a table or a truth value, and the format asked for is one of graphs.",
        f"Ask for one of: {' '.join(RESULT_FORMAT)}",
    )


def _table(answer: QuerySolutions | QueryBoolean, fmt: ResultFormat) -> bytes:
    if isinstance(answer, QueryBoolean) and not fmt.booleans:
        raise QueryError(f"{fmt.name} cannot hold the answer to an ASK.", "Ask for json or xml.")
    if isinstance(answer, QuerySolutions) and fmt.engine is None:
        output = BytesIO()
        write_rows(fmt, [variable.value for variable in answer.variables], answer, output)
        return output.getvalue()
    written = answer.serialize(format=fmt.engine) or b""
    return XmlText().escape(written) if fmt.engine == QueryResultsFormat.XML else written


def write_rows(
    fmt: ResultFormat,
    names: Sequence[str],
    rows: Iterable[QuerySolution],
    output: BinaryIO,
    names_of: NamesOf = prefixed_names,
) -> None:
    """Write rows in a format that the engine does not have; Markdown shows IRIs by `names_of`. Raises QueryError."""
    if fmt.needs_geometry:
        write_geojson(names, rows, output)
    else:
        write_markdown(names, rows, output, names_of)
