"""Find names that SELECT introduces in HAVING, where SPARQL 1.1 does not know them, and write the query otherwise.

HAVING chooses groups before SELECT names its columns (SPARQL 1.1, sections 18.2.4.2 and 18.2.4.4). So such a name has
no value there, a comparison with it is an error, and an error leaves the group out: an answer is empty, or too small.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kg.sparql.text.groups.model import Column, Select
from kg.sparql.text.groups.reader import selects
from kg.sparql.text.scanner import NotUnderstoodError, Scanner
from kg.sparql.text.tokenizer import Token

_MOST_SELECTS = 20  # of a query that are looked at
_LONGEST = 10_000  # characters of a condition that is written otherwise: names can stand for ever longer ones
_NAMES_ITS_VARIABLE = frozenset("BOUND COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT".split())
"""What takes a variable, and no expression with an aggregate, in its brackets."""


class _Piece(NamedTuple):
    """A token of an expression, whether a gap is before it, and whether an expression may stand there instead."""

    token: Token
    is_apart: bool
    is_free: bool


@dataclass(frozen=True)
class AliasedHaving:
    """A HAVING that names columns: their names, where its condition stands, and that condition without them.

    `mended` is empty where it cannot be written so.
    """

    names: tuple[str, ...]
    at: tuple[int, int]
    mended: str

    @classmethod
    def each(cls, text: str) -> Iterator[AliasedHaving]:
        """Yield each HAVING of a query that names what its own SELECT introduces."""
        if "having" not in text.lower():
            return
        for select in selects(text, _MOST_SELECTS):
            names = cls.named(select)
            if names:
                yield cls(names, select.having_at, _mended(select))

    @staticmethod
    def named(select: Select) -> tuple[str, ...]:
        """Return the columns with an expression that HAVING names."""
        known = {column.name for column in _named(select)}
        try:
            read = [piece.token for piece in _pieces(select.having)]
        except NotUnderstoodError:
            return ()
        return tuple(dict.fromkeys(name for token in read if (name := _variable(token)) in known))

    @classmethod
    def written_otherwise(cls, text: str) -> str:
        """Return a query with expressions in place of names in each HAVING; empty where one cannot be written so."""
        found = sorted(cls.each(text), key=lambda one: one.at)
        if not all(one.mended for one in found):
            return ""
        for one in reversed(found):
            start, end = one.at
            inside = text[start:end]
            before, behind = inside[: len(inside) - len(inside.lstrip())], inside[len(inside.rstrip()) :]
            text = f"{text[:start]}{before}{one.mended}{behind}{text[end:]}"
        return text


def _named(select: Select) -> list[Column]:
    return [column for column in select.columns or () if column.name and column.expression]


def _mended(select: Select) -> str:
    """Return the condition of HAVING with expressions in place of names, empty where it cannot be written so."""
    known: dict[str, str] = {}
    for column in _named(select):  # each may name those before itself
        known[column.name] = _written(column.expression, known)
    return _written(select.having.removeprefix("HAVING").strip(), known)


def _written(expression: str, known: Mapping[str, str]) -> str:
    """Return an expression with others in place of their names, comments left out; empty where that cannot be."""
    parts, size = [], 0
    try:
        for piece in _pieces(expression):
            text, name = piece.token.text, _variable(piece.token)
            if name in known:
                if not piece.is_free or not known[name]:
                    return ""
                text = _as_operand(known[name])
            size += len(text)
            if size > _LONGEST:
                return ""
            parts.append(f" {text}" if piece.is_apart else text)
    except NotUnderstoodError:
        return ""
    return "".join(parts).strip()


def _as_operand(expression: str) -> str:
    """Return an expression as it can stand in another one: a call or a single term as it is, all else in brackets."""
    scan = Scanner(expression)
    scan.take()
    if scan.peek().text == "(":
        scan.balanced()
    return expression if scan.peek().kind == "end" else f"({expression})"


def _pieces(expression: str) -> Iterator[_Piece]:
    """Yield the tokens of an expression. Raises NotUnderstoodError for brackets that do not close each other."""
    scan = Scanner(expression)
    around: list[bool] = []
    before = ""
    while (token := scan.peek(expression=True)).kind != "end":
        is_apart = token.start > scan.at
        scan.take(expression=True)
        if token.text in ("(", "{"):
            around.append(token.text == "(" and before not in _NAMES_ITS_VARIABLE)
        elif token.text in (")", "}"):
            if not around:
                raise NotUnderstoodError("an expression")
            around.pop()
        yield _Piece(token, is_apart, all(around))
        before = token.keyword


def _variable(token: Token) -> str:
    return token.text[1:] if token.kind == "variable" and token.text[0] in "?$" else ""
