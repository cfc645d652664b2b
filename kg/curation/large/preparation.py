"""Prepare a large change on a copy of the store: write it there, judge it, and follow what others change meanwhile.

What is written into the copy is what the change does to the graph on which it was begun. Changes that are made
meanwhile are written into the copy as well, and judged there: what they and the large change break together is found
in the smaller one. The order in which the history has them, the large change last, comes to the same, as long as none
of them touches a statement of the large change, or of the one that it takes back: what is left to be taken back depends
on all that touched these. If one does, it is prepared anew.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from pyoxigraph import Quad, Store

from kg.building import LedgerFile
from kg.curation.check_queries import findings_in
from kg.curation.draft import Draft, Sent, undoing
from kg.curation.judging import acknowledged, effective
from kg.curation.large.copies import Copy, finished
from kg.curation.refusals import SecondPersonError
from kg.findings import Finding, are_enough
from kg.history import History, Record
from kg.jobs import Advance
from kg.migrations import in_terms_of_today
from kg.names import Names
from kg.rdf.change import NO_CHANGE, Change
from kg.rdf.change_file import ChangeFile
from kg.rdf.scopes import EVERYTHING, REPORT
from kg.shacl import ChangeValidation, Ledger, Verdict
from kg.store import Build
from kg.store.aside import Aside
from kg.submissions import Submission, read, unpacked
from kg.submissions.checks import withdraws

IN_THE_SUBMISSION = "submission"
"""The file that a finding names whose place is a statement of the change, by its number in the order of lines."""
MOST_WARNINGS = 100
"""Warnings that a record has in words; a large change may bring one for each of its things."""
STEPS = 5


class OvertakenError(Exception):
    """A change that was made meanwhile touches a statement of the large one, which has to be prepared anew."""


@dataclass(frozen=True)
class Made:
    """What a preparation has come to: the record as it will be sealed, and the build that holds it."""

    record: Record
    build: Build


class Preparation:
    """The preparation of one change."""

    def __init__(self, aside: Aside, draft: Draft, advance: Advance) -> None:
        """Take the folder of a build to come, and the draft; `advance` gets each step, and of how many."""
        self._aside, self._draft = aside, draft
        self._history, self._ledgers = History(aside.folder.path), LedgerFile(aside.folder)
        self._shapes = ChangeValidation()
        self._advance = advance
        self._followed = aside.base.changes
        self._names: Names | None = None
        self._taken_back: frozenset[Quad] = frozenset()

    def prepare(self) -> None:
        """Do all that can be done before the change's turn comes.

        Raises what `Gate.commit` raises for a change that is not to be made.
        """
        before = Store.read_only(str(self._aside.start))
        self._advance("reading the change", 0, STEPS)
        self._submission = self._sent(before)
        if self._draft.reviewer is None and withdraws(self._submission.change, before):
            raise SecondPersonError.told_how()
        self._change = effective(self._submission.change, before, self._history)
        self._touchable = self._taken_back | self._submission.change.added | self._submission.change.removed
        self._advance("checking what it says", 1, STEPS)
        self._findings = findings_in(self._submission, before)
        self._advance("validating the graph as it would be", 2, STEPS)
        ledger = self._ledgers.read(self._aside.base, self._aside.ledger) or self._shapes.standing(before)
        enough = are_enough(self._findings)
        verdict = None if enough else self._shapes.verdict(before, ledger, self._change)
        self._words(verdict)
        assert verdict is not None  # or else there were violations
        self._verdict, self._ledger = verdict, verdict.ledger
        self._advance("writing a copy of the store", 3, STEPS)
        self._write()

    def follow(self, last: int) -> None:
        """Make the changes upon the copy that have come up to a number, and judge them there. Raises OvertakenError."""
        for record in islice(self._history.records(after=self._followed), last - self._followed):
            self._follow(record)
            self._followed = record.number

    def finish(self, current: Build) -> Made:
        """Return what there is to be made current, after all changes of the current build have been followed.

        The gate must be held meanwhile. Raises OvertakenError; RefusedChangeError for what the change breaks together
        with what came meanwhile.
        """
        self.follow(current.changes)
        if current.changes > self._aside.base.changes:
            self._verdict = self._compared(self._ledgers.read(current))
        record = self._history.next(self._record(self._words(self._verdict)))
        build = finished(self._copies, lambda copy: copy.finished(record))
        self._ledgers.write(build, self._ledger, self._aside.ledger)
        return Made(record, build)

    def _sent(self, store: Store) -> Submission:
        sent = self._draft.submission
        if sent is None:
            assert self._draft.reverts is not None
            withheld = self._aside.base.not_counting
            records = in_terms_of_today(islice(self._history.records(), self._aside.base.changes), withheld)
            taken_back = records[self._draft.reverts - 1]
            self._taken_back = taken_back.added_quads() | taken_back.removed_quads()
            return undoing(self._draft.reverts, records, store, withheld)
        if isinstance(sent, Sent):
            return read(unpacked(sent.media_type, sent.body), sent.graph, store=store)
        change = self._draft.read().change
        return Submission(change, _Numbered(change))

    def _write(self) -> None:
        self._copies = Copy.each(self._aside, [REPORT])
        for copy in self._copies.values():
            copy.write_large(self._change)
        file = ChangeFile.write(self._aside.path / "change.rdfp.gz", self._change)
        self._filed = self._draft.record(NO_CHANGE).filed(file)
        self._filed.index()
        self._advance("reading its tables for their checksums", 4, STEPS)
        for copy in self._copies.values():
            copy.prepare()

    def _follow(self, record: Record) -> None:
        asked = Change(record.added_quads(), record.removed_quads())
        if not self._touchable.isdisjoint(asked.added | asked.removed):
            raise OvertakenError
        store = self._copies[EVERYTHING].store
        change = asked.left_in(store)
        names = self._names = self._names or Names(store)
        found = findings_in(Submission(change), store, names)
        self._findings += [one for one in found if not _was_seen(one, record)]
        self._ledger = self._shapes.verdict(store, self._ledger, change).ledger
        for copy in self._copies.values():
            copy.write(asked, record)
        names.follow(asked.added | asked.removed)

    def _compared(self, before: Ledger | None) -> Verdict:
        """Return the verdict against what the graph has come to meanwhile."""
        if before is None:  # it could not be kept
            current = self._aside.folder.open()
            before = self._shapes.standing(current)
        new, mended = Counter(self._ledger) - Counter(before), Counter(before) - Counter(self._ledger)
        return Verdict(tuple(new.elements()), tuple(mended.elements()), self._ledger, in_full=True)

    def _words(self, verdict: Verdict | None) -> tuple[str, ...]:
        words = acknowledged(
            *(self._draft, self._submission, self._findings, verdict, self._history),
            withheld=self._aside.base.not_counting,
        )
        more = len(words) - MOST_WARNINGS
        return words if more <= 0 else (*words[:MOST_WARNINGS], f"and {more} more warnings")

    def _record(self, words: tuple[str, ...]) -> Record:
        return replace(self._filed, at=self._draft.record(NO_CHANGE).at, acknowledged=words)


class _Numbered:
    """Places of statements that have none here: their numbers, for the process that knows the places."""

    def __init__(self, change: Change) -> None:
        self._change = change
        self._numbers: Mapping[Quad, int] | None = None

    def find(self, quad: Quad) -> tuple[str, int, int] | None:
        if self._numbers is None:
            self._numbers = {said: number for number, said in enumerate(in_order(self._change), 1)}
        number = self._numbers.get(quad)
        return None if number is None else (IN_THE_SUBMISSION, number, 1)


def in_order(change: Change) -> Sequence[Quad]:
    """Return the quads of a change in the order in which their numbers are places."""
    return sorted(change.added | change.removed, key=str)


def _was_seen(finding: Finding, record: Record) -> bool:
    """Say whether a finding passes, or was told when a change was made; its place in the text is not known any more."""
    said = str(finding)
    return finding.severity == "Info" or any(words.endswith(said) for words in record.acknowledged)
