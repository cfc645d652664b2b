"""Scan the text of a query token by token, for a reader of its grammar."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TypeVar

from kg.sparql.text.tokenizer import GAP, NOTHING, Prologue, Token, token_at

T = TypeVar("T")
Span = tuple[int, int]
"""Offsets in a text: where something begins, and behind its end."""

_GAPS = re.compile(rf"{GAP}*+")
_CLOSING = {"{": "}", "(": ")", "[": "]"}
_NUMBER = re.compile(r"[+-]?(?:\d+\.\d*[eE][+-]?\d+|\.?\d+[eE][+-]?\d+|\d*\.\d+|\d+)")
_DECLARATIONS = {"BASE": 2, "PREFIX": 3, "VERSION": 2}  # tokens of each
_VALUES = frozenset({"variable", "string", "name"})


class UnexpectedTokenError(Exception):
    """The text holds something other than what the message names."""


def depth_of(token: Token) -> int:
    """Return 1 for an opening brace, -1 for a closing one, else 0."""
    return (token.text == "{") - (token.text == "}")


class Scanner:
    """A position in a text: `at` is the end of the tokens taken so far."""

    def __init__(self, text: str, at: int = 0) -> None:
        self.text = text
        self.at = at
        self._taken = NOTHING
        self._peeked: tuple[tuple[int, bool], Token] = (-1, False), NOTHING

    def peek(self, *, expression: bool = False) -> Token:
        """Return the next token. In an `expression` a `<` behind a value is a comparison, never the start of an IRI."""
        if self._peeked[0] != (self.at, expression):
            self._peeked = (self.at, expression), self._next(expression)
        return self._peeked[1]

    def _next(self, expression: bool) -> Token:
        gaps = _GAPS.match(self.text, self.at)
        token = token_at(self.text, gaps.end() if gaps else self.at)
        if token is None:
            return NOTHING._replace(start=len(self.text), end=len(self.text))
        if token.kind == "iri" and expression and self._is_after_value():
            return Token("other", "<", token.start, token.start + 1)
        if token.kind == "name" and token.text.endswith("."):
            cut = len(token.text) - len(token.text.rstrip("."))
            return Token("name", token.text[:-cut], token.start, token.end - cut)
        return token

    @classmethod
    def read(cls, expression: str, take: Callable[..., T]) -> Iterator[tuple[int, T]]:
        """Yield what `take` takes from an expression piece by piece, each with the offset where it begins."""
        scan = cls(expression)
        while (token := scan.peek(expression=True)).kind != "end":
            yield token.start, take(scan, expression=True)

    @staticmethod
    def number_at(text: str, place: int) -> Token | None:
        """Return the number that begins at an offset of a text, None where none does."""
        found = _NUMBER.match(text, place)
        return found and Token("number", found[0], *found.span())

    def take(self, *, expression: bool = False) -> Token:
        """Take the next token. Raises UnexpectedTokenError at the end."""
        token = self.peek(expression=expression)
        if token.kind == "end":
            raise UnexpectedTokenError("more text")
        self.at, self._taken = token.end, token
        return token

    def take_if(self, *keywords: str) -> str:
        """Take the next token if it is one of the keywords; return the keyword, else an empty text."""
        keyword = self.peek().keyword
        return self.take().keyword if keyword in keywords else ""

    def expect(self, text: str) -> Token:
        """Take a given keyword or sign. Raises UnexpectedTokenError for anything else."""
        token = self.take()
        if token.text.upper() != text:
            raise UnexpectedTokenError(text)
        return token

    def take_declarations(self, prologue: Prologue) -> tuple[Span, ...]:
        """Take the declarations that come next, add them to the prologue, and return their spans."""
        found: list[Span] = []
        while length := _DECLARATIONS.get(self.peek().keyword):
            declaration = [self.take()]
            while len(declaration) < length and self.peek().text not in ("", ";"):
                declaration.append(self.take())
            prologue.declare(*[*declaration, NOTHING, NOTHING][:3])
            found.append((declaration[0].start, self.at))
        return tuple(found)

    def take_iri(self, prologue: Prologue) -> str:
        """Take an IRI or a name, and return the absolute IRI. Raises UnexpectedTokenError."""
        iri = prologue.iri(self.peek())
        if iri is None:
            raise UnexpectedTokenError("an IRI")
        self.take()
        return iri

    def take_group(self) -> Span:
        """Take a group in braces, each token in it as long as it can be. Raises UnexpectedTokenError."""
        start, depth = self.peek().start, 0
        if self.peek().text != "{":
            raise UnexpectedTokenError("a group")
        while True:
            depth += depth_of(self.take())
            if depth == 0:
                return start, self.at

    def is_over(self, keyword: str) -> bool:
        """Return True if a clause ends here: at the end of the text or of the group around it."""
        token = self.peek()
        return token.kind == "end" or token.text == "}" or (token.keyword == "VALUES" and keyword != "VALUES")

    def take_balanced(self, *, expression: bool = False) -> str:
        """Take a token, or all from an opening bracket to its closing one; return the text.

        What lies within brackets is an expression. Raises UnexpectedTokenError where one is not closed, or is too deep.
        """
        first = self.take(expression=expression)
        closing = [_CLOSING[first.text]] if first.text in _CLOSING else []
        while closing:
            token = self.take(expression=closing[-1] == ")")
            if token.text in _CLOSING:
                closing.append(_CLOSING[token.text])
            elif token.text == closing[-1]:
                closing.pop()
        return self.text[first.start : self.at]

    def take_term(self) -> str:
        """Take a variable, an IRI, a name or a literal, and return its text. Raises UnexpectedTokenError."""
        token = self.peek()
        if token.kind == "string":
            return self._take_literal()
        if token.kind == "iri" or token.kind in _VALUES or token.keyword in ("TRUE", "FALSE"):
            text = self.take().text
            return f"?{text[1:]}" if text.startswith("$") else text
        number = self.number_at(self.text, token.start)
        if number is None:
            raise UnexpectedTokenError("a term")
        self.at, self._taken = number.end, number
        return number.text

    def _take_literal(self) -> str:
        text = self.take().text
        following = self.peek()
        if following.text.startswith("@") and following.start == self.at:
            return text + self.take().text
        if self.text.startswith("^^", following.start):
            self.at = following.start + 2
            return f"{text}^^{self.take().text}"
        return text

    def _is_after_value(self) -> bool:
        before = self._taken
        return before.kind in _VALUES or before.text in (")", "}") or before.text[-1:].isdigit()
