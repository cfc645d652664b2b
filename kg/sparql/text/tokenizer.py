"""Split the text of a query into tokens, resolve IRIs by its declarations, and look for SERVICE by any reading.

The engine reads SPARQL by what may stand at a place, so a text can sometimes be cut in two ways: `1<2#>` may begin
with a comparison and a comment or hold an IRI, and `SERVICE:x {` may be a clause or a name. `ends` says where.
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


_MOST_DOUBTS = 1_000  # places with two readings; each costs up to one pass over the text
_BEFORE_GRAPH_NAMES = frozenset({"GRAPH", "FROM", "NAMED"})

_CLAUSE = re.compile(
    rf"{GAP}*+(?:SILENT{GAP}*+)?(?:{IRI}|[?$]\w++|{NAME})?{GAP}*+\{{(?!\|)",
    re.VERBOSE | re.IGNORECASE,
)


def holds_service(text: str) -> bool:
    """Return True if a SERVICE clause can be read anywhere, by any way to split the text into tokens.

    A text with very many doubtful places counts as holding one: following them all would take too long.
    """
    pending, seen, doubts = [(0, False)], {(0, False)}, 0
    while pending:
        start, after_graph = pending.pop()
        token = token_at(text, start)
        if token is None:
            continue
        if _is_service(text, token, after_graph):
            return True
        after = after_graph if token.kind == "gap" else token.keyword in _BEFORE_GRAPH_NAMES
        places = token.ends
        doubts += len(places) - 1
        if doubts > _MOST_DOUBTS:
            return True
        for end in places:
            if (end, after) not in seen:
                seen.add((end, after))
                pending.append((end, after))
    return False


def _is_service(text: str, token: Token, after_graph: bool) -> bool:
    """Return True if a word or name is the keyword, or may be run together with it: `1SERVICEex:x {`."""
    if token.kind not in ("word", "name") or "service" not in token.text.partition(":")[0].lower():
        return False
    if token.kind == "word" and token.text.lower() == "service":
        return True
    is_graph_name = token.kind == "name" and after_graph
    return not is_graph_name and _CLAUSE.match(text, token.end) is not None
