"""A change that does not fit the graph as it is now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from pyoxigraph import Quad

from kg.errors import CityKgError
from kg.history.chain import Record
from kg.rdf.serialise import lines_of


class ConflictError(CityKgError):
    """A change does not fit the graph as it is now.

    `quads` are the statements in the way, `changes` those that added or removed them, if they were looked up.
    """

    title = "The change does not fit the graph"

    def __init__(
        self, message: str, hint: str, quads: frozenset[Quad] = frozenset(), changes: Sequence[Record] = ()
    ) -> None:
        super().__init__(message, hint)
        self.quads = quads
        self.changes = changes

    def details(self) -> dict[str, Any]:
        """Return the statements in the way, and the changes that added or removed them."""
        return {
            "statements": lines_of(self.quads) or None,
            "changes": [change.as_dict() for change in self.changes] or None,
        }
