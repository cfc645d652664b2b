"""A hint: a sentence on a query, what to look up, and the corrected query if there is one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

MOST = 3
"""Hints of one sort that a query gets at most."""
GUIDE = "docs/researchers"
"""The guide to queries."""

_LONGEST_PART = 200  # characters of a part of a query that a hint repeats

HintKind = Literal[
    "name", "function", "prefix", "alias", "clause", "value", "empty", "elsewhere", "evidence", "known", "gazetteer"
]
"""The subject of a hint: an unknown name or function, a prefix that means something else here, an alias of SELECT in
HAVING, a clause that does not do what it seems to, a value that the graph has otherwise, why there is no row, where the
graph holds something, parts of the query without evidence, what is known of ties where there is no row, or a value that
the gazetteer has given. Code goes by this, never by the words."""


@dataclass(frozen=True)
class Hint:
    """A sentence, the IRI or page to look up, and its kind; `query` is the corrected query, if any."""

    sentence: str
    about: str
    kind: HintKind
    query: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return its fields as a JSON object, by which it can be made again."""
        return asdict(self)


def abbreviate(text: str) -> str:
    """Return a part of a query in one line, cut if it is long."""
    text = " ".join(text.split())
    return text if len(text) <= _LONGEST_PART else f"{text[:_LONGEST_PART]}…"


def enumerate_variables(names: Sequence[str], conjunction: str = "and") -> str:
    """Return names of variables as a clause has them, such as "?a and ?b"."""
    return f" {conjunction} ".join(f"?{name}" for name in names)
