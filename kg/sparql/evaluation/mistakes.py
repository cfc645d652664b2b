"""What is wrong with a text that the engine does not read as SPARQL: where, and what is missing or was meant there."""

from __future__ import annotations

import re

from kg.nearest import nearest
from kg.sparql.text import Prologue, QuerySyntaxError, tokens

_PLACE = re.compile(r"error at (\d+):(\d+)")
_ONE_EXPECTED = re.compile(r"expected (?!one of)(\S+)$")
_CLOSING = {"{": "}", "(": ")", "[": "]"}


def syntax_error(text: str, message: str) -> QuerySyntaxError:
    """Return the error of a query for what the engine says of it."""
    found = _PLACE.search(message)
    line, column = (int(found[1]), int(found[2])) if found else (1, 1)
    open_one = _find_unclosed(text)
    hint = _unknown_prefix(text) or _expectation(message) or "Compare with a query that runs: /queries lists many."
    lines = text.split("\n")
    shown = lines[line - 1][max(0, column - 30) : column + 30].strip() if line <= len(lines) else ""
    reason = "" if shown else ", the query ends too early"
    if open_one:
        shown, reason, hint = "", f": {open_one}", _unknown_prefix(text) or "Close it where it ends."
    brief = f"The query is not SPARQL at line {line}, column {column}{reason}"
    return QuerySyntaxError(brief, shown, line, column, hint)


def _find_unclosed(text: str) -> str:
    """Return which group, bracket or string of a query is not closed, or what closes nothing; empty if neither is."""
    opened: list[tuple[str, int]] = []
    for token in tokens(text):
        if token.kind == "other" and token.text in "\"'":  # what follows may be of the string or not
            return f"the string opened at {_place(text, token.start)} is not closed"
        if token.text in _CLOSING:
            opened.append((token.text, token.start))
        elif token.text in _CLOSING.values():
            if not opened:
                return f"the {token.text} at {_place(text, token.start)} closes nothing"
            if _CLOSING[opened[-1][0]] != token.text:
                return f"{_unclosed_message(text, *opened[-1])} is not closed before the {token.text} behind it"
            opened.pop()
    return f"{_unclosed_message(text, *opened[-1])} is not closed" if opened else ""


def _unclosed_message(text: str, bracket: str, start: int) -> str:
    name = "the group" if bracket == "{" else f"the bracket {bracket}"
    return f"{name} opened at {_place(text, start)}"


def _place(text: str, start: int) -> str:
    line, column = text.count("\n", 0, start) + 1, start - text.rfind("\n", 0, start)
    return f"line {line}, column {column}"


def _unknown_prefix(text: str) -> str:
    """Name the first prefix that is neither declared nor one of ours, with the nearest known one."""
    prologue = Prologue()
    for token, _, _ in prologue.follow(tokens(text)):
        prefix = token.text.partition(":")[0]
        if token.kind == "name" and prefix not in ("_", *prologue.prefixes):
            near = nearest(prefix, prologue.prefixes)
            guess = f" Did you mean {near}: ?" if near else ""
            return f"The prefix {prefix}: is not declared.{guess}"
    return ""


def _expectation(message: str) -> str:
    """Repeat what the engine expected, where it names one thing only; of several most mislead."""
    found = _ONE_EXPECTED.search(message)
    return f"At this place SPARQL has {found[1]}." if found else ""
