"""The first rows of an answer and their count, for a page; and their form between processes."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Any, ClassVar

from pyoxigraph import (
    Literal,
    Quad,
    QueryBoolean,
    QueryResultsFormat,
    QuerySolutions,
    QueryTriples,
    RdfFormat,
    Triple,
    parse,
    parse_query_results,
)

from kg.rdf.lookup import Term

Row = tuple[Term | None, ...]

_OF_TRIPLES = ("subject", "predicate", "object")


@dataclass(frozen=True)
class FirstRows:
    """The first rows of an answer, which has `count` in all, or more if not `is_complete`; `truth` answers an ASK.

    `display_names` are shown in place of IRIs, and of the labels of entries of data sets.
    """

    MOST: ClassVar = 1_000
    """Rows that are kept."""
    LONGEST: ClassVar = 2_000
    """Characters that are kept of a literal."""
    MEDIA_TYPE: ClassVar = "application/vnd.citykg.rows+json"
    """The media type by which a worker is asked for them; it is internal."""

    names: tuple[str, ...]
    rows: tuple[Row, ...]
    count: int
    is_complete: bool = True
    truth: bool | None = None
    display_names: Mapping[str, str] = field(default_factory=dict, compare=False)

    @classmethod
    def of(
        cls, answer: QuerySolutions | QueryTriples | QueryBoolean, may_count: Callable[[int], bool] = lambda _: True
    ) -> FirstRows:
        """Return the first rows of an answer; others are counted while `may_count(their number)` is True."""
        if isinstance(answer, QueryBoolean):
            return cls((), (), 0, truth=bool(answer))
        if isinstance(answer, QueryTriples):
            return cls.of_triples(answer, may_count)
        names = tuple(variable.value for variable in answer.variables)
        return cls._first(names, (tuple(row[name] for name in names) for row in answer), may_count)

    @classmethod
    def of_triples(cls, triples: Iterable[Triple], may_count: Callable[[int], bool] = lambda _: True) -> FirstRows:
        """Return the first triples as rows, as `of` does."""
        return cls._first(_OF_TRIPLES, (tuple(triple) for triple in triples), may_count)

    @classmethod
    def _first(cls, names: tuple[str, ...], rows: Iterable[Row], may_count: Callable[[int], bool]) -> FirstRows:
        rows = iter(rows)
        first = tuple(cls.cut(row, cls.LONGEST) for row in islice(rows, cls.MOST))
        count = len(first)
        for _ in rows:
            count += 1
            if not may_count(count):
                return cls(names, first, count, is_complete=False)
        return cls(names, first, count)

    @staticmethod
    def cut(row: Row, longest: int) -> Row:
        """Return a row whose literals are cut to a number of characters."""
        return tuple(_cut(term, longest) for term in row)

    def column(self, name: str) -> tuple[Term | None, ...]:
        """Return the terms of a column, row by row. Raises ValueError if there is none of that name."""
        place = self.names.index(name)
        return tuple(row[place] for row in self.rows)

    def as_json(self) -> bytes:
        """Return the rows as JSON, which `from_json` reads."""
        return json.dumps(self.described()).encode()

    def described(self) -> dict[str, Any]:
        """Return the rows as JSON-serialisable values, which `from_described` reads."""
        rows = [[None if term is None else term_as_text(term) for term in row] for row in self.rows]
        members = {
            "names": self.names,
            "rows": rows,
            "count": self.count,
            "counted": self.is_complete,
            "truth": self.truth,
        }
        return {**members, "called": self.display_names}

    @classmethod
    def from_json(cls, body: bytes) -> FirstRows:
        """Return the rows that `as_json` wrote."""
        return cls.from_described(json.loads(body))

    @classmethod
    def from_described(cls, read: Mapping[str, Any]) -> FirstRows:
        """Return the rows that `described` described."""
        names = tuple(read["names"])
        rows = _terms(len(names), read["rows"])
        return cls(names, rows, read["count"], read["counted"], read["truth"], read["called"])


def _cut(term: Term | None, longest: int) -> Term | None:
    if not isinstance(term, Literal) or len(term.value) <= longest:
        return term
    start = term.value[: longest - 1] + "…"
    return Literal(start, language=term.language) if term.language else Literal(start, datatype=term.datatype)


def term_as_text(term: Term) -> str:
    """Return a term in Turtle; a triple as a literal, since results in TSV cannot hold one."""
    return str(Literal(str(term))) if isinstance(term, Triple) else str(term)


def term_from_text(text: str) -> Term:
    """Return the term that is written in Turtle without prefixes."""
    quad = next(iter(parse(f"<urn:x> <urn:x> {text} .", RdfFormat.N_TRIPLES)))
    assert isinstance(quad, Quad)
    return quad.object


def _terms(width: int, rows: Sequence[Sequence[str | None]]) -> tuple[Row, ...]:
    """Return rows of terms, parsed as SPARQL results in TSV."""
    if not width:
        return ((),) * len(rows)
    lines = ["\t".join(f"?c{place}" for place in range(width)), *("\t".join(t or "" for t in row) for row in rows)]
    read = parse_query_results("".join(f"{line}\n" for line in lines).encode(), QueryResultsFormat.TSV)
    assert isinstance(read, QuerySolutions)
    return tuple(tuple(row) for row in read)
