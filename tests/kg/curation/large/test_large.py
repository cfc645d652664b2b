"""A large change comes to what the same change comes to that is made as a small one, whatever is made meanwhile."""

from __future__ import annotations

import gc
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.building.verification import verify
from kg.curation import writer
from kg.curation.curation import CurationService
from kg.curation.draft import Draft, Rationale
from kg.curation.gate import Gate
from kg.curation.proposals import ImportedChange
from kg.curation.refusals import (
    RefusedChangeError,
    RevisionPassedError,
    SecondPersonError,
)
from kg.curation.report import SubmissionReport
from kg.curation.undo import skipped_by_undo
from kg.history import ConflictError, History, Record
from kg.jobs import CancelledError, Control
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change, ChangeFile
from kg.rdf.vocabulary import SKOS
from kg.shacl import ChangeValidation
from kg.store.data_folder import DataFolder
from kg.store.live import LiveStore
from kg.submissions import Submission, SubmittedText
from tests.kg.curation.large.conftest import Here
from tests.kg.curation.large.test_equals_small import STATED, TOWN, english

pytestmark = pytest.mark.drawn

Drafted = Callable[[Change, str, str], Draft]
Renewed = Callable[[int], Change]

ACCOUNT = NamedNode(f"{ns.ID}account/test--renewed-2001")
CURATED = NamedNode(f"{ns.GRAPH}curated/test")


def note(text: str, of: NamedNode = ACCOUNT) -> Quad:
    return Quad(of, NamedNode(f"{ns.CD}note"), Literal(text, language="en"), CURATED)


def whole(folder: DataFolder) -> bool:
    """Whether all is as it should be, and nothing is left of the work."""
    left = [*folder.path.glob("builds/unfinished*"), *folder.path.glob("history/draft*")]
    return not left and all(check.passed for check in verify(folder))


def said(folder: DataFolder) -> frozenset[Quad]:
    """What the current snapshot holds but for the history, whose times differ."""
    return frozenset(quad for quad in folder.open() if quad.graph_name != graphs.HISTORY)


def test_a_process_prepares_it_and_it_is_undone_likewise(small: DataFolder, renewed: Renewed, drafted: Drafted) -> None:
    before, steps = said(small), list[str]()
    with Gate(small) as gate:
        draft = drafted(renewed(2001), "x", "Stated")
        made = gate.commit(draft, control=Control(lambda step, done, of: steps.append(step)))
        assert (made.number, made.added_quads()) == (1, renewed(2001).added)
        assert gate.commit(draft) == made == gate.history.get(1)
        assert [*(small.path / "history").glob("*.rdfp.gz")] == [gate.history.statements_path(1)]
        left = {path.name for path in small.live_store_path(gate.build).parent.iterdir()}
        assert left == {"continues", "ledger.json", "snapshots", "store"}
        assert all(quad in small.open() for quad in renewed(2001).added)
        undo = gate.commit(gate.undo_draft(1, "back", "ann", "Never was", acknowledged=True))
        assert (undo.removed_quads(), skipped_by_undo(undo, gate.history)) == (renewed(2001).added, [])
    assert steps[0] == "reading the change"
    assert len(steps) == 6
    assert said(small) == before
    assert [build.changes for build in small.available_builds()] == [0, 1, 2]
    assert whole(small)


def test_what_is_made_meanwhile_is_there_and_judged(
    small: DataFolder, renewed: Renewed, drafted: Drafted, here: type[Here], tmp_path: Path
) -> None:
    with Gate(small) as gate:
        gate.commit(drafted(renewed(2001), "first", "Stated"))
        here.meanwhile = [lambda: gate.commit(drafted(Change.of([note("Since spring.")]), "note", "Noted"))]
        content = ImportedChange(ChangeFile.write(tmp_path / "sent", renewed(2002)))
        made = gate.commit(replace(drafted(Change.of(), "second", "Stated"), content=content))
        assert (made.number, [record.id for record in gate.history.records()]) == (3, ["first", "note", "second"])
        again = ChangeValidation().full_ledger(small.open())
        assert gate.validation.ledger.rows() == again.rows()
    assert {note("Since spring."), *renewed(2002).added} <= said(small)
    assert whole(small)


