"""Format a query: one triple a line, indented by its groups, keywords in capitals; comments and strings as they are.

Only gaps between tokens and the case of keywords change. A text of which that is not sure is returned as it came.
"""

from __future__ import annotations

import re
from typing import TypedDict

from pyoxigraph import Store

from kg.assist.lexemes import lexemes
from kg.readings import Reading
from kg.sparql.text import Token

_INDENT = "  "
_DEEPEST = 50  # brackets within each other
_LONGEST_HEAD = 200  # tokens between VALUES and its rows
_KEYWORDS = frozenset(
    "AS ASC ASK BASE BIND BY CONSTRUCT DESC DESCRIBE DISTINCT EXISTS FILTER FROM GRAPH GROUP HAVING IN LIMIT MINUS "
    "NAMED NOT OFFSET OPTIONAL ORDER PREFIX REDUCED SELECT SEPARATOR SERVICE SILENT UNDEF UNION VALUES VERSION "
    "WHERE".split()
)
_BEGIN_LINES = frozenset(
    "ASK BASE BIND CONSTRUCT DESCRIBE FILTER FROM GRAPH GROUP HAVING LIMIT MINUS OFFSET OPTIONAL ORDER PREFIX SELECT "
    "SERVICE VALUES".split()
)
_COMMENT = re.compile(r"#[^\n\r]*")
_OPENING, _CLOSING = ("{", "(", "["), ("}", ")", "]")


class FormattedQuery(TypedDict):
    """The text of a query, formatted."""

    text: str


@Reading
def format_query(store: Store, text: str) -> FormattedQuery:
    """Return a query formatted. The graph is not looked at."""
    try:
        written = _Formatter(text).write()
    except _UnclearError:
        return {"text": text}
    return {"text": written if _content(written) == _content(text) else text}


class _UnclearError(Exception):
    """The text can be cut into tokens in two ways, is not balanced, or is too deep."""


class _Formatter:
    """Writes the tokens of a text anew."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._tokens = list(lexemes(text))
        if any(len(token.ends) > 1 or token.text in ('"', "'") for token in self._tokens):
            raise _UnclearError
        self._lines: list[str] = []
        self._line: list[str] = []
        self._open: list[tuple[str, bool]] = []
        """The brackets that are open, and of each whether its lines are kept as they are."""
        self._is_continued = False

    def write(self) -> str:
        """Return the formatted text."""
        previous: Token | None = None
        for number, token in enumerate(self._tokens):
            gap = self._text[previous.end if previous else 0 : token.start]
            self._write_gap(gap, is_first=previous is None)
            following = self._tokens[number + 1] if number + 1 < len(self._tokens) else None
            self._write_token(number, previous, gap, following)
            previous = token
        self._write_gap(self._text[previous.end if previous else 0 :], is_first=previous is None)
        self._end_line()
        return "\n".join(self._lines).strip("\n") + ("\n" if self._text.endswith("\n") else "")

    def _write_gap(self, gap: str, *, is_first: bool) -> None:
        """Write the comments of a gap: one behind a token stays there, another has a line of its own."""
        at = 0
        for found in _COMMENT.finditer(gap):
            before = gap[at : found.start()]
            if "\n" in before or is_first:
                self._end_line()
                self._keep_blank(before)
                self._line = [self._indent(), found[0].rstrip()]
            else:
                self._line = [*(self._line or [self._lines.pop()]), f" {found[0].rstrip()}"]
            self._end_line()
            at, is_first = found.end(), False
        if at == 0:
            if self._is_kept() and "\n" in gap:
                self._end_line()
            elif not self._line:
                self._keep_blank(gap)
        else:
            self._keep_blank(gap[at:])

    def _keep_blank(self, gap: str) -> None:
        if gap.count("\n") > 1 and self._lines and self._lines[-1]:
            self._lines.append("")

    def _write_token(self, number: int, previous: Token | None, gap: str, following: Token | None) -> None:
        token = self._tokens[number]
        text = _written(token)
        is_kept = self._is_kept()
        if token.text in _CLOSING:
            self._close(token)
        elif not is_kept and (token.keyword in _BEGIN_LINES or (previous is not None and previous.text == "{")):
            self._end_line()
        self._append(text, token, previous, gap)
        if token.text in _OPENING:
            self._open_bracket(token, number)
        elif not self._is_kept():
            if token.text == "." or (token.text == "}" and not (following and following.keyword == "UNION")):
                self._end_line()
            elif token.text == ";":
                self._end_line()
                self._is_continued = True

    def _open_bracket(self, token: Token, number: int) -> None:
        if len(self._open) == _DEEPEST:
            raise _UnclearError
        is_data = token.text != "{" or self._is_data(number)
        self._open.append((token.text, is_data))
        if not is_data:
            self._end_line()

    def _is_data(self, number: int) -> bool:
        """Return True if a brace opens the rows of VALUES."""
        for one in reversed(self._tokens[max(0, number - _LONGEST_HEAD) : number]):
            if one.keyword == "VALUES":
                return True
            if one.kind != "variable" and one.text not in ("(", ")"):
                return False
        return False

    def _close(self, token: Token) -> None:
        wanted = _OPENING[_CLOSING.index(token.text)]
        if not self._open or self._open[-1][0] != wanted:
            raise _UnclearError
        _, was_kept = self._open.pop()
        if not was_kept:
            self._is_continued = False
            self._end_line()

    def _append(self, text: str, token: Token, previous: Token | None, gap: str) -> None:
        if not self._line:
            self._line = [self._indent(), text]
            return
        is_end = token.text in (".", ";") and not self._is_kept()
        is_by_brace = token.text in ("{", "}") or (previous is not None and previous.text == "}")
        if gap or is_by_brace or is_end:
            self._line.append(" ")
        self._line.append(text)

    def _is_kept(self) -> bool:
        return bool(self._open) and self._open[-1][1]

    def _indent(self) -> str:
        return _INDENT * (len(self._open) + self._is_continued)

    def _end_line(self) -> None:
        if self._line:
            self._lines.append("".join(self._line))
        self._line = []
        self._is_continued = False


def _written(token: Token) -> str:
    """Return the text of a token, a keyword in capitals."""
    return token.keyword if token.keyword in _KEYWORDS and token.text.isascii() else token.text


def _content(text: str) -> tuple[list[str], list[str]]:
    """Return the tokens of a text, keywords in capitals, and its comments."""
    found, comments, at = [], [], 0
    for token in lexemes(text):
        comments += [comment.rstrip() for comment in _COMMENT.findall(text[at : token.start])]
        found.append(_written(token))
        at = token.end
    return found, comments + [comment.rstrip() for comment in _COMMENT.findall(text[at:])]
