"""Look at the text of a query before it runs: what form it has, and whether it asks for what is switched off here.

The engine reads SPARQL by what may stand at a place, so one text can be cut into tokens in two ways: `1<2#>` may begin
with a comparison and a comment or hold an IRI, and `SERVICE:x {` may be a clause or a name. Where that is so, both
readings are followed, and a query is refused if either holds SERVICE. The engine is never called here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches

from kg.errors import QueryError
from kg.query_tokens import GAP, IRI, NAME, NOTHING, Prologue, Token, ends, keyword, token_at, tokens
from kg.querying import QuerySyntaxError

FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_UPDATES = frozenset("INSERT DELETE LOAD CLEAR DROP CREATE ADD MOVE COPY WITH".split())
_MOST_DOUBTS = 1_000  # places with two readings; each costs up to one pass over the text
_BEFORE_GRAPH_NAMES = frozenset({"GRAPH", "FROM", "NAMED"})

_CLAUSE = re.compile(
    rf"{GAP}*+(?:SILENT{GAP}*+)?(?:{IRI}|[?$]\w++|{NAME})?{GAP}*+\{{(?!\|)",
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


def examine(text: str, longest: int) -> Examined:
    """Return the form of a query of at most `longest` characters.

    Raises QueryTooLongError, RefusedQueryError for SERVICE and for updates, and QuerySyntaxError where no form can be
    seen. A name with the prefix service: directly before a brace is refused too, since the engine may read a clause.
    """
    if len(text) > longest:
        raise QueryTooLongError(len(text), longest)
    form = _form(text)
    if "service" in text.lower() and holds_service(text):
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
    if "from" not in text.lower():
        return None
    prologue = Prologue()
    default_graphs: list[str] = []
    named_graphs: list[str] = []
    read = list(tokens(text))
    for place, token in enumerate(read):
        following = [*read[place + 1 : place + 3], NOTHING, NOTHING]
        prologue.read(token, following[0], following[1])
        if keyword(token) == "FROM":
            named = keyword(following[0]) == "NAMED"
            iri = prologue.iri(following[int(named)])
            if iri is None:
                return None
            (named_graphs if named else default_graphs).append(iri)
    return Dataset(tuple(default_graphs), tuple(named_graphs)) if default_graphs or named_graphs else None


def _form(text: str) -> str:
    """Return the first keyword after the declarations, which must be one of the four forms."""
    read = tokens(text)
    for token in read:
        word = keyword(token)
        if word == "PREFIX":
            next(read, None)
        elif word in FORMS:
            return word
        elif word in _UPDATES:
            raise RefusedQueryError(
                f"The text holds the update {word}. This address takes queries only.",
                "Write SELECT, ASK, CONSTRUCT or DESCRIBE.",
            )
        elif word not in ("BASE", "VERSION") and token.kind not in ("iri", "string"):
            raise _no_form(text, token.start, word)
    raise _no_form(text, len(text), "")


def _no_form(text: str, place: int, word: str) -> QuerySyntaxError:
    """Return the error of a text in which something else stands at the place of the form."""
    line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
    near = get_close_matches(word, [*FORMS, "BASE", "PREFIX"], n=1)
    guess = f"Did you mean {near[0]}? " if near else ""
    shown = f" near: {text[place : place + 30].strip()}" if place < len(text) else " the text ends."
    return QuerySyntaxError(
        f"The query is not SPARQL at line {line}, column {column}: none of its four forms can be seen,{shown}",
        line,
        column,
        f"{guess}A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE, after its PREFIX and BASE lines.",
    )


def _says_from(text: str) -> bool:
    return any(keyword(token) in ("FROM", "FROMNAMED") for token in tokens(text))


def holds_service(text: str) -> bool:
    """Say whether a SERVICE clause can be read anywhere, following every way in which the text can be cut.

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
        after = after_graph if token.kind == "gap" else keyword(token) in _BEFORE_GRAPH_NAMES
        places = ends(token)
        doubts += len(places) - 1
        if doubts > _MOST_DOUBTS:
            return True
        for end in places:
            if (end, after) not in seen:
                seen.add((end, after))
                pending.append((end, after))
    return False


def _is_service(text: str, token: Token, after_graph: bool) -> bool:
    """Judge a word or name: the keyword itself, or one with which the keyword can be run together: `1SERVICEex:x {`."""
    if token.kind not in ("word", "name") or "service" not in token.text.partition(":")[0].lower():
        return False
    if token.kind == "word" and token.text.lower() == "service":
        return True
    is_graph_name = token.kind == "name" and after_graph
    return not is_graph_name and _CLAUSE.match(text, token.end) is not None
