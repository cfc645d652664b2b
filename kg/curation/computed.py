"""Changes that are computed from the graph, such as those of an update, of a PUT and of an undo.

One is computed upon the current snapshot, while others make theirs, and made if the graph is still at that revision.
Else it is computed anew; the last time no one else may change the graph, for at most HELD_SECONDS. A large one takes
long to prepare. So it need not meet that revision, but a graph from which the same change is computed.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from kg.curation.draft import Draft
from kg.curation.refusals import RevisionPassedError
from kg.history import ConflictError, Record
from kg.store import Build
from kg.submissions import Submission
from kg.workers import LimitReachedError

if TYPE_CHECKING:
    from kg.curation.gate import Gate

ATTEMPTS = 3
HELD_SECONDS = 2.0
"""Seconds for which others may be kept waiting."""

Compute = Callable[[float | None], tuple[Build, Submission]]
"""Computes what to submit from the current snapshot, of which it returns the build; within so many seconds if need be.

It raises LimitReachedError if that takes longer, and what else keeps the change from being made.
"""


@dataclass(frozen=True)
class Computing:
    """A change to be computed, drafted, and made as `Curation.make` does; upon one revision only if that is said."""

    gate: Gate
    make: Callable[..., Record]
    compute: Compute
    drafted: Callable[[Submission], Draft]
    if_revision: str | None

    def made(self, change_id: str) -> Record:
        """Make the change of an id, and return its record.

        Raises what the functions raise; ConflictError if others change the graph each time meanwhile.
        """
        for attempt in range(1, ATTEMPTS + 1):
            with self.gate.held():  # so that what is recorded is also in the snapshot, if a write failed half-way
                before = self.gate.made(change_id)
            if before is not None:
                return before
            with suppress(_OvertakenError):
                return self._made(*self.compute(None)) if attempt < ATTEMPTS else self._last()
        raise _too_often()

    def _last(self) -> Record:
        with self.gate.held():
            build, sent = self._at_once()
            if not self.drafted(sent).is_large:
                return self._made(build, sent)
        return self._made(build, sent)

    def _made(self, build: Build, sent: Submission) -> Record:
        draft = self.drafted(sent)
        try:
            if draft.is_large:
                return self.make(draft, self.if_revision, ready=lambda: self._refuse_other(build, sent))
            return self.make(draft, self.if_revision or build.revision)
        except (ConflictError, RevisionPassedError):
            if self.if_revision is not None or self.gate.build.revision == build.revision:
                raise
            raise _OvertakenError from None

    def _refuse_other(self, build: Build, sent: Submission) -> None:
        """Raise _OvertakenError if another change is computed from the graph as it is by now; the gate must be held."""
        if self.gate.build.revision != build.revision and self._at_once()[1].change != sent.change:
            raise _OvertakenError

    def _at_once(self) -> tuple[Build, Submission]:
        try:
            return self.compute(HELD_SECONDS)
        except LimitReachedError as error:
            if error.limit == "seconds":
                raise _too_often() from error
            raise


def _too_often() -> ConflictError:
    return ConflictError(
        "Others change the graph, each time that the change is computed from it.",
        "Send it again in a while, or in parts that take less.",
    )


class _OvertakenError(Exception):
    """The graph has changed since the change was computed from it."""
