"""A change that somebody wants, before it is made: its rationale, from which source, and what an undo comes to."""

from __future__ import annotations

import re
import time
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from urllib.parse import unquote, urlsplit

from pyoxigraph import NamedNode, Store

from kg.curation.refusals import does_not_count, nothing_left
from kg.curation.undo import undone
from kg.errors import BadValueError
from kg.history import History, Record
from kg.migrations import in_terms_of_today
from kg.rdf.change import Change
from kg.rdf.change_file import ChangeFile
from kg.rdf.lexers import BAD_IN_IRI
from kg.rdf.serialise import lines_of
from kg.submissions import Submission

LONGEST_SUMMARY = 500
_SOURCE = re.compile(r"(https?://|urn:).+", re.IGNORECASE)


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


@dataclass(frozen=True)
class Rationale:
    """Why a change is made, and the IRI of its source. `acknowledged`: its author has seen the warnings."""

    summary: str
    source: str
    acknowledged: bool = False

    @classmethod
    def checked(cls, summary: str, source: str, acknowledged: bool = False) -> Rationale:
        """Return a rationale as it is kept. Raises BadValueError for an unfit summary or source."""
        return cls(cls.checked_summary(summary), _checked_source(source), acknowledged)

    @staticmethod
    def checked_summary(summary: str) -> str:
        """Return a summary as it is kept. Raises BadValueError if it is empty, too long, or has control characters."""
        summary = " ".join(summary.split())
        if not summary or len(summary) > LONGEST_SUMMARY or not summary.isprintable():
            raise BadValueError(
                f"A change needs a summary of 1 to {LONGEST_SUMMARY} characters.",
                "Say why: summary=New+twinning+of+Leeds",
            )
        return summary

    def draft(self, change_id: str, kind: str, submission: Submission | ChangeFile | Sent, agent: str) -> Draft:
        """Return the draft of a change that is made for this reason; a large one may lie in a file."""
        return Draft(change_id, kind, submission, self.summary, self.source, agent, acknowledged=self.acknowledged)


def _checked_source(source: str) -> str:
    source = source.strip()
    try:
        if not _SOURCE.fullmatch(source) or BAD_IN_IRI.search(unquote(source)) or urlsplit(source).username is not None:
            raise ValueError
        return NamedNode(source).value
    except ValueError:
        raise BadValueError(
            f"source={source!r} does not say where one can look it up." if source else "There is no source.",
            "Give its http address without a password, or a URN: source=https://example.org/page",
        ) from None


def undoing(number: int, records: Iterable[Record], store: Store, withheld: Collection[int]) -> Submission:
    """Return what takes back, upon a store with these records, what is still as one of them made it.

    Those that are `withheld` are not in the store. Raises NothingToChangeError if nothing is left of it.
    """
    if number in withheld:
        raise does_not_count(number)
    record, *later = in_terms_of_today(records, withheld)[number - 1 :]
    change = undone(record, later, store)
    if not change.added and not change.removed:
        raise nothing_left(record, later)
    return Submission(change)
