"""Pages of answers: which canned queries can return a part of their rows, and the clauses for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

SKIPPED = r"""\#[^\n]*|<[^<>\s]*>|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'"""
"""Parts of a query without syntax: comments, IRIs, strings (a pattern of `re`)."""

_TOKEN = re.compile(
    rf"(?P<skipped>{SKIPPED}|[?$]\w+|[\w-]*:[\w-]*)|(?P<open>[{{(])|(?P<close>[)}}])|(?P<word>[A-Za-z]+)"
)


@dataclass(frozen=True)
class RowRange:
    """A range of rows of an answer: at most `limit` (None: all) after the first `offset`."""

    MOST: ClassVar = 999_999_999
    """The highest number of rows that can be named."""

    limit: int | None = None
    offset: int = 0

    def clauses(self) -> str:
        """Return the LIMIT and OFFSET clauses (SPARQL 1.1, section 15), which contain nothing but whole numbers."""
        limit = "" if self.limit is None else f"LIMIT {self.limit:d}\n"
        return limit + (f"OFFSET {self.offset:d}\n" if self.offset else "")


def why_not_pageable(text: str) -> str | None:
    """Return why an answer cannot be paged, None if it can: only a SELECT that ends with its ORDER BY can."""
    words = _outermost_words(text)
    if "SELECT" not in words:
        return "its answer is not a table"
    if words & {"LIMIT", "OFFSET"}:
        return "it limits its rows itself"
    if "ORDER" not in words:
        return "its rows have no order"
    return "it ends with a VALUES block" if "VALUES" in words else None


def _outermost_words(text: str) -> set[str]:
    """Return the words outside of all braces and parentheses, in capitals."""
    words, depth = set(), 0
    for token in _TOKEN.finditer(text):
        depth += (token.lastgroup == "open") - (token.lastgroup == "close")
        if token.lastgroup == "word" and depth == 0:
            words.add(token[0].upper())
    return words
