"""Changes that are computed from the graph: computed anew when others change it, and nobody waits for large ones."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad

from kg.curation import draft as module
from kg.curation.curation import CurationService
from kg.curation.draft import ComputedContent
from kg.curation.gate import ATTEMPTS, MOST_WAIT_SECONDS, Gate
from kg.history import ConflictError, Record
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.lookup import match
from kg.store import DataFolder, Snapshot
from kg.submissions import Submission
from kg.workers import LimitReachedError
from tests.kg.conftest import ChangedOnce
from tests.kg.curation.large.conftest import Here
from tests.kg.curation.large.test_large import ACCOUNT, CURATED, Drafted, Renewed, note, said, whole

pytestmark = pytest.mark.drawn

OTHER = NamedNode(f"{ns.GRAPH}curated/other")
MANY = [note(f"Since {year}.") for year in range(1990, 1997)]


@pytest.fixture
def curation(
    small: DataFolder, renewed: Renewed, drafted: Drafted, changed_once: ChangedOnce
) -> Iterator[CurationService]:
    def first(folder: DataFolder) -> None:
        with Gate(folder) as gate:
            gate.commit(drafted(renewed(2001), "first", "Stated"))

    with CurationService(changed_once("a large change", small, first)) as curation:
        yield curation
    assert whole(small)


@pytest.fixture
def put(curation: CurationService, drafted: Drafted) -> Callable[..., Record]:
    """Let the notes of the account be others, whatever they are by then."""

    def make(*notes: Quad, before: Callable[[float | None], object] = lambda seconds: None) -> Record:
        def compute(upon: Snapshot, seconds: float | None) -> Submission:
            there = frozenset(match(upon.store, ACCOUNT, NamedNode(f"{ns.CD}note"), graph=CURATED))
            before(seconds)
            return Submission(Change(frozenset(notes) - there, there - {*notes}))

        return curation.gate.commit(replace(drafted(Change.of(), "put", "Put"), content=ComputedContent(compute)))

    return make


def beside(work: Callable[[], object]) -> None:
    """Do something in another thread, which must not have to wait for this one."""
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    thread.join(30)
    assert not thread.is_alive(), "the gate is held"


def notes(folder: DataFolder) -> set[Quad]:
    return {quad for quad in said(folder) if quad.graph_name == CURATED and quad.predicate.value == f"{ns.CD}note"}


@pytest.mark.parametrize("overtaken", [1, ATTEMPTS - 1])
def test_a_small_one_meets_the_graph_that_it_was_computed_from(
    curation: CurationService, put: Callable[..., Record], drafted: Drafted, small: DataFolder, overtaken: int
) -> None:
    asked: list[float | None] = []

    def others(seconds: float | None) -> None:
        asked.append(seconds)
        if len(asked) <= overtaken:
            change = Change.of([note(f"Says another {len(asked)}.")])
            beside(lambda: curation.gate.commit(drafted(change, f"other-{len(asked)}", "Noted")))

    put(note("Alone."), before=others)
    assert asked == [*[None, None][:overtaken], MOST_WAIT_SECONDS if overtaken == ATTEMPTS - 1 else None]
    assert notes(small) == {note("Alone.")}


def test_nobody_waits_for_a_large_one_and_it_takes_what_came_meanwhile(
    curation: CurationService, put: Callable[..., Record], drafted: Drafted, here: type[Here], small: DataFolder
) -> None:
    turns = iter(range(9))

    def others() -> None:
        turn = next(turns)
        if turn < ATTEMPTS - 1:
            change = Change.of([note(f"Says another {turn}.")])
            beside(lambda: curation.gate.commit(drafted(change, f"other-{turn}", "Noted")))

    here.meanwhile = [others]
    made = put(*MANY)
    assert (made.number, len(made.removed)) == (4, ATTEMPTS - 1)
    assert notes(small) == {*MANY}


def test_a_large_one_is_not_prepared_anew_for_what_does_not_concern_it(
    curation: CurationService, put: Callable[..., Record], drafted: Drafted, here: type[Here], small: DataFolder
) -> None:
    elsewhere = Change.of([Quad(*note("Elsewhere.").triple, OTHER)])
    prepared: list[int] = []

    def others() -> None:
        prepared.append(1)
        beside(lambda: curation.gate.commit(drafted(elsewhere, "other", "Noted")))

    here.meanwhile = [others]
    assert put(*MANY).number == 3
    assert (len(prepared), notes(small)) == (1, {*MANY})


def test_one_that_takes_too_long_while_others_wait_is_given_up(
    curation: CurationService, put: Callable[..., Record], drafted: Drafted
) -> None:
    def slow(seconds: float | None) -> None:
        if seconds is not None:
            raise LimitReachedError("seconds", "2 seconds")
        change = Change.of([note(f"At {curation.gate.build.changes}.")])
        beside(lambda: curation.gate.commit(drafted(change, f"other-{curation.gate.build.changes}", "Noted")))

    with pytest.raises(ConflictError, match="each time while the change was computed"):
        put(note("Alone."), before=slow)
    assert curation.gate.build.changes == ATTEMPTS


def test_an_undo_is_computed_without_the_gate(
    curation: CurationService, drafted: Drafted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    curation.gate.commit(drafted(Change.of([note("Wrong.")]), "wrong", "Noted"))
    undone, changes = module.inverse_change, iter(["other", "late"])

    def meanwhile(*given: object) -> Change:
        if (name := next(changes, None)) is not None:
            beside(lambda: curation.gate.commit(drafted(Change.of([note(f"{name}.")]), name, "Noted")))
        return undone(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(module, "inverse_change", meanwhile)
    made = curation.undo(2, "back", agent="ann", summary="Never was", acknowledged=True)
    assert (made.number, made.reverts, made.removed_quads()) == (5, 2, {note("Wrong.")})
    assert curation.undo(2, "back", agent="ann", summary="Never was", acknowledged=True) == made
