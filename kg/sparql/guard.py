"""Examine the text of a query before it runs: its form, and whether it uses what is switched off here.

A query is refused if any reading of it holds SERVICE (kg.sparql.text.tokenizer). The engine is never called here.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import pairwise
from typing import ClassVar

from kg.errors import QueryError
from kg.sparql.text import Token, form_of, holds_service, tokens

_FLEETING = ("NOW", "RAND", "UUID", "BNODE")  # and STRUUID
_TWO_WAYS = re.compile(r"\\u|<(?:(?!//)[^<>\x00-\x20#])*+#", re.IGNORECASE)
"""Matches texts that may hold a token with two ends (Token.ends); it may match others, too."""


@dataclass(frozen=True)
class Query:
    """A query that `examine` has let through: its text, and its form.

    `original_text` is the text as it came, where what runs has something else put into it.
    """

    text: str
    form: str
    original_text: str = field(default="", kw_only=True)

    is_remote: ClassVar = False
    """True if the answer also depends on other endpoints."""

    @staticmethod
    def check_text(text: str, longest: int) -> None:
        """Raise QueryTooLongError for more than `longest` characters, and QueryError for what is not text."""
        if len(text) > longest:
            raise QueryTooLongError(len(text), longest)
        try:
            text.encode()
        except UnicodeEncodeError:
            words = "The query holds half of a surrogate pair, which is not a character."
            raise QueryError(words, "Send UTF-8.") from None

    @cached_property
    def tokens(self) -> Sequence[Token]:
        """The tokens of the original text."""
        return tokens(self.original_text or self.text)

    @property
    def is_deterministic(self) -> bool:
        """True if the query has one answer on one snapshot: it calls no function such as NOW or RAND.

        A keyword may be run together with the word before it, and a text that can be cut in two ways may hide one.
        """
        if self.is_remote:
            return False
        said = self.text.upper()
        if not any(name in said for name in _FLEETING) and _TWO_WAYS.search(self.text) is None:
            return True
        return not any(
            len(token.ends) > 1 or (token.kind == "word" and any(name in token.text.upper() for name in _FLEETING))
            for token in self.tokens
        )

    @property
    def speed_advice(self) -> str:
        """Advice for a query that ran out of time: NOT EXISTS is evaluated for every row. Empty if it has none."""
        if any((one.keyword, other.keyword) == ("NOT", "EXISTS") for one, other in pairwise(self.tokens)):
            return (
                "The query holds FILTER NOT EXISTS, which is evaluated again for every row: write MINUS { … }, or "
                "OPTIONAL { … } with FILTER (!BOUND(?x)) behind it."
            )
        return ""


class RefusedQueryError(QueryError):
    """The query asks for something that this service does not do."""

    title = "The query is refused"


class QueryTooLongError(QueryError):
    """The query has more characters than the limit allows; `length` and `longest` count characters."""

    title = "The query is too long"

    def __init__(self, length: int, longest: int) -> None:
        super().__init__(
            f"The query has {length:,} characters; the longest that is read has {longest:,}.",
            "Shorten it, for example by fewer VALUES at a time.",
        )
        self.length = length
        self.longest = longest


def examine(text: str, longest: int) -> Query:
    """Return a query of at most `longest` characters.

    Raises QueryTooLongError, RefusedQueryError for SERVICE, QueryError for updates and for what is not text, and
    QuerySyntaxError where no form can be seen. A name with the prefix service: directly before a brace is refused too,
    since the engine may read a clause.
    """
    Query.check_text(text, longest)
    form = form_of(text)
    if "service" in text.lower() and holds_service(text):
        raise RefusedQueryError(
            "The query holds SERVICE. Federation is switched off here: this server sends no requests to others.",
            "Ask the other endpoint yourself and put its answer into VALUES, or let your own client federate. "
            "A name that begins with service: needs a dot before the brace that follows it.",
        )
    return Query(text, form)
