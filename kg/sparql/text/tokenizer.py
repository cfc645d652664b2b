"""Split the text of a query into tokens, and resolve IRIs by its declarations.

The engine reads SPARQL by what may stand at a place, so a text can sometimes be cut in two ways; `ends` says where.
Of the engine only the reader of a single IRI is called here, never that of queries.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pyoxigraph import NamedNode, RdfFormat, parse

from kg.rdf import namespaces as ns

_ESCAPE = r"""\\(?:[tbnrf"'\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"""
GAP = r"(?:\s|\#[^\n\r]*+)"
IRI = r"""<(?:[^<>"{}|^`\\\x00-\x20]++|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>"""
_WORD = r"""[^\W\d](?:[\w.\-·]*\w)?"""
NAME = rf"""(?:{_WORD})?:(?:[\w.\-·:%]++|\\[_~.\-!$&'()*+,;=/?\#@%])*+"""
_TOKEN = re.compile(
    rf'''(?P<gap>{GAP}++)
    |(?P<iri>{IRI})
    |(?P<string>"""(?:"{{0,2}}+(?:[^"\\]++|{_ESCAPE}))*+"""|\'\'\'(?:\'{{0,2}}+(?:[^\'\\]++|{_ESCAPE}))*+\'\'\'
        |"(?:[^"\\\n\r]++|\\.)*+"|'(?:[^'\\\n\r]++|\\.)*+')
    |(?P<variable>[?$]\w+|@[A-Za-z0-9-]+)
    |(?P<name>{NAME})
    |(?P<word>{_WORD})
    |(?P<other>.)''',
    re.VERBOSE | re.DOTALL,
)


class Token(NamedTuple):
    """A token; `kind` is gap, iri, string, variable (or a language tag), name, word, other or end."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def ends(self) -> list[int]:
        """Its possible ends: two where the engine may read less than the longest token."""
        if self.kind == "iri" and "#" in self.text and "//" not in self.text.partition("#")[0]:
            return [self.end, self.start + 1]  # `<` as a comparison; no expression holds `//`
        if self.kind == "string" and self.text[:3] in ('"""', "'''") and "\\u" in self.text.lower():
            return [
                self.end,
                self.start + 2,
            ]  # the engine falls back to an empty string if an escape names no character
        return [self.end]

    @property
    def keyword(self) -> str:
        """The word in upper case; empty for a token of another kind."""
        return self.text.upper() if self.kind == "word" else ""


NOTHING = Token("end", "", 0, 0)


def tokens(text: str) -> list[Token]:
    """Return the tokens without gaps, each as long as possible."""
    return list(each_token(text))


def each_token(text: str) -> Iterator[Token]:
    """Yield the tokens one by one, for callers that need only the first."""
    for match in _TOKEN.finditer(text):
        if match.lastgroup != "gap":
            yield Token(match.lastgroup or "other", match[0], *match.span())


def token_at(text: str, start: int) -> Token | None:
    """Return the longest token at an offset, None at the end of the text."""
    match = _TOKEN.match(text, start)
    return None if match is None else Token(match.lastgroup or "other", match[0], start, match.end())


@dataclass
class Prologue:
    """The declarations so far (SPARQL 1.1, section 4.1.1); our own prefixes need none."""

    base: str = ns.BASE
    prefixes: dict[str, str] = field(default_factory=lambda: dict(ns.PREFIXES))

    @classmethod
    def from_tokens(cls, read: Sequence[Token]) -> Prologue:
        """Return the prologue of the tokens of a query."""
        prologue = cls()
        for token, second, third in zip(read, read[1:], read[2:], strict=False):
            if token.kind == "word" and token.text.upper() in ("BASE", "PREFIX"):
                prologue.declare(token, second, third)
        return prologue

    def follow(self, read: Iterable[Token]) -> Iterator[tuple[Token, Token, Token]]:
        """Yield each token with the next two, after adding the declaration that they may be."""
        padded = [*read, NOTHING, NOTHING]
        for token, second, third in zip(padded, padded[1:], padded[2:], strict=False):
            self.declare(token, second, third)
            yield token, second, third

    def declare(self, token: Token, second: Token, third: Token) -> None:
        """Add a declaration if the three tokens begin one. An invalid IRI counts as not declared."""
        if token.keyword == "BASE" and second.kind == "iri":
            self.base = self.iri(second) or self.base
        elif token.keyword == "PREFIX" and third.kind == "iri":
            self.prefixes[second.text.removesuffix(":")] = self.iri(third) or ""

    def iri(self, token: Token) -> str | None:
        """Return the absolute IRI of a token, None if it has none or its prefix is unknown."""
        if token.kind == "iri":
            return self._resolve(token.text)
        prefix, _, local = token.text.partition(":")
        if token.kind != "name" or prefix not in self.prefixes:
            return None
        return self.prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)

    def iris(self, read: Iterable[Token]) -> list[str]:
        """Return the absolute IRIs of those tokens that have one, each once."""
        return list(dict.fromkeys(iri for token in read if (iri := self.iri(token)) is not None))

    def _resolve(self, reference: str) -> str | None:
        """Resolve `<reference>` as the engine does (RFC 3986, section 5); urljoin drops an empty fragment."""
        try:
            [quad] = parse(f"{reference} <x:p> <x:o> .", RdfFormat.TURTLE, base_iri=self.base)
        except (SyntaxError, ValueError):
            return None
        return quad.subject.value if isinstance(quad.subject, NamedNode) else None
