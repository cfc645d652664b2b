"""The jobs that stage a build on a copy of the store while others make changes: large changes, and measures.

A job writes its own part into the copy, and the changes that are made meanwhile. Measures stay those of the revision on
which their job was begun. A large change is judged in the copy.

A large change is computed from the graph as it is when its job begins. Changes that are made meanwhile are judged in
the copy as well: violations of both together are found in the smaller one. In the history the large change comes last.
The outcome is the same, as long as no other change touches a statement of the large change, or of the change that it
undoes: what is left to undo depends on all changes of these statements. If one does, the large change is prepared
again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pyoxigraph import DefaultGraph, Store

from kg.curation.check_queries import findings_in
from kg.curation.draft import Draft, Undo
from kg.curation.judging import STEPS, judge, require_acceptable
from kg.curation.refusals import OvertakenError
from kg.curation.validation import Validation
from kg.curation.writer import ConcurrentChange, PendingWrite
from kg.history import History
from kg.jobs import Advance
from kg.measures import measures
from kg.names import Names
from kg.rdf import graphs
from kg.rdf.change import NO_CHANGE, ChangeFile
from kg.rdf.lookup import match
from kg.rdf.scopes import REPORT, scopes_of_works
from kg.rdf.vocabulary import CD
from kg.shacl import Ledger, Verdict
from kg.store import Snapshot
from kg.store.staging import StagedBuild
from kg.submissions import Submission

MOST_WARNINGS = 100
"""The most warnings in words in a record; a large change may cause one for each of its things."""


class LargeChangeJob:
    """Stages a build with a large change."""

    def __init__(self, aside: StagedBuild, ledger: Ledger, draft: Draft, advance: Advance) -> None:
        """Take the build to stage, the ledger of its base, and the draft; `advance` gets each step and their number."""
        self._aside, self._draft, self._advance = aside, draft, advance
        self._history = History(aside.folder.path)
        self._validation = Validation(aside.folder)
        self._validation.ledger = ledger
        self._names: Names | None = None

    def prepare(self) -> None:
        """Compute, judge and write the change, without the lock. Raises as `Gate.commit` does for a refused change."""
        base, before = self._aside.base, Store.read_only(str(self._aside.base_snapshot))
        self._advance("reading the change", 0, STEPS)
        content = self._draft.content
        submission = content.on_snapshot(Snapshot(base, before), None)
        self._touchable = submission.change.added | submission.change.removed
        if isinstance(content, Undo):
            taken_back = content.records_until(base)[0]
            self._touchable |= taken_back.added_quads() | taken_back.removed_quads()
        self._judgement = judge(
            self._draft, submission, before, self._validation.verdict, self._history, advance=self._advance
        )
        _, verdict = self._require_acceptable()
        self._validation.ledger = verdict.ledger
        self._advance("writing a copy of the store", 3, STEPS)
        self._write()

    def follow(self, since: Sequence[ConcurrentChange]) -> None:
        """Make the changes in the copy that were made meanwhile, and judge them there. Raises OvertakenError."""
        for one in since:
            self._follow(one)

    def finish(self, since: Sequence[ConcurrentChange], ledger: Ledger) -> PendingWrite:
        """Follow the last changes up to the current build, whose ledger is given; return the write to be done.

        The gate must be held. Raises OvertakenError; RefusedChangeError if the change and those made meanwhile together
        break something.
        """
        self._advance("making the change", 0, 1)
        self.follow(since)
        after = self._validation.ledger
        new, mended = Counter(after) - Counter(ledger), Counter(ledger) - Counter(after)
        verdict = Verdict(tuple(new.elements()), tuple(mended.elements()), after, in_full=True)
        self._judgement = replace(self._judgement, verdict=verdict)
        words, _ = self._require_acceptable()
        record = self._history.seal_next(replace(self._record, at=self._draft.record(NO_CHANGE).at, acknowledged=words))
        self._aside.state_record(record)
        return PendingWrite(record, after, self._judgement.findings, self._aside.finish())

    def _write(self) -> None:
        change = self._judgement.change
        self._aside.copy_stores([REPORT])
        self._aside.write_large(change)
        file = ChangeFile.write(self._aside.path / "change.rdfp.gz", change)
        self._record = self._draft.record(NO_CHANGE).with_file(file)
        self._record.write_index()
        self._advance("reading its tables for their checksums", 4, STEPS)
        self._aside.write_checksums_ahead()

    def _follow(self, one: ConcurrentChange) -> None:
        asked, store = one.change, self._aside.store
        if not self._touchable.isdisjoint(asked.added | asked.removed):
            raise OvertakenError
        change = asked.remaining_in(store)
        names = self._names = self._names or Names(store)
        new = one.new_among(findings_in(Submission(change), store, names))
        self._judgement = replace(self._judgement, findings=[*self._judgement.findings, *new])
        verdict = self._validation.verdict(store, change, ())
        assert verdict is not None  # since there are no findings
        self._validation.ledger = verdict.ledger
        self._aside.write(asked, one.record)
        names.follow(asked.added | asked.removed)

    def _require_acceptable(self) -> tuple[tuple[str, ...], Verdict]:
        words, verdict = require_acceptable(
            self._draft, self._judgement, self._history, self._aside.base.withheld_numbers
        )
        more = len(words) - MOST_WARNINGS
        return (words if more <= 0 else (*words[:MOST_WARNINGS], f"and {more} more warnings")), verdict


class MeasuresJob:
    """Stages a build with the measures of the current one, in each scope its own."""

    def __init__(self, aside: StagedBuild, ledger: Ledger, advance: Advance) -> None:
        """Take the build to stage; `advance` gets each step and their number. The ledger does not change."""
        self._aside = aside
        self._advance = advance

    def prepare(self) -> None:
        """Compute the measures, and write them into the copy. Raises CityKgError if igraph is not installed."""
        self._aside.copy_stores((REPORT, *scopes_of_works(self._aside.base.works)))
        each = self._aside.copies()
        for number, (name, copy) in enumerate(each):
            self._advance(f"computing the measures of {name}", number, len(each))
            twins = match(copy.store, None, CD.twinnedWith, None, DefaultGraph())
            copy.replace_graph(graphs.MEASURES, measures(twins, self._aside.base.revision))
        self._aside.write_checksums_ahead()

    def follow(self, since: Sequence[ConcurrentChange]) -> None:
        """Make the changes in the copy that were made meanwhile."""
        for one in since:
            self._aside.write(one.change, one.record)

    def finish(self, since: Sequence[ConcurrentChange], ledger: Ledger) -> PendingWrite:
        """Follow the last changes up to the current build, whose ledger is given; return the write to be done."""
        self.follow(since)
        return PendingWrite(None, ledger, build=self._aside.finish(measured=self._aside.base.revision))
