"""Cut the text of a query into tokens, and read what its declarations say of IRIs.

The engine reads SPARQL by what may stand at a place, so a text can sometimes be cut in two ways; `ends` says where.
Of the engine only the reader of a single IRI is called here, never that of queries.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from pyoxigraph import NamedNode, RdfFormat, parse

from kg import namespaces as ns

_ESCAPE = r"""\\(?:[tbnrf"'\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"""
GAP = r"(?:\s|\#[^\n\r]*+)"
IRI = r"""<(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>"""
_WORD = r"""[^\W\d](?:[\w.\-·]*\w)?"""
NAME = rf"""(?:{_WORD})?:(?:[\w.\-·:%]|\\[_~.\-!$&'()*+,;=/?\#@%])*+"""
_TOKEN = re.compile(
    rf'''(?P<gap>{GAP}++)
    |(?P<iri>{IRI})
    |(?P<string>"""(?:"{{0,2}}+(?:[^"\\]|{_ESCAPE}))*+"""|\'\'\'(?:\'{{0,2}}+(?:[^\'\\]|{_ESCAPE}))*+\'\'\'
        |"(?:[^"\\\n\r]|\\.)*+"|'(?:[^'\\\n\r]|\\.)*+')
    |(?P<variable>[?$]\w+|@[A-Za-z0-9-]+)
    |(?P<name>{NAME})
    |(?P<word>{_WORD})
    |(?P<other>.)''',
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Token:
    """A piece of a query; `kind` is gap, iri, string, variable (or a language tag), name, word, other or end."""

    kind: str
    text: str
    start: int
    end: int


NOTHING = Token("end", "", 0, 0)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of the reading in which each is as long as it can be, without the gaps between them."""
    start = 0
    while (token := token_at(text, start)) is not None:
        start = token.end
        if token.kind != "gap":
            yield token


def token_at(text: str, start: int) -> Token | None:
    """Return the longest token that begins at an offset, None at the end of the text."""
    match = _TOKEN.match(text, start)
    return None if match is None else Token(match.lastgroup or "other", match[0], start, match.end())


def ends(token: Token) -> list[int]:
    """Return where a token may end: also the second place, where the engine may read less than the longest token."""
    if token.kind == "iri" and "#" in token.text and "//" not in token.text.partition("#")[0]:
        return [token.end, token.start + 1]  # `<` as a comparison; no expression holds `//`
    if token.kind == "string" and token.text[:3] in ('"""', "'''") and "\\u" in token.text.lower():
        return [token.end, token.start + 2]  # the engine falls back to an empty string if an escape names no character
    return [token.end]


def keyword(token: Token) -> str:
    """Return a word in upper case, and nothing for a token of another kind."""
    return token.text.upper() if token.kind == "word" else ""


@dataclass
class Prologue:
    """What BASE and PREFIX have declared so far (SPARQL 1.1, section 4.1.1); ours hold without a declaration."""

    base: str = ns.BASE
    prefixes: dict[str, str] = field(default_factory=lambda: dict(ns.PREFIXES))

    def read(self, token: Token, second: Token, third: Token) -> None:
        """Take note of a declaration, if the three tokens begin one. An IRI that is none counts as not declared."""
        if keyword(token) == "BASE" and second.kind == "iri":
            self.base = self.iri(second) or self.base
        elif keyword(token) == "PREFIX" and third.kind == "iri":
            self.prefixes[second.text.removesuffix(":")] = self.iri(third) or ""

    def iri(self, token: Token) -> str | None:
        """Return the absolute IRI of a token, None if it is none or its prefix is unknown."""
        if token.kind == "iri":
            return self._resolved(token.text)
        prefix, _, local = token.text.partition(":")
        if token.kind != "name" or prefix not in self.prefixes:
            return None
        return self.prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)

    def _resolved(self, reference: str) -> str | None:
        """Resolve `<reference>` as the engine does (RFC 3986, section 5); urljoin drops an empty fragment."""
        try:
            [quad] = parse(f"{reference} <x:p> <x:o> .", RdfFormat.TURTLE, base_iri=self.base)
        except (SyntaxError, ValueError):
            return None
        return quad.subject.value if isinstance(quad.subject, NamedNode) else None
