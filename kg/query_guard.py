"""Look at the text of a query before it runs: what form it has, and whether it asks for what is switched off here.

The engine reads SPARQL by what may stand at a place, so one text can be cut into tokens in two ways: `1<2#>` may begin
with a comparison and a comment or hold an IRI, and `SERVICE:x {` may be a clause or a name. Where that is so, both
readings are followed, and a query is refused if either holds SERVICE. The engine is never called here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urljoin

from kg import namespaces as ns
from kg.errors import QueryError
from kg.querying import QuerySyntaxError

FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_UPDATES = frozenset("INSERT DELETE LOAD CLEAR DROP CREATE ADD MOVE COPY WITH".split())
_MOST_DOUBTS = 1_000  # places with two readings; each costs up to one pass over the text
_BEFORE_GRAPH_NAMES = frozenset({"GRAPH", "FROM", "NAMED"})

_ESCAPE = r"""\\(?:[tbnrf"'\\]|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})"""
_GAP = r"(?:\s|\#[^\n\r]*+)"
_IRI = r"""<(?:[^<>"{}|^`\\\x00-\x20]|\\u[0-9A-Fa-f]{4}|\\U[0-9A-Fa-f]{8})*+>"""
_NAME = r"""[^\W\d](?:[\w.\-·]*\w)?"""
_LOCAL = r"""(?:[\w.\-·:%]|\\[_~.\-!$&'()*+,;=/?\#@%])*+"""
_TOKEN = re.compile(
    rf'''(?P<gap>{_GAP}++)
    |(?P<iri>{_IRI})
    |(?P<string>"""(?:"{{0,2}}+(?:[^"\\]|{_ESCAPE}))*+"""|\'\'\'(?:\'{{0,2}}+(?:[^\'\\]|{_ESCAPE}))*+\'\'\'
        |"(?:[^"\\\n\r]|\\.)*+"|'(?:[^'\\\n\r]|\\.)*+')
    |(?P<variable>[?$]\w+|@[A-Za-z0-9-]+)
    |(?P<name>(?:{_NAME})?:{_LOCAL})
    |(?P<word>{_NAME})
    |(?P<other>.)''',
    re.VERBOSE | re.DOTALL,
)
_CLAUSE = re.compile(
    rf"{_GAP}*+(?:SILENT{_GAP}*+)?(?:{_IRI}|[?$]\w++|(?:{_NAME})?:{_LOCAL})?{_GAP}*+\{{(?!\|)",
    re.VERBOSE | re.IGNORECASE,
)


@dataclass(frozen=True)
class Examined:
    """What is known of a query before it runs: its form, and whether it says FROM or FROM NAMED."""

    form: str
    has_dataset: bool


@dataclass(frozen=True)
class Dataset:
    """The IRIs of the graphs that make up the default graph, and of those that GRAPH can name."""

    default_graphs: tuple[str, ...]
    named_graphs: tuple[str, ...]


class RefusedQueryError(QueryError):
    """The query asks for what this service does not do."""


class QueryTooLongError(QueryError):
    """The query has more characters than the limit allows; `length` and `longest` count characters."""

    def __init__(self, length: int, longest: int) -> None:
        super().__init__(
            f"The query has {length:,} characters; the longest that is read has {longest:,}.",
            "Shorten it, for example by fewer VALUES at a time.",
        )
        self.length = length
        self.longest = longest


@dataclass(frozen=True)
class _Token:
    kind: str
    text: str
    start: int
    end: int


def examine(text: str, longest: int) -> Examined:
    """Return the form of a query of at most `longest` characters.

    Raises QueryTooLongError, RefusedQueryError for SERVICE and for updates, and QuerySyntaxError where no form can be
    seen. A name with the prefix service: directly before a brace is refused too, since the engine may read a clause.
    """
    if len(text) > longest:
        raise QueryTooLongError(len(text), longest)
    form = _form(text)
    if "service" in text.lower() and _holds_service(text):
        raise RefusedQueryError(
            "The query holds SERVICE. Federation is switched off here: this server sends no requests to others.",
            "Ask the other endpoint yourself and put its answer into VALUES, or let your own client federate. "
            "A name that begins with service: needs a dot before the brace that follows it.",
        )
    return Examined(form, "from" in text.lower() and _says_from(text))


def stated_dataset(text: str) -> Dataset | None:
    """Return the graphs that FROM and FROM NAMED name, None where there are none or a prefix is unknown.

    Relative IRIs are resolved against the query's BASE, or ours; prefixes of ours need no declaration.
    """
    base, prefixes = ns.BASE, dict(ns.PREFIXES)
    default_graphs: list[str] = []
    named_graphs: list[str] = []
    tokens = list(_tokens(text))
    for place, token in enumerate(tokens):
        following = [*tokens[place + 1 : place + 3], _NOTHING, _NOTHING]
        match _keyword(token):
            case "BASE" if following[0].kind == "iri":
                base = _iri(following[0], base, prefixes) or base
            case "PREFIX" if following[1].kind == "iri":
                prefixes[following[0].text.removesuffix(":")] = _iri(following[1], base, prefixes) or ""
            case "FROM":
                named = _keyword(following[0]) == "NAMED"
                iri = _iri(following[int(named)], base, prefixes)
                if iri is None:
                    return None
                (named_graphs if named else default_graphs).append(iri)
    return Dataset(tuple(default_graphs), tuple(named_graphs)) if default_graphs or named_graphs else None


_NOTHING = _Token("end", "", 0, 0)


def _form(text: str) -> str:
    """Return the first keyword after the declarations, which must be one of the four forms."""
    tokens = _tokens(text)
    for token in tokens:
        word = _keyword(token)
        if word == "PREFIX":
            next(tokens, None)
        elif word in FORMS:
            return word
        elif word in _UPDATES:
            raise RefusedQueryError(
                f"The text holds the update {word}. This address takes queries only.",
                "Write SELECT, ASK, CONSTRUCT or DESCRIBE.",
            )
        elif word not in ("BASE", "VERSION") and token.kind not in ("iri", "string"):
            break
    raise QuerySyntaxError(
        "The query is not SPARQL at line 1, column 1: none of its four forms can be seen.",
        1,
        1,
        "A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE, after its PREFIX and BASE lines.",
    )


def _says_from(text: str) -> bool:
    return any(_keyword(token) in ("FROM", "FROMNAMED") for token in _tokens(text))


def _holds_service(text: str) -> bool:
    """Say whether a SERVICE clause can be read anywhere, following every way in which the text can be cut.

    A text with very many doubtful places counts as holding one: following them all would take too long.
    """
    pending, seen, doubts = [(0, False)], {(0, False)}, 0
    while pending:
        start, after_graph = pending.pop()
        token = _token_at(text, start)
        if token is None:
            continue
        if _is_service(text, token, after_graph):
            return True
        after = after_graph if token.kind == "gap" else _keyword(token) in _BEFORE_GRAPH_NAMES
        ends = _ends(token)
        doubts += len(ends) - 1
        if doubts > _MOST_DOUBTS:
            return True
        for end in ends:
            if (end, after) not in seen:
                seen.add((end, after))
                pending.append((end, after))
    return False


def _is_service(text: str, token: _Token, after_graph: bool) -> bool:
    """Judge a word or name: the keyword itself, or one with which the keyword can be run together: `1SERVICEex:x {`."""
    if token.kind not in ("word", "name") or "service" not in token.text.partition(":")[0].lower():
        return False
    if token.kind == "word" and token.text.lower() == "service":
        return True
    is_graph_name = token.kind == "name" and after_graph
    return not is_graph_name and _CLAUSE.match(text, token.end) is not None


def _ends(token: _Token) -> list[int]:
    """Return where a token may end: also the second place, where the engine may read less than the longest token."""
    if token.kind == "iri" and "#" in token.text and "//" not in token.text.partition("#")[0]:
        return [token.end, token.start + 1]  # `<` as a comparison; no expression holds `//`
    if token.kind == "string" and token.text[:3] in ('"""', "'''") and "\\u" in token.text.lower():
        return [token.end, token.start + 2]  # the engine falls back to an empty string if an escape names no character
    return [token.end]


def _tokens(text: str) -> Iterator[_Token]:
    """Yield the tokens of the reading in which each is as long as it can be, without the gaps between them."""
    start = 0
    while (token := _token_at(text, start)) is not None:
        start = token.end
        if token.kind != "gap":
            yield token


def _token_at(text: str, start: int) -> _Token | None:
    match = _TOKEN.match(text, start)
    return None if match is None else _Token(match.lastgroup or "other", match[0], start, match.end())


def _keyword(token: _Token) -> str:
    return token.text.upper() if token.kind == "word" else ""


def _iri(token: _Token, base: str, prefixes: dict[str, str]) -> str | None:
    """Return the absolute IRI of a token, None if it is none or its prefix is unknown."""
    if token.kind == "iri":
        return urljoin(base, _CODE_POINT.sub(lambda match: chr(int(match[1] or match[2], 16)), token.text[1:-1]))
    prefix, _, local = token.text.partition(":")
    if token.kind != "name" or prefix not in prefixes:
        return None
    return prefixes[prefix] + re.sub(r"\\(.)", r"\1", local)


_CODE_POINT = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