def test_what_touches_the_same_statements_meanwhile_has_it_prepared_anew(
    small: DataFolder, renewed: Renewed, drafted: Drafted, here: type[Here]
) -> None:
    notes = Change.of(note(f"Since {year}.") for year in range(1990, 1996))
    some = Change.of([*notes.added][:4])
    with Gate(small) as gate:
        gate.commit(drafted(renewed(2001), "first", "Stated"))
        turns = iter(range(9))
        here.meanwhile = [lambda: gate.commit(turned(next(turns), some, drafted))]
        with pytest.raises(ConflictError, match="each time while the change was computed"):
            gate.commit(drafted(notes, "notes", "Noted"))
        assert gate.build.changes == 4
        here.meanwhile = [lambda: next(turns) == 3 and gate.commit(turned(3, some, drafted))]
        assert gate.commit(drafted(notes, "notes", "Noted")).added_quads() == notes.added
        assert gate.build.changes == 6
    assert whole(small)


def test_whoever_may_keep_it_from_being_recorded_is_asked_once_though_it_is_prepared_anew(
    small: DataFolder, renewed: Renewed, drafted: Drafted, here: type[Here], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An import, say, can be cancelled until then, and is told so."""
    notes = Change.of(note(f"Since {year}.") for year in range(1990, 1996))
    some, asked, in_job = Change.of([*notes.added][:4]), list[int](), Gate._prepare_in_job

    def overtaken(gate: Gate, *given: Any) -> Any:
        work = in_job(gate, *given)
        if gate.build.changes == 1:
            gate.commit(turned(0, some, drafted))
        return work

    monkeypatch.setattr(Gate, "_prepare_in_job", overtaken)
    with Gate(small) as gate:
        monkeypatch.setattr(History, "LARGE", 50)
        gate.commit(drafted(renewed(2001), "first", "Stated"))
        monkeypatch.setattr(History, "LARGE", 5)
        made = gate.commit(drafted(notes, "notes", "Noted"), ready=lambda: asked.append(gate.build.changes))
        assert (asked, made.number) == ([2], 3)
    assert whole(small)


def turned(turn: int, change: Change, drafted: Drafted) -> Draft:
    """State what was taken away the last time, and the other way round."""
    return drafted(Change.of((), change.added) if turn % 2 else change, f"turn-{turn}", "Turned")


def test_what_they_break_together_refuses_the_large_one(
    small: DataFolder, renewed: Renewed, drafted: Drafted, here: type[Here], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is said of a thing would hang in the air once others have taken the thing away."""
    monkeypatch.setattr(History, "LARGE", 7)
    with Gate(small) as gate:
        gate.commit(drafted(renewed(2001), "first", "Stated"))
        here.meanwhile = [lambda: gate.commit(gate.undo_draft(1, "back", "bob", "Never was"))]
        with pytest.raises(RefusedChangeError):
            gate.commit(drafted(Change.of(note(f"Since {year}.") for year in range(1990, 1998)), "x", "Noted"))
    assert (small.require_build().changes, whole(small)) == (2, True)


def test_no_garbage_is_collected_in_the_process_that_answers_others(
    small: DataFolder, renewed: Renewed, drafted: Drafted, monkeypatch: pytest.MonkeyPatch
) -> None:
    """That stops all threads, and takes long in a process that holds all statements of a large change."""
    collected = list[str]()
    with Gate(small) as gate:
        with monkeypatch.context() as watched:
            watched.setattr(gc, "collect", lambda: collected.append("here"))
            before = str(small.live_store_path(gate.build))
            made = gate.commit(drafted(renewed(2001), "x", "Stated"))
        assert (made.number, collected) == (1, [])
        opened = [os.readlink(path) for path in Path("/proc/self/fd").iterdir() if path.is_symlink()]
        assert [name for name in opened if name.startswith(before)] == []
    assert whole(small)


def test_a_refused_one_leaves_nothing_and_names_the_places(small: DataFolder, drafted: Drafted) -> None:
    wrong = [
        Quad(NamedNode(f"{ns.ID}twinning/x-{n}"), NamedNode(f"{ns.CD}twinn"), Literal("x"), CURATED) for n in range(9)
    ]

    placed = {quad: ("file.ttl", line, 3) for line, quad in enumerate(wrong, 1)}
    draft = replace(drafted(Change.of(), "x", "Stated"), content=Submission(Change.of(wrong), lambda: placed))
    with Gate(small) as gate, pytest.raises(RefusedChangeError) as caught:
        gate.commit(draft)
    places = {(finding.file, finding.line) for finding in caught.value.report.findings if finding.line}
    assert places <= {("file.ttl", line) for line in range(1, 10)}
    assert len(places) > 1
    assert caught.value.report.added == 9
    assert (small.require_build().changes, whole(small)) == (0, True)


def test_it_can_be_cancelled_until_it_is_made(small: DataFolder, renewed: Renewed, drafted: Drafted) -> None:
    with Gate(small) as gate:
        with pytest.raises(CancelledError):
            gate.commit(drafted(renewed(2001), "x", "Stated"), control=Control(is_cancelled=lambda: True))
        assert gate.build.changes == 0
    assert whole(small)


def test_a_process_that_is_lost_changes_nothing(small: DataFolder, renewed: Renewed, drafted: Drafted) -> None:
    def kill(step: str, done: int, of: int) -> None:
        for path in Path(f"/proc/{os.getpid()}/task").glob("*/children"):
            for child in path.read_text(encoding="ascii").split():
                if b"kg.jobs.program" in Path(f"/proc/{child}/cmdline").read_bytes():
                    os.kill(int(child), 9)

    with Gate(small) as gate, pytest.raises(Exception, match="ended"):
        gate.commit(drafted(renewed(2001), "x", "Stated"), control=Control(kill))
    assert (small.require_build().changes, whole(small)) == (0, True)


def test_a_revision_that_is_expected_has_to_be_that_at_the_end(
    small: DataFolder, renewed: Renewed, drafted: Drafted, here: type[Here]
) -> None:
    with Gate(small) as gate:
        gate.commit(drafted(renewed(2001), "first", "Stated"))
        here.meanwhile = [lambda: gate.commit(drafted(Change.of([note("Since spring.")]), "note", "Noted"))]
        with pytest.raises(RevisionPassedError):
            gate.commit(drafted(renewed(2002), "x", "Stated"), if_revision=gate.build.revision)
    assert (small.require_build().changes, whole(small)) == (2, True)


def test_a_second_one_waits_for_the_first(
    small: DataFolder, renewed: Renewed, drafted: Drafted, here: type[Here]
) -> None:
    what = "another large change is made (by ann: The first)"
    with Gate(small) as gate, gate._queue.turn(what, Control(), lambda: False):
        told: list[str] = []
        with pytest.raises(CancelledError):
            gate.commit(
                drafted(renewed(2002), "y", "The second"),
                control=Control(lambda step, *_: told.append(step), lambda: len(told) > 1),
            )
        with gate.holding(), pytest.raises(ConflictError, match="wait until another large change is made"):
            gate.commit(drafted(renewed(2002), "y", "The second"))  # the first may be waiting for the gate
    assert set(told) == {"waiting until another large change is made (by ann: The first)"}


def test_others_wait_for_a_large_one_that_comes_in_but_not_for_long_and_jobs_as_long_as_it_takes(
    small: DataFolder, renewed: Renewed, drafted: Drafted, here: type[Here], monkeypatch: pytest.MonkeyPatch
) -> None:
    comes, may_come, switch = threading.Event(), threading.Event(), DataFolder.switch

    def waits(*given: Any) -> None:
        comes.set()
        assert may_come.wait(60)
        switch(*given)

    monkeypatch.setattr(writer, "MOST_WAIT_SECONDS", 0.01)
    monkeypatch.setattr(DataFolder, "switch", waits)
    with CurationService(small) as curation, ThreadPoolExecutor() as others:
        gate, rationale = curation.gate, Rationale.parse("Noted", "https://example.org/source", acknowledged=True)
        said, report = [SubmittedText(f"{note('of two')} .".encode(), "application/n-quads")], SubmissionReport(())
        curation.propose(said, CURATED.value, rationale, "cleo", report)
        large = others.submit(gate.commit, drafted(renewed(2001), "large", "Stated"))
        assert comes.wait(60)
        noted = [drafted(Change.of([note(text)]), text, "Noted") for text in ("of a person", "of a job")]
        of_job = others.submit(gate.commit, noted[1], control=Control())
        with pytest.raises(ConflictError, match="are being written"):
            gate.commit(noted[0])
        accepted = others.submit(curation.accept, 1, "bob", acknowledged=True)
        with pytest.raises(ConflictError, match="are being written"):
            accepted.result(30)
        may_come.set()
        assert [large.result().number, of_job.result().number] == [1, 2]
        assert gate.commit(noted[0]).number == 3
    assert whole(small)


def test_what_others_were_warned_of_is_not_asked_of_the_large_one_as_well(
    small: DataFolder, renewed: Renewed, drafted: Drafted, here: type[Here]
) -> None:
    named_as_another = Quad(TOWN, SKOS.altLabel, english("Beijing"), CURATED)
    with Gate(small) as gate:
        here.meanwhile = [lambda: gate.commit(drafted(Change.of([*STATED, named_as_another]), "name", "Named"))]
        made = gate.commit(replace(drafted(renewed(2001), "large", "Stated"), acknowledged=False))
        assert (made.number, made.acknowledged) == (2, ())
        assert gate.history.get(1).acknowledged  # type: ignore[union-attr]
    assert whole(small)


def test_withdrawing_takes_two_in_a_large_one_as_well(
    small: DataFolder, renewed: Renewed, drafted: Drafted, here: type[Here]
) -> None:
    marks = [
        Quad(quad.subject, NamedNode("http://www.w3.org/2002/07/owl#deprecated"), TRUE, CURATED)
        for quad in renewed(2001).added
    ]
    with Gate(small) as gate, pytest.raises(SecondPersonError):
        gate.commit(drafted(Change.of([*marks, *renewed(2001).added]), "x", "Withdrawn"))


TRUE = Literal("true", datatype=NamedNode("http://www.w3.org/2001/XMLSchema#boolean"))


def test_a_large_proposal_is_read_where_it_is_prepared_and_stays_with_who_decided_first(
    small: DataFolder, renewed: Renewed, here: type[Here], monkeypatch: pytest.MonkeyPatch
) -> None:
    from kg.curation import curation as module

    monkeypatch.setattr(module, "_LARGE_BODY", 5)
    body = "\n".join(f"{quad} ." for quad in renewed(2001).added).encode()
    with CurationService(small) as curation:
        rationale = Rationale.parse("Stated", "https://example.org/source", acknowledged=True)
        for _ in range(2):
            text = SubmittedText(body, "application/n-quads")
            report = curation.validation.report(Submission(renewed(2001)))
            curation.propose([text], CURATED.value, rationale, "cleo", report)
        here.meanwhile = [lambda: curation.refuse(1, "bob", "Not yet")]
        with pytest.raises(module.AlreadyDecidedError):
            curation.accept(1, "ann", acknowledged=True)
        here.meanwhile = []
        made = curation.accept(2, "ann", acknowledged=True)
        assert (made.reviewer, made.added_quads()) == ("ann", renewed(2001).added)
        assert curation.proposals.get(2).change == made.number == 1
    assert whole(small)


def test_one_that_is_recorded_alone_is_written_by_the_next_writer(
    small: DataFolder, renewed: Renewed, drafted: Drafted
) -> None:
    history = History(small.path)
    change = renewed(2001)
    history.append(drafted(change, "x", "Stated").record(change))
    assert history.statements_path(1).exists()
    LiveStore.finish_interrupted_write(small, small.require_build())
    assert small.require_build().changes == 1
    assert whole(small)


@pytest.mark.parametrize("kept", [1, 2])
def test_snapshots_before_it_are_kept_as_others_are(
    small: DataFolder, renewed: Renewed, drafted: Drafted, here: type[Here], kept: int
) -> None:
    folder = DataFolder(small.path, kept_snapshots=kept)
    day = iter(["2026-01-01T00:00:00Z"] * 20)

    def of(year: int) -> Record:
        return replace(drafted(renewed(year), str(year), "Stated").record(renewed(year)), at=next(day))

    history = History(folder.path)
    for year in range(2001, 2005):
        history.append(of(year))
    LiveStore.finish_interrupted_write(folder, folder.require_build())
    changes = [build.changes for build in folder.available_builds()]
    assert changes[-1] == 4
    assert len([number for number in changes if number]) == kept
    assert len([*folder.path.glob("builds/*")]) <= 1 + kept
    assert whole(folder)
    assert isinstance(folder.open(), Store)
