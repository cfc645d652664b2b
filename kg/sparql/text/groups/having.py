"""Find aliases of SELECT in HAVING, where SPARQL 1.1 does not know them, and rewrite the query without them.

HAVING chooses groups before SELECT names its columns (SPARQL 1.1, sections 18.2.4.2 and 18.2.4.4). So such a name has
no value there, a comparison with it is an error, and an error leaves the group out: an answer is empty, or too small.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

from kg.sparql.text.groups.model import Select, SelectedVariable
from kg.sparql.text.groups.reader import find_selects
from kg.sparql.text.scanner import Scanner, UnexpectedTokenError
from kg.sparql.text.tokenizer import Token

_MOST_SELECTS = 20  # of a query that are looked at
_LONGEST = 10_000  # characters of a condition that is written otherwise: names can stand for ever longer ones
_NAMES_ITS_VARIABLE = frozenset("BOUND COUNT SUM MIN MAX AVG SAMPLE GROUP_CONCAT".split())
"""Functions that take a variable, and no expression with an aggregate."""


class _ExpressionToken(NamedTuple):
    """A token of an expression, whether space precedes it, and whether an expression may replace it."""

    token: Token
    is_apart: bool
    is_free: bool


@dataclass(frozen=True)
class AliasedHaving:
    """A HAVING with aliases: their names, the span of its condition, and the condition without them.

    `mended` is empty where it cannot be written so.
    """

    names: tuple[str, ...]
    at: tuple[int, int]
    rewritten: str

    @classmethod
    def find_all(cls, text: str) -> Iterator[AliasedHaving]:
        """Yield each HAVING of a query that names aliases of its own SELECT."""
        if "having" not in text.lower():
            return
        for select in find_selects(text, _MOST_SELECTS):
            names = cls.aliases_in(select)
            if names:
                yield cls(names, select.having_at, _rewrite_condition(select))

    @staticmethod
    def aliases_in(select: Select) -> tuple[str, ...]:
        """Return the aliases that HAVING names."""
        known = {column.name for column in _aliases(select)}
        try:
            read = [piece.token for piece in _expression_tokens(select.having)]
        except UnexpectedTokenError:
            return ()
        return tuple(dict.fromkeys(name for token in read if (name := _variable(token)) in known))

    @classmethod
    def rewrite(cls, text: str) -> str:
        """Return a query with expressions in place of aliases in each HAVING; empty where that is impossible."""
        found = sorted(cls.find_all(text), key=lambda one: one.at)
        if not all(one.rewritten for one in found):
            return ""
        for one in reversed(found):
            start, end = one.at
            inside = text[start:end]
            before, behind = inside[: len(inside) - len(inside.lstrip())], inside[len(inside.rstrip()) :]
            text = f"{text[:start]}{before}{one.rewritten}{behind}{text[end:]}"
        return text


def _aliases(select: Select) -> list[SelectedVariable]:
    return [column for column in select.columns or () if column.name and column.expression]


def _rewrite_condition(select: Select) -> str:
    """Return the condition of HAVING with expressions in place of aliases, empty where that is impossible."""
    known: dict[str, str] = {}
    for column in _aliases(select):  # each may name those before itself
        known[column.name] = _substitute(column.expression, known)
    return _substitute(select.having.removeprefix("HAVING").strip(), known)


def _substitute(expression: str, known: Mapping[str, str]) -> str:
    """Return an expression with others in place of their aliases, without comments; empty where that is impossible."""
    parts, size = [], 0
    try:
        for piece in _expression_tokens(expression):
            text, name = piece.token.text, _variable(piece.token)
            if name in known:
                if not piece.is_free or not known[name]:
                    return ""
                text = _as_operand(known[name])
            size += len(text)
            if size > _LONGEST:
                return ""
            parts.append(f" {text}" if piece.is_apart else text)
    except UnexpectedTokenError:
        return ""
    return "".join(parts).strip()


def _as_operand(expression: str) -> str:
    """Return an expression as an operand: in brackets, unless it is a call or a single term."""
    scan = Scanner(expression)
    scan.take()
    if scan.peek().text == "(":
        scan.take_balanced()
    return expression if scan.peek().kind == "end" else f"({expression})"


def _expression_tokens(expression: str) -> Iterator[_ExpressionToken]:
    """Yield the tokens of an expression. Raises UnexpectedTokenError for brackets that do not close each other."""
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
                raise UnexpectedTokenError("an expression")
            around.pop()
        yield _ExpressionToken(token, is_apart, all(around))
        before = token.keyword


def _variable(token: Token) -> str:
    return token.text[1:] if token.kind == "variable" and token.text[0] in "?$" else ""
