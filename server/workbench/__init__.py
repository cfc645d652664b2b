"""The query editor: its form, its scripts, and whether they were bundled. See docs/decisions/workbench.md."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import ClassVar

BUNDLE = Path(__file__).parents[1] / "bundle"
BUNDLED = ("editor.js", "licences.txt", "workbench.css", "workbench.js")
_FAILURE = "FAILED.txt"

__all__ = ["BUNDLE", "BUNDLED", "QueryForm", "fault", "is_bundled"]


@cache
def is_bundled() -> bool:
    """Return True if all scripts are there."""
    return all((BUNDLE / name).is_file() for name in BUNDLED)


def fault() -> str:
    """Return why the scripts are missing or out of date, and what to do; nothing if all is well."""
    with suppress(FileNotFoundError):
        return (BUNDLE / _FAILURE).read_text(encoding="utf-8").strip()
    if is_bundled():
        return ""
    return "The scripts of the query editor were not bundled: it is a plain field. To mend it: make install."


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
