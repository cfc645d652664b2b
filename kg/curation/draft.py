"""Drafts: changes before they are made, with their content, author, reason and source."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import Protocol
from urllib.parse import unquote, urlsplit

from pyoxigraph import NamedNode

from kg.curation.dependents import UndoneTogether
from kg.curation.refusals import not_counting_error, nothing_left_error
from kg.curation.undo import inverse_change
from kg.errors import BadValueError
from kg.history import History, Record
from kg.migrations import migrate_records
from kg.rdf.change import NO_CHANGE, Change
from kg.rdf.lexers import BAD_IN_IRI
from kg.rdf.serialise import lines_of
from kg.store import Build, Snapshot
from kg.submissions import Submission, read, unpack

LONGEST_SUMMARY = 500
_LONGEST_SOURCE = 4_000
_SOURCE = re.compile(r"(https?://|urn:).+", re.IGNORECASE)


class Content(Protocol):
    """The statements that a draft adds and removes: the same for any graph, or computed from one."""

    @property
    def size(self) -> int | None:
        """The largest possible number of statements; None if it depends on the graph."""

    def on_snapshot(self, snapshot: Snapshot, seconds: float | None, /) -> Submission:
        """Return the submission for a graph, within `seconds` if others wait for it.

        Raises LimitReachedError if it takes longer, and other errors that prevent the change.
        """


@dataclass(frozen=True)
class SentTexts:
    """Texts of a proposal that are still to be parsed; `graph` is the IRI of the graph that they change.

    What they say of the subjects `taken` has become a change already.
    """

    media_type: str
    body: bytes
    graph: str
    taken: Collection[str] = ()

    @property
    def size(self) -> int:
        """The number of bytes: no statement takes less than one."""
        return len(self.body)

    def on_snapshot(self, snapshot: Snapshot, seconds: float | None = None) -> Submission:
        """Parse the texts; names in templates are looked up in the graph."""
        sent = read(unpack(self.media_type, self.body), self.graph, store=snapshot.store)
        return replace(sent, change=sent.change.without(self.taken)) if self.taken else sent


@dataclass(frozen=True)
class Undo:
    """The inverse of a change, as far as it is still in force; computed from the history, in a job if it is large."""

    history: History
    number: int
    size: int | None

    def on_snapshot(self, snapshot: Snapshot, seconds: float | None = None) -> Submission:
        """Return the inverse. Raises NothingToChangeError if nothing is left of the change, or if it does not count."""
        record, *later = self.records_until(snapshot.build)
        return Submission(_something(inverse_change(record, later, snapshot.store), record, later))

    def together(self, snapshot: Snapshot) -> UndoneTogether:
        """Return what is undone with all that builds on it. Raises as `on_snapshot`."""
        record, *later = self.records_until(snapshot.build)
        found = UndoneTogether.of(record, later, snapshot.store)
        _something(found.change, record, later)
        return found

    def records_until(self, build: Build) -> Sequence[Record]:
        """Return the change to undo and the later ones in a build, migrated to current terms."""
        if self.number in build.withheld_numbers:
            raise not_counting_error(self.number)
        records = islice(self.history.records(), build.changes)
        return migrate_records(records, build.withheld_numbers)[self.number - 1 :]


def _something(change: Change, record: Record, later: Sequence[Record]) -> Change:
    if change == NO_CHANGE:
        raise nothing_left_error(record, later)
    return change


@dataclass(frozen=True)
class ComputedContent:
    """Content that is computed from the graph in this process, such as that of an update."""

    on_snapshot: Callable[[Snapshot, float | None], Submission]
    size: None = None


@dataclass(frozen=True)
class Draft:
    """A change to be made, with its author, reason and source.

    `id` identifies it for good: the same id with the same summary, source and author is the same change. `acknowledged`
    is True if its author has seen the warnings, which are recorded with the change.
    """

    id: str
    kind: str
    content: Content
    summary: str
    source: str
    agent: str
    reviewer: str | None = None
    reverts: int | None = None
    reverts_too: tuple[int, ...] = ()
    acknowledged: bool = False

    @property
    def is_large(self) -> bool:
        """True if it is prepared on a copy of the store, while others make changes; False if its size is unknown."""
        return self.content.size is not None and self.content.size > History.LARGE

    def record(self, change: Change, acknowledged: tuple[str, ...] = ()) -> Record:
        """Return the record of a change that is made from the draft now; the history numbers it."""
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
            reverts_too=self.reverts_too,
            acknowledged=acknowledged,
        )


@dataclass(frozen=True)
class Rationale:
    """The reason for a change and the IRI of its source. `acknowledged`: its author has seen the warnings."""

    summary: str
    source: str
    acknowledged: bool = False

    @classmethod
    def parse(cls, summary: str, source: str, acknowledged: bool = False) -> Rationale:
        """Return a normalised rationale. Raises BadValueError for an invalid summary or source."""
        return cls(cls.parse_summary(summary), _parse_source(source), acknowledged)

    @classmethod
    def parse_unfinished(cls, summary: str, source: str) -> Rationale:
        """Return a rationale as far as it is written. Raises BadValueError if a part is longer than any valid one."""
        for name, text, most in (("summary", summary, LONGEST_SUMMARY), ("source", source, _LONGEST_SOURCE)):
            if len(text) > most:
                raise BadValueError(f"The {name} has {len(text):,} characters.", f"It may have {most:,}.")
        return cls(" ".join(summary.split()), source.strip())

    @staticmethod
    def parse_summary(summary: str) -> str:
        """Return a normalised summary. Raises BadValueError if it is empty, too long, or has control characters."""
        summary = " ".join(summary.split())
        if not summary or len(summary) > LONGEST_SUMMARY or not summary.isprintable():
            raise BadValueError(
                f"A change needs a summary of 1 to {LONGEST_SUMMARY} characters.",
                "Say why in a few words, such as: New twinning of Leeds",
            )
        return summary

    def draft(self, change_id: str, kind: str, content: Content, agent: str) -> Draft:
        """Return the draft of a change with this rationale."""
        return Draft(change_id, kind, content, self.summary, self.source, agent, acknowledged=self.acknowledged)


def _parse_source(source: str) -> str:
    source = source.strip()
    try:
        if not _SOURCE.fullmatch(source) or BAD_IN_IRI.search(unquote(source)) or urlsplit(source).username is not None:
            raise ValueError
        return NamedNode(source).value
    except ValueError:
        raise BadValueError(
            f"source={source!r} is not an address or a URN." if source else "There is no source.",
            "Give its http address without a password, or a URN, such as https://example.org/page",
        ) from None
