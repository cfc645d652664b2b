"""A change that somebody wants, before it is made."""

from __future__ import annotations

import time
from dataclasses import dataclass

from kg.history import History, Record
from kg.rdf.change import Change
from kg.rdf.change_file import ChangeFile
from kg.rdf.serialise import lines_of
from kg.submissions import Submission


@dataclass(frozen=True)
class Sent:
    """Texts as a proposal keeps them, which are still to be read; `graph` is the IRI that they are for."""

    media_type: str
    body: bytes
    graph: str


@dataclass(frozen=True)
class Draft:
    """A change that somebody wants: what, who, why, from which source.

    `id` names it for good: the same id with the same words is the same change. `acknowledged` says that its author has
    seen the warnings; those stay with the change. A large change may lie in a file, or be still to be read; that of an
    undo is found in the history where no submission is given.
    """

    id: str
    kind: str
    submission: Submission | ChangeFile | Sent | None
    summary: str
    source: str
    agent: str
    reviewer: str | None = None
    reverts: int | None = None
    acknowledged: bool = False

    @property
    def is_large(self) -> bool:
        """Whether it is prepared on a copy of the store, while others make their changes."""
        sent = self.submission
        if isinstance(sent, Submission):
            return len(sent.change.added) + len(sent.change.removed) > History.LARGE
        return not isinstance(sent, ChangeFile) or sent.size > History.LARGE

    def read(self) -> Submission:
        """Return what is submitted by a change that is not large; from the file if it lies in one."""
        sent = self.submission
        if isinstance(sent, Submission):
            return sent
        assert isinstance(sent, ChangeFile)  # what is still to be read, or to be found, counts as large
        return Submission(sent.read())

    def record(self, change: Change, acknowledged: tuple[str, ...] = ()) -> Record:
        """Return the record of a change that is made of the draft now; the history numbers it."""
        return Record(
            number=0,
            id=self.id,
            kind=self.kind,
            summary=self.summary,
            source=self.source,
            agent=self.agent,
            at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            added=lines_of(change.added),
            removed=lines_of(change.removed),
            reviewer=self.reviewer,
            reverts=self.reverts,
            acknowledged=acknowledged,
        )
