"""The form of a query, and the error of a text that has none or is not SPARQL."""

from __future__ import annotations

import re
from typing import Any

from kg.errors import QueryError
from kg.nearest import did_you_mean, nearest
from kg.rdf.lexers import place_at
from kg.sparql.text.tokenizer import GAP, IRI, NAME, each_token

FORMS = frozenset({"SELECT", "ASK", "CONSTRUCT", "DESCRIBE"})
_USUAL = re.compile(
    rf"(?>{GAP}++|(?i:PREFIX){GAP}++(?>{NAME}){GAP}*+{IRI})*+((?i:{'|'.join(sorted(FORMS))}))(?=[\s{{*?$<(])"
)
"""The beginning of nearly every query, whose tokens need not be looked at one by one."""
_UPDATES = frozenset("INSERT DELETE LOAD CLEAR DROP CREATE ADD MOVE COPY WITH".split())


class QuerySyntaxError(QueryError):
    """A query that cannot be parsed; `line` and `column` start at 1, and `near` is the text there.

    `query` is the corrected query, if it is sure how to correct it.
    """

    def __init__(self, brief: str, near: str, line: int, column: int, hint: str, *, query: str = "") -> None:
        super().__init__(f"{brief}, near: {near}" if near else f"{brief}.", hint)
        self.query = query
        self.brief = f"{brief}."
        self.line = line
        self.column = column

    def details(self) -> dict[str, Any]:
        """Return line and column, and the corrected query if there is one."""
        return {"line": self.line, "column": self.column} | ({"query": self.query} if self.query else {})


def form_of(text: str) -> str:
    """Return the first keyword after the declarations, one of the four forms. Raises QueryError, QuerySyntaxError."""
    usual = _USUAL.match(text)
    if usual is not None:
        return usual[1].upper()
    rest = each_token(text)
    for token in rest:
        word = token.keyword
        if word == "PREFIX":
            next(rest, None)
        elif word in FORMS:
            return word
        elif word in _UPDATES:
            raise QueryError(
                f"The text holds the update {word}. This address takes queries only.",
                "Write SELECT, ASK, CONSTRUCT or DESCRIBE; updates go to /update.",
            )
        elif word not in ("BASE", "VERSION") and token.kind not in ("iri", "string"):
            raise _no_form(text, token.start, word)
    raise _no_form(text, len(text), "")


def _no_form(text: str, place: int, word: str) -> QuerySyntaxError:
    """Return the error of a text that has another word in place of the form."""
    line, column = place_at(text, place)
    near = nearest(word, [*FORMS, "BASE", "PREFIX"])
    at_end = "" if place < len(text) else ", the text ends"
    return QuerySyntaxError(
        f"The query is not SPARQL at line {line}, column {column}: none of its four forms can be seen{at_end}",
        text[place : place + 30].strip(),
        line,
        column,
        did_you_mean(near, "A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE, after its PREFIX and BASE lines."),
    )
