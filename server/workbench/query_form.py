"""The form of a query in SPARQL, which is sent to `/sparql`: above an answer, and where a text can be changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True)
class QueryForm:
    """The form of a query: its text, whether who says so is asked, and what else the request asked.

    Of a text that is too long to be repeated there is only its `length`.
    """

    MOST_REPEATED: ClassVar = 30_000
    """Characters of a query that its page repeats."""
    FEWEST_LINES: ClassVar = 6
    MOST_LINES: ClassVar = 20

    query: str = ""
    length: int = 0
    evidence: bool = False
    can_have_evidence: bool = True
    hidden: Sequence[tuple[str, str]] = ()

    @property
    def lines(self) -> int:
        """The lines of the field."""
        return min(max(self.query.count("\n") + 1, self.FEWEST_LINES), self.MOST_LINES)
