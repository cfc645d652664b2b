"""The query editor: its form, its scripts, and whether they were bundled. See docs/decisions/workbench.md."""

from __future__ import annotations

from contextlib import suppress
from functools import cache
from pathlib import Path

from server.workbench.query_form import QueryForm

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
