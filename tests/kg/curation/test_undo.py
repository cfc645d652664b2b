"""What an undo takes back, against a model of histories; and what it says of the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.curation.gate import Draft, Gate
from kg.curation.refusals import NeededByOthersError, NothingToChangeError
from kg.curation.undo import inverse_change, skipped_by_undo, skipped_statements
from kg.history import Record
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.serialise import lines_of
from kg.store import DataFolder
from tests.support.tiers import MANY

Drafted = Callable[[Change, str, str], Draft]
Renewed = Callable[[int], Change]

NODE, GRAPH = NamedNode("http://example.org/x"), NamedNode("http://example.org/g")
QUADS = [Quad(NODE, NODE, Literal(name), GRAPH) for name in "abc"]
LINES = [f"{quad} ." for quad in QUADS]


@dataclass(frozen=True)
class Step:
    """A change of the model: by number, what it turns over, and which change it undoes."""

    number: int
    turned: frozenset[int]
    undoes: int | None = None


def is_void(step: Step, quad: int, steps: Sequence[Step]) -> bool:
    """Whether what a step did to a quad was taken back, by an undo that was not taken back itself."""
    later = [one for one in steps if one.number > step.number and one.undoes == step.number and quad in one.turned]
    return any(not is_void(one, quad, steps) for one in later)


def is_as_made(step: Step, quad: int, steps: Sequence[Step]) -> bool:
    """Whether a quad is still as a step made it: all that happened to it since was taken back, or took that back."""
    later = {one.number: one for one in steps if one.number > step.number and quad in one.turned}
    return all(
        is_void(one, quad, steps) or (one.undoes in later and is_void(later[one.undoes], quad, steps))
        for one in later.values()
    )


CHANGES = st.frozensets(st.integers(0, 2), min_size=1)
ACTIONS = st.lists(st.one_of(CHANGES, st.integers(1, 12)), min_size=2, max_size=12)


@settings(max_examples=MANY)
@given(first=st.frozensets(st.integers(0, 2)), actions=ACTIONS)
def test_an_undo_takes_back_what_is_still_as_the_change_made_it(
    first: frozenset[int], actions: list[frozenset[int] | int]
) -> None:
    store = Store()
    store.extend(QUADS[place] for place in first)
    records: list[Record] = []
    steps: list[Step] = []
    for action in actions:
        number = len(records) + 1
        if isinstance(action, frozenset):
            there = frozenset(place for place in action if QUADS[place] in store)
            change = Change.of((QUADS[place] for place in action - there), (QUADS[place] for place in there))
            step = Step(number, action)
        else:
            target = 1 + action % number
            if target == number:
                continue
            undoing, record, later = steps[target - 1], records[target - 1], records[target:]
            step = Step(number, frozenset(q for q in undoing.turned if is_as_made(undoing, q, steps)), target)
            change = inverse_change(record, later, store)
            told = skipped_statements(record, later, {f"{quad} ." for quad in change.added | change.removed})
            left = [line for one in told for line in one.statements]
            assert sorted(left) == sorted(LINES[place] for place in undoing.turned - step.turned)
            assert all(one.by is not None and one.by.number > target for one in told)
        assert {QUADS.index(quad) for quad in change.added | change.removed} == step.turned
        assert all(quad in store for quad in change.removed)
        assert not any(quad in store for quad in change.added)
        if step.turned:
            steps.append(step)
            records.append(_record(number, change, step.undoes))
            store.extend(change.added)
            for quad in change.removed:
                store.remove(quad)


def _record(number: int, change: Change, undoes: int | None) -> Record:
    added, removed = (lines_of(quads) for quads in (change.added, change.removed))
    return Record(number, f"id-{number}", "submit", "Why", "urn:x", "ann", "", added, removed, reverts=undoes)


@pytest.mark.drawn
def test_what_another_has_stated_anew_stays(small: DataFolder, renewed: Renewed, drafted: Drafted) -> None:
    note, again = _note("Since spring."), _note("Since autumn.")
    cleo = Change.of([again])
    with Gate(small) as gate:
        gate.commit(drafted(renewed(2001), "x", "Renewed"))
        gate.commit(drafted(Change.of([note, again]), "ann", "Stated"))
        gate.commit(drafted(Change.of((), cleo.added), "cleo-1", "Removed"))
        gate.commit(drafted(cleo, "cleo-2", "Stated again"))
        made = gate.commit(gate.undo_draft(2, "back", "bob", "Never was"))
        assert (made.added_quads(), made.removed_quads()) == (frozenset(), {note})
        assert all(quad in gate._live.store for quad in cleo.added)
        (told,) = skipped_by_undo(made, gate.history)
        assert (told.by, set(told.statements)) == (gate.history.get(4), set(lines_of(cleo.added)))
        assert told.reason() == "Change 4 (by ann: Stated again) stated it anew."
        with pytest.raises(NothingToChangeError, match="Nothing of change 2 is left") as caught:
            gate.commit(gate.undo_draft(2, "back-2", "bob", "Never was"))
        assert [change.number for change in caught.value.changes] == [4, 5]


@pytest.mark.drawn
def test_what_is_gone_already_is_no_hindrance(small: DataFolder, renewed: Renewed, drafted: Drafted) -> None:
    notes = [_note("Since spring."), _note("Since autumn.")]
    with Gate(small) as gate:
        gate.commit(drafted(renewed(2001), "x", "Stated"))
        gate.commit(drafted(Change.of(notes), "y", "Noted"))
        gate.commit(drafted(Change.of((), notes[:1]), "z", "One is wrong"))
        made = gate.commit(gate.undo_draft(2, "back", "bob", "Never was"))
        assert made.removed_quads() == {notes[1]}
        assert [one.reason() for one in skipped_by_undo(made, gate.history)] == [
            "Change 3 (by ann: One is wrong) took it away already."
        ]
        again = gate.commit(gate.undo_draft(4, "redo", "bob", "It was"))
        assert (again.added_quads(), skipped_by_undo(again, gate.history)) == ({notes[1]}, [])


@pytest.mark.drawn
def test_what_depends_on_a_change_is_named_with_its_change(
    small: DataFolder, renewed: Renewed, drafted: Drafted
) -> None:
    with Gate(small) as gate:
        gate.commit(drafted(renewed(2001), "x", "Stated"))
        for year in (2002, 2003):
            gate.commit(drafted(renewed(year), str(year), "Another"))
        gate.commit(drafted(Change.of([_note("Since spring.")]), "y", "Noted"))
        draft = gate.undo_draft(1, "back", "bob", "Never was")
        with pytest.raises(NeededByOthersError) as caught:
            gate.commit(draft)
        assert [change["number"] for change in caught.value.details()["changes"]] == [4]
        assert caught.value.hint.startswith("Undo first: Change 4 (by ann: Noted). Or all that builds on it at once:")
        assert caught.value.details()["removed"] == len(renewed(2001).added)


def _note(text: str) -> Quad:
    account = NamedNode(f"{ns.ID}account/test--renewed-2001")
    return Quad(account, NamedNode(f"{ns.CD}note"), Literal(text, language="en"), NamedNode(f"{ns.GRAPH}curated/test"))
