"""What still gives rows at a place of a query, given its other patterns: the engine is asked for that.

The term at the place becomes a hole, and the question is which terms fill it. A group is taken as far as it is joined
with the place: OPTIONAL as if it were required, of UNION the branch of the place. Within MINUS and EXISTS, and in a
subquery beside other patterns, nothing is asked, since a match there is no row of the query.
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from cachetools import LRUCache
from pyoxigraph import QuerySolutions, Store

from kg.assist.places import Place
from kg.errors import QueryError
from kg.rdf.lookup import Term
from kg.rdf.snapshots import once_per_snapshot
from kg.sparql.evaluation import run
from kg.sparql.text import form_of, tokens
from kg.sparql.text.groups import Block, GroupPattern, ParsedQuery, Pattern, Select, UnexpectedTokenError, parse_query

SECONDS = 0.05
"""Seconds for which the engine is asked at a place."""
LONGEST = 20_000
"""Characters of a query whose patterns are read for it."""

_HOLE = "<urn:hole>"
_MOST = 500  # terms that are asked for
_DEEPEST = 100  # brackets that are open within each other
_FILLERS = {
    "subject": ("", " ?{0}p ?{0}o", " ?{0}p ?{0}o ."),
    "predicate": ("", " ?{0}o", " ?{0}o ."),
    "object": ("", " ."),
    "graph": ("", " {{ ?{0}s ?{0}p ?{0}o }}"),
}
_CLOSING = {"{": "}", "(": ")", "[": "]"}


class _NoQuestionError(Exception):
    """The place is not joined with the rows of the query."""


@dataclass(frozen=True)
class Question:
    """A query for the terms at a place: what comes before the pattern, its variable, and the pattern."""

    declarations: str
    hole: str
    pattern: str

    @classmethod
    def of(cls, text: str, place: Place) -> Question | None:
        """Return the question for a place, None where what stands around it cannot be read, or gives no rows."""
        if len(text) > LONGEST or place.is_opaque or "from" in text.lower():
            return None
        for parsed in _readings(text, place):
            free = f"?{parsed.prefix}hole"
            with suppress(_NoQuestionError):
                pattern = _pattern_around(parsed.select, free)
                return cls(parsed.declarations, free, f"{pattern} {parsed.select.values}")
        return None

    def among(self, terms: Sequence[str]) -> Question:
        """Return the question which of some terms, as SPARQL writes them, fit."""
        return replace(self, pattern=f"VALUES {self.hole} {{ {' '.join(terms)} }} {self.pattern}")

    def holding(self, text: str) -> Question:
        """Return the question for literals that hold a text."""
        quoted = text.replace("\\", "\\\\").replace('"', '\\"')
        condition = f'FILTER (ISLITERAL({self.hole}) && CONTAINS(LCASE(STR({self.hole})), LCASE("{quoted}")))'
        return replace(self, pattern=f"{self.pattern} {condition}")

    def ask(self, store: Store, until: float) -> tuple[list[Term], bool]:
        """Return the terms that fit, and whether these are all: those after a time of time.monotonic are left out."""
        text = f"{self.declarations} SELECT DISTINCT {self.hole} {{ {self.pattern} }} LIMIT {_MOST + 1}"
        kept, found = _complete_answers(store), list[Term]()
        if text in kept:
            return kept[text], True
        if time.monotonic() > until:
            return found, False
        try:
            answer = run(store, text)
            assert isinstance(answer, QuerySolutions)
            for row in answer:
                if row[0] is not None:
                    found.append(row[0])
                if time.monotonic() > until or len(found) > _MOST:
                    return found, False
        except (QueryError, RuntimeError):
            return [], False
        kept[text] = found
        return found, True


@once_per_snapshot
def _complete_answers(snapshot: Store) -> LRUCache[str, list[Term]]:
    """Return the answers to the last questions over a snapshot: at a place each letter asks the same one."""
    return LRUCache(64)


def _readings(text: str, place: Place) -> Iterator[ParsedQuery]:
    """Yield the query with a hole at a place, as far as it can be read: all of it, or up to the place."""
    free = "hole"
    while re.search(rf"[?$]{free}", text):
        free += "e"
    for rest in (text[place.end :], ""):
        for filler in _FILLERS.get(place.role, ()):
            whole = f"{text[: place.start]} {_HOLE}{filler.format(free)} {rest}"
            with suppress(UnexpectedTokenError, QueryError):
                closed = whole + _closing(whole)
                yield parse_query(closed, form_of(closed))


def _closing(text: str) -> str:
    """Return the brackets that close those which are open at the end of a text."""
    opened: list[str] = []
    for token in tokens(text):
        if token.text in _CLOSING:
            opened.append(_CLOSING[token.text])
        elif opened and token.text == opened[-1]:
            opened.pop()
    if len(opened) > _DEEPEST:
        raise UnexpectedTokenError("fewer brackets within each other")
    return "".join(f" {sign}" for sign in reversed(opened))


def _pattern_around(select: Select, free: str) -> str:
    group = select.group
    if group.select is not None:
        return _pattern_around(group.select, free)
    return _joined(group, free)


def _joined(group: GroupPattern, free: str) -> str:
    """Return the patterns that are joined with the hole in a group, with a variable in its place."""
    holder = next((number for number, part in enumerate(group.parts) if _HOLE in part.sparql), None)
    if holder is None:
        raise _NoQuestionError
    others = [part.sparql for part in group.parts]
    others[holder] = _opened(group.parts[holder], free, is_alone=len(others) == 1)
    return " ".join(others)


def _opened(part: Pattern | Block, free: str, *, is_alone: bool) -> str:
    if isinstance(part, Pattern):
        terms = (part.subject, part.predicate, part.value)
        if _HOLE not in terms:  # within a path that repeats
            raise _NoQuestionError
        filled = (free if term == _HOLE else term for term in terms)
        return f"{' '.join(filled)} ."
    if part.keyword not in ("UNION", "OPTIONAL", "GRAPH"):
        raise _NoQuestionError
    if part.graph == _HOLE:
        return part.sparql.replace(_HOLE, free, 1)
    branch = next(group for group in part.groups if _HOLE in group.text or any(_HOLE in p.sparql for p in group.parts))
    if branch.select is not None:
        if not is_alone:
            raise _NoQuestionError
        return _pattern_around(branch.select, free)
    inner = _joined(branch, free)
    if part.keyword == "GRAPH":
        return f"GRAPH {part.graph} {{ {inner} }}"
    return inner if part.keyword == "OPTIONAL" else f"{{ {inner} }}"
