"""Questions: a canned query with values for its parameters, and its text as it runs here and elsewhere.

A value is never spliced into the text: it is parsed into a term first, whose serialisation escapes special characters.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

import yaml

from kg.errors import BadValueError, CityKgError
from kg.queries.blocks import gathered, in_columns, with_blocks
from kg.queries.catalogue import CannedQuery, Parameter, Replacement, find_query, find_replacement
from kg.queries.paging import SKIPPED, RowRange
from kg.queries.values import as_term, parse_row_count
from kg.rdf import namespaces as ns
from kg.rdf.triples import SPARQL

_PREFIX = re.compile(rf"{SKIPPED}|(?<![?$\w-])([A-Za-z][\w-]*):")
_OBJECTIONS = re.compile(r"^ *# objections:.*?^ *# end of objections$", re.MULTILINE | re.DOTALL)
_CACHE_SIZE = 256  # prepared texts and headers: more than there are canned queries


EVERYTHING = RowRange()


@dataclass(frozen=True)
class Question:
    """A canned query, values in the form of its choices, and the range of rows.

    With `evidence` each row is answered with its sources (kg.evidence). `other_scope` is the part of the graph that is
    queried, if it is not that of the query.
    """

    query: CannedQuery
    values: Mapping[str, str] = field(default_factory=dict)
    row_range: RowRange = EVERYTHING
    evidence: bool = False
    other_scope: str = ""

    @classmethod
    def parse(cls, query: CannedQuery, given: Mapping[str, str], checked: Callable[[Parameter, str], str]) -> Question:
        """Return the question for values by name, including `limit`, `scope` and `columns`; empty ones are ignored.

        `checked` returns a value as the choices spell it, and raises BadValueError for one that does not fit. Raises
        UnknownNameError for a parameter that the query does not have.
        """
        given = {name: value for name, value in given.items() if value}
        query = query.choose(given.pop("columns", ""))
        window = _parse_row_range(query, {name: given.pop(name) for name in ("limit", "offset") if name in given})
        scope = given.pop("scope", "") or query.scope
        values = {name: checked(query.parameter(name), value) for name, value in given.items()}
        return cls(query, values, window, other_scope="" if scope == query.scope else scope)

    @staticmethod
    def replacement(name: str, given: Iterable[str]) -> Replacement | None:
        """Return what took the place of a question of before, asked with some parameters; None for one of today."""
        return find_replacement(name, given)

    @classmethod
    def from_json(cls, described: Mapping[str, Any]) -> Question:
        """Return the question that `as_json` described."""
        window = RowRange(described["limit"], described["offset"])
        return cls(find_query(described["query"]).choose(described.get("columns", "")), described["values"], window)

    @property
    def address(self) -> str:
        """Its address relative to that of the service, whether its values fit or not."""
        chosen = self.query.chosen_columns
        stated = {**self.values, **({"columns": chosen} if chosen else {})}
        return f"queries/{self.query.path}" + (f"?{urlencode(stated)}" if stated else "")

    def as_json(self) -> dict[str, Any]:
        """Return what determines its rows, as JSON-serialisable values."""
        window = self.row_range
        return {
            "query": self.query.path,
            "values": dict(self.values),
            "columns": self.query.chosen_columns,
            "limit": window.limit,
            "offset": window.offset,
        }

    @property
    def scope(self) -> str:
        """The part of the graph that is queried (kg.rdf.scopes)."""
        return self.other_scope or self.query.scope

    @property
    def missing_value(self) -> BadValueError | None:
        """The error for the first required parameter without a value, or for no value at all where one is needed."""
        if self.query.needs_value and not any(self.values.values()):
            first, *others = self.query.parameters
            return BadValueError(
                f"{self.query.name} needs the parameter {first.name} ({first.label}), or another one: "
                f"{', '.join(one.name for one in others)}.",
                f"For example: {first.name}={first.example}",
            )
        for parameter in self.query.parameters:
            if parameter.is_required and not self.values.get(parameter.name):
                return BadValueError(
                    f"{self.query.name} needs the parameter {parameter.name} ({parameter.label}).",
                    f"For example: {parameter.name}={parameter.example}",
                )
        return None

    def pages(self) -> dict[str, Question]:
        """Return the other pages of an answer with a limit: first, next and, if there is one, prev."""
        limit, offset = self.row_range.limit, self.row_range.offset
        if not limit:
            return {}
        windows = {"first": RowRange(limit)}
        if offset > 0:
            windows["prev"] = RowRange(limit, max(0, offset - limit))
        windows["next"] = RowRange(limit, offset + limit)
        return {relation: replace(self, row_range=window) for relation, window in windows.items()}

    def rows(self, limit: int | None = None, offset: int = 0) -> Question:
        """Return the same question for `limit` rows (None: all) after the first `offset`."""
        return replace(self, row_range=RowRange(limit, offset))

    def first_row(self) -> Question:
        """Return the same question for the first row of its range only."""
        return self.rows(1, self.row_range.offset)

    def example(self) -> Question:
        """Return the same question with examples for required values that are missing."""
        return replace(self, values={**self.query.examples, **self.values})

    def text(self, endpoint: str = SPARQL.value) -> str:
        """Return a query that any SPARQL 1.1 engine can run.

        Its header has what grlc takes from it (summary, endpoint, method, tags), and the scope, which the text itself
        cannot express: an endpoint queries all that is loaded. Raises BadValueError for a value that is missing or does
        not fit its type.
        """
        header = _header(self.query.summary, self.query.tags, endpoint, self.scope)
        prefixes = _prefixes(self._body, self._names)
        return f"{header}{prefixes}{self.runnable_text()}"

    def runnable_text(self) -> str:
        """Return the text as it runs here, where our prefixes need no declaration. Raises what `text` raises."""
        return f"{self.text_with_values().rstrip()}\n{self.row_range.clauses()}"

    def text_with_values(self) -> str:
        """Return the text of the query without its header, with the values in place of its examples.

        A parameter without a value takes its default. For an optional one without a default the blocks for it are left
        out, or it matches everything. Raises what `text` raises.
        """
        if self.missing_value:
            raise self.missing_value
        terms = {p.name: _term(p, self.values.get(p.name)) for p in self.query.parameters}
        blocks, rest = _split_at_values(self._body, self._names)
        text = "".join(f"{before} {terms[name]} }}" for before, name in blocks) + rest
        return in_columns(text, self.query.chosen, self.query.more) if self.query.chosen else text

    @property
    def _names(self) -> tuple[str, ...]:
        """The names of the parameters whose values stand in the text."""
        in_blocks = self.query.block_names
        return tuple(p.name for p in self.query.parameters if p.name not in in_blocks or self._has_value(p))

    @staticmethod
    def without_objections(text: str) -> str:
        """Return the text of a canned query without the part that reads objections, whose column is empty then."""
        return _OBJECTIONS.sub('  BIND ("" AS ?objections)', text)

    @property
    def _body(self) -> str:
        """The text without values, with the blocks of the parameters that have one and of the columns chosen."""
        columns = {gathered(name) or name for name, _ in self.query.chosen} - {p.name for p in self.query.parameters}
        text = with_blocks(self.query.body, columns.union(p.name for p in self.query.parameters if self._has_value(p)))
        return text if "objections" in columns or not self.query.chosen else self.without_objections(text)

    def _has_value(self, parameter: Parameter) -> bool:
        return bool(self.values.get(parameter.name) or parameter.default)


def _parse_row_range(query: CannedQuery, given: Mapping[str, str]) -> RowRange:
    wanted = {name: parse_row_count(name, value) for name, value in given.items()}
    if wanted and query.why_not_pageable:
        raise BadValueError(
            f"{query.name} cannot be asked for in pages, since {query.why_not_pageable}.", "Leave out limit and offset."
        )
    return RowRange(wanted.get("limit"), wanted.get("offset", 0))


def _term(parameter: Parameter, value: str | None) -> str:
    given = value or parameter.default
    return "UNDEF" if given is None else str(as_term(parameter, given))


@lru_cache(_CACHE_SIZE)
def _split_at_values(text: str, names: tuple[str, ...]) -> tuple[tuple[tuple[str, str], ...], str]:
    """Return the text before the examples of each VALUES block of these parameters, with its name, and the rest.

    Strings, IRIs and comments are skipped. Raises CityKgError for a parameter without a block.
    """
    any_of_them = "|".join(map(re.escape, names)) or r"(?!)"
    block = re.compile(rf"{SKIPPED}|(?P<head>\b(?i:VALUES)\s+\?(?P<name>{any_of_them})\s*\{{)(?:{SKIPPED}|[^}}])*\}}")
    blocks, end = [], 0
    for match in block.finditer(text):
        if match["head"] is not None:
            blocks.append((text[end : match.end("head")], match["name"]))
            end = match.end()
    for name in names:
        if all(name != found for _, found in blocks):
            raise CityKgError(f"The query has no block VALUES ?{name} {{ … }}.", "See queries/README.md.")
    return tuple(blocks), text[end:]


@lru_cache(_CACHE_SIZE)
def _header(summary: str, tags: tuple[str, ...], endpoint: str, scope: str) -> str:
    stated = {"summary": summary, "endpoint": endpoint, "method": "GET", "tags": list(tags), "scope": scope}
    written = yaml.safe_dump(stated, default_flow_style=None, sort_keys=False, allow_unicode=True, width=1000)
    return "".join(f"#+ {line}\n" for line in written.splitlines())


@lru_cache(_CACHE_SIZE)
def _prefixes(text: str, names: tuple[str, ...]) -> str:
    """Declare our prefixes that a text uses outside its examples, which are replaced by whole IRIs."""
    blocks, rest = _split_at_values(text, names)
    used = {match[1] for match in _PREFIX.finditer("".join(before for before, _ in blocks) + rest)}
    return "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in ns.PREFIXES.items() if prefix in used)
