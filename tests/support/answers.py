"""Answers to canned questions, each computed once a session: a memo of graph and text."""

from __future__ import annotations

import csv
import shlex
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store, Triple

from kg.queries import CannedQuery, Question
from kg.queries.catalogue import find_query
from kg.rdf import namespaces as ns
from kg.sparql.evaluation import execute

BY_HAND = Path(__file__).parents[1] / "expected" / "queries"
"""Answers written by hand from the report, a file for each question."""

Term = NamedNode | BlankNode | Literal | Triple | None
Answer = tuple[list[str], list[dict[str, Term]]]
"""Columns, and rows by column."""


@dataclass(frozen=True)
class Answers:
    """Answers to canned questions, over the graph that each of them is asked of."""

    store_for: Callable[[CannedQuery], Store]
    _known: dict[tuple[Store, str], Answer] = field(default_factory=dict)

    def to(self, query: CannedQuery, text: str = "") -> Answer:
        """Return the answer to a text over the graph of a query; to that of its file if none is given."""
        return self.over(self.store_for(query), text or query.text)

    def over(self, store: Store, text: str) -> Answer:
        """Return the answer to a SELECT over a store, which does not change; the memo keeps it."""
        key = (store, text)
        if key not in self._known:
            self._known[key] = rows_of(execute.run(store, text))
        return self._known[key]


def example(query: CannedQuery, *left_out: str) -> Question:
    """Return a question with the examples of all parameters but those that are left out."""
    return Question(query, {one.name: one.example for one in query.parameters if one.name not in left_out})


def rows_of(answer: object) -> Answer:
    """Return the columns and rows of what an engine answers to a SELECT."""
    assert isinstance(answer, QuerySolutions)
    names = [variable.value for variable in answer.variables]
    return names, [{name: row[name] for name in names} for row in answer]


def written(term: Term) -> str:
    """Return a term as answers by hand have it: IRIs as prefixed names, literals without language and type."""
    return "" if term is None else ns.compact(str(getattr(term, "value", term)))


def rows_as_written(store: Store, name: str, **values: str) -> list[dict[str, str]]:
    """Return the rows of a canned question over a store, by column, as answers by hand have them."""
    query = find_query(name).choose(values.pop("columns", ""))
    _, found = rows_of(execute.run(store, Question(query, values).text_with_values()))
    return [{column: written(term) for column, term in row.items()} for row in found]


def by_hand(query: CannedQuery) -> tuple[list[str], set[tuple[str, ...]], list[str]]:
    """Return columns, rows and directives of an answer by hand: the columns are those that its rows have.

    Directives are `# columns NAME …`, `# subset`, `# count N`, `# without PARAMETER`. IRIs may be written in full.
    Fails where there is no such answer, or an empty one, and says how to begin.
    """
    path = BY_HAND / f"{query.name}.csv"
    if not path.exists() or not path.stat().st_size:
        values = "".join(f" -p {shlex.quote(f'{one.name}={one.example}')}" for one in query.parameters)
        place = path.relative_to(BY_HAND.parents[2])
        pytest.fail(
            f"write {place}: what {query.name} answers for its examples, by hand from the report. A draft, of which "
            f"each row is then compared with its passage: citykg build && "
            f"citykg query {query.name}{values} --format csv > {place}",
            pytrace=False,
        )
    lines = path.read_text(encoding="utf-8").splitlines()
    directives = [line.removeprefix("#").strip() for line in lines if line.startswith("#")]
    columns, *rows = csv.reader(line for line in lines if line and not line.startswith("#"))
    return columns, {tuple(map(ns.compact, row)) for row in rows}, directives
