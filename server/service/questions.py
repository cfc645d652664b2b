"""The canned questions: which ones the graph can answer, their answers, and how a change alters these."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from flask import g

from kg.curation import SubmissionReport
from kg.curation.effects import AT_ONCE, Answers
from kg.errors import BadValueError, CityKgError, shorten
from kg.greenlets import leave_loop
from kg.lanes import ClientTurn, Lane
from kg.publish.answer_changes import AnswerChange, answer_changes
from kg.publish.questions import prepare
from kg.queries import CannedQuery, Question, canned_queries
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.rows import FirstRows
from kg.results import ResultWriter
from kg.sparql import Query
from kg.store import DataFolder, Snapshot
from kg.store.staging import changed_copy
from kg.workers import QueryJob, WorkerResult
from server.service.clients import Clients
from server.service.revisions import Revisions
from server.service.workers import Workers

if TYPE_CHECKING:
    from kg.engines import Engines

_OF_PAGES = (FirstRows.MEDIA_TYPE, ResultWriter.MEDIA_TYPE)
_COMPARING = 7.0
"""Seconds after which no other answer is compared: with the last one it is ten at most."""
_MOST_COPIED = 50_000
"""Quads of a change beyond which no answers are compared."""
_OF_QUESTION = Query("", "SELECT")
"""In the place of a text that the worker makes."""


class Questions:
    """The canned questions put to the graph that the current request reads."""

    def __init__(self, folder: DataFolder, revisions: Revisions, workers: Workers, clients: Clients) -> None:
        self.engines: Engines | None = None
        """Those that answer questions with a copy of the graph; None where there are none."""
        self._folder = folder
        self._revisions = revisions
        self._workers = workers
        self._clients = clients

    def answerable(self) -> list[CannedQuery]:
        """Return the canned queries that lists have: those of whose works the graph lacks none."""
        return list(canned_queries(self._revisions.current().works).values())

    def unanswerable(self) -> list[str]:
        """Return the IRIs of the canned queries that ask for works which the graph lacks."""
        loaded = self._revisions.current().works
        return [ns.QUERIES + query.name for query in canned_queries().values() if query.missing_works(loaded)]

    def run(self, text: str, media_type: str) -> WorkerResult:
        """Return the answer to a query of ours in a media type. Raises what QueryPool.run raises."""
        job = QueryJob(Query(text, "SELECT"), media_type, snapshot=self._revisions.snapshot_path(), canned=True)
        return self._workers.pool().run(job)

    def ask(self, question: Question, media_type: str, *, aside: bool = False) -> WorkerResult:
        """Return the answer to a canned question, whose values are checked by the worker that has it.

        The result has the checked values as `prepared`. With evidence each row has its sources. `aside` says that the
        current request finds evidence already: it keeps the lane of that, since a request that changes its lane begins
        anew.

        Raises BadValueError, TooManyQuerySecondsError, and what QueryPool.run raises.
        """
        self._clients.check_share()
        job = QueryJob(
            _OF_QUESTION,
            media_type,
            snapshot=self._revisions.snapshot_path(),
            canned=True,
            question=question,
            lists=question.query.passages,
            turn=self._clients.turn(Lane.ASIDE if question.evidence or aside else Lane.FAST),
            report_seconds=self._clients.charge_function(),
            evidence=question.evidence,
        )
        engines = None if question.evidence else self.engines
        of_engine = self._ask_engine(engines, question, job) if engines is not None else None
        return of_engine or self._workers.pool().run(job)

    def asks_all(self, said: str | None) -> bool:
        """Return True if `answers` of the current request asks for all answers that change; then it is slow.

        Raises BadValueError for any other value, and what `Clients.turn` raises.
        """
        if said not in (None, "", "all"):
            raise BadValueError(f"answers={shorten(said)!r} is not understood.", "Say answers=all, or leave it out.")
        if said:
            self._clients.turn(Lane.SLOW)
        return bool(said)

    def with_answers(self, report: SubmissionReport, *, all_of_them: bool = False) -> SubmissionReport:
        """Return a report that says which answers the change alters: among a few, or all that can be compared in time.

        The few are about things that the change touches; questions of the whole graph are slow, and asked with all.
        What cannot be compared, since all workers are busy, say, is left out: the report says that it was not tried.
        """
        effects, read = report.effects, report.snapshot
        if effects is None or read is None or report.changes_nothing or _size(effects.whole) > _MOST_COPIED:
            return report
        asked = [one for one in effects.asked if not one.question.query.missing_works(read.build.works)]
        described = [one.question.as_json() for one in asked]
        at_once = sum(bool(one.question.values) for one in asked)
        if not at_once and not all_of_them:
            return replace(report, effects=replace(effects, answers=Answers.of(asked, [])))
        found: list[AnswerChange] = []
        snapshot = self._folder.snapshot(read.build)

        def compare(_: Snapshot) -> list[AnswerChange]:
            with changed_copy(self._folder, read.store, effects.whole) as copy:
                found.extend(self._compare(snapshot, copy, described[:at_once], AT_ONCE))
                if all_of_them:
                    turn = self._clients.turn(Lane.SLOW)
                    found.extend(self._compare(snapshot, copy, described[len(found) :], turn=turn))
            return found

        with suppress(CityKgError, OSError):
            key = read.revision, effects.whole
            found = compare(read) if all_of_them else self._revisions.once(key, report.added + report.removed, compare)
        return replace(report, effects=replace(effects, answers=Answers.of(asked, found))) if found else report

    def _compare(
        self,
        snapshot: Path,
        copy: Path,
        described: Sequence[object],
        processor_seconds: float = _COMPARING,
        turn: ClientTurn | None = None,
    ) -> list[AnswerChange]:
        spent = self._clients.charge_function()
        read = self._workers.pool().read(
            snapshot, answer_changes, str(copy), described, _COMPARING, processor_seconds, turn=turn, spent=spent
        )
        compared: list[AnswerChange] = json.loads(read.read_all())
        return compared

    def _ask_engine(self, engines: Engines, question: Question, job: QueryJob) -> WorkerResult | None:
        """Return the answer of an engine, None where our workers are to answer; the answer says which, and why."""
        leave_loop()
        build = self._revisions.current()
        least = self._revisions.least_requested()
        choice = "it asks the past" if self._revisions.requested() else engines.choose(question, build, least)
        if not isinstance(choice, str):
            prepared = self._workers.read(prepare, question.as_json(), job.media_type in _OF_PAGES)
            found = engines.answer(choice, replace(question, values=prepared["values"]), job, self._workers.pool())
            if isinstance(found, WorkerResult):
                g.setdefault("answered_here_since", "")
                g.build = choice.build  # which the answer names, and is all that the rest of it reads
                if choice.build != build:
                    g.lags = True
                return replace(found, prepared=prepared)
            choice = found
        g.setdefault("answered_here_since", choice)  # of the first question, which others only go along with
        return None


def _size(change: Change) -> int:
    return len(change.added) + len(change.removed)
