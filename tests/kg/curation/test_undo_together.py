"""What is undone with a change: all that builds on it, and nothing else, against a chain without these changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.curation import CurationService
from kg.curation.dependents import UndoneTogether
from kg.curation.gate import Draft
from kg.curation.refusals import NothingToChangeError
from kg.curation.undo import inverse_change
from kg.errors import BadValueError
from kg.history import History, Record
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.serialise import lines_of
from kg.store import DataFolder
from tests.support.tiers import MANY

Drafted = Callable[[Change, str, str], Draft]
Renewed = Callable[[int], Change]

GRAPH, SAYS = NamedNode("http://example.org/g"), NamedNode("http://example.org/says")
THINGS = [NamedNode(f"http://example.org/{name}") for name in "abc"]
QUADS = [
    *(Quad(one, SAYS, Literal("y z"), GRAPH) for one in THINGS),
    *(Quad(one, SAYS, other, GRAPH) for one in THINGS for other in THINGS if one != other),
]
ACTIONS = st.lists(
    st.one_of(st.frozensets(st.integers(0, len(QUADS) - 1), min_size=1, max_size=3), st.integers(1, 12)),
    min_size=2,
    max_size=10,
)


@settings(max_examples=MANY)
@given(st.frozensets(st.integers(0, len(QUADS) - 1), max_size=3), ACTIONS, st.integers(0, 9))
def test_the_graph_is_that_of_a_chain_without_what_was_undone(
    first: frozenset[int], actions: list[frozenset[int] | int], which: int
) -> None:
    """A number undoes the change before of that number; what was undone is no part of the chain without it either."""
    files = {QUADS[place] for place in first}
    records = _made(files, actions)
    ordinary = [one for one in records if one.reverts is None and not _was_undone(one, records)]
    if not ordinary:
        return
    chosen = ordinary[which % len(ordinary)]
    store = _store(_replayed(files, records))
    found = UndoneTogether.of(chosen, records[chosen.number :], store)
    left_out = {chosen.number, *(one.number for one in found.dependents)}
    assert all(number >= chosen.number for number in left_out)
    after = (set(store) - found.change.removed) | found.change.added
    assert after == _replayed(files, [one for one in records if one.number not in left_out])
    before = _replayed(files, records[: chosen.number - 1])
    gone = {quad.subject for quad in chosen.added_quads()} - {quad.subject for quad in {*before, *after}}
    assert not any(quad.object in gone for quad in after - before), "what names a thing goes with it"


def _made(files: set[Quad], actions: Sequence[frozenset[int] | int]) -> list[Record]:
    """Return the records of changes, each turning over some statements, and of undos of whole ones."""
    records: list[Record] = []
    for action in actions:
        number, store = len(records) + 1, _store(_replayed(files, records))
        undoes = None
        if isinstance(action, frozenset):
            turned = {QUADS[place] for place in action}
            change = Change.of((q for q in turned if q not in store), (q for q in turned if q in store))
        else:
            target = next((one for one in records if one.number == action and one.reverts is None), None)
            if target is None or _was_undone(target, records):
                continue
            undoes, change = action, inverse_change(target, records[action:], store)
            if len(change.added) + len(change.removed) < len(target.added) + len(target.removed):
                continue
        added, removed = (lines_of(quads) for quads in (change.added, change.removed))
        records.append(
            Record(number, f"id-{number}", "submit", "Why", "urn:x", "ann", "", added, removed, reverts=undoes)
        )
    return records


def _was_undone(record: Record, records: Sequence[Record]) -> bool:
    return any(one.reverts == record.number for one in records)


def _replayed(files: set[Quad], records: Sequence[Record]) -> set[Quad]:
    """Return what a graph has after changes, none of which was undone."""
    graph = set(files)
    for record in records:
        if record.reverts is None and not _was_undone(record, records):
            graph = (graph - record.removed_quads()) | record.added_quads()
    return graph


def _store(quads: set[Quad]) -> Store:
    store = Store()
    store.extend(quads)
    return store


def test_a_large_change_is_undone_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where it is not the change that was asked for, but builds on it."""
    records = _made(set(), [frozenset({0}), frozenset({1, 2, 3})])
    store = _store(_replayed(set(), records))
    assert [one.number for one in UndoneTogether.of(records[0], records[1:], store).dependents] == [2]
    monkeypatch.setattr(History, "LARGE", 2)
    with pytest.raises(BadValueError, match="Change 2 has more than 2 statements"):
        UndoneTogether.of(records[0], records[1:], store)


@pytest.mark.drawn
def test_what_builds_on_a_change_goes_with_it_in_one_validated_change(
    small: DataFolder, renewed: Renewed, drafted: Drafted
) -> None:
    """Change 3 says more of what 1 made, 4 removes that again; 2 has nothing to do with it, and 5 was undone."""
    note = _note("Since spring.")
    with CurationService(small) as curation:
        before = set(curation.reader.current().store)
        gate = curation.gate
        gate.commit(drafted(renewed(2001), "1", "Stated"))
        gate.commit(drafted(renewed(2002), "2", "Another"))
        gate.commit(drafted(Change.of([note, _note("Or not.")]), "3", "Noted"))
        gate.commit(drafted(Change.of((), [note]), "4", "One is wrong"))
        gate.commit(drafted(Change.of([_note("Who knows?")]), "5", "Asked"))
        curation.undo(5, "6", agent="ann", summary="Nobody", acknowledged=True)
        assert [one.number for one in curation.undo_effects(1)[1].dependents] == [3, 4]
        assert curation.undo_effects(1)[0].removed == renewed(2001).added, "and 1 alone takes away what it stated"
        said: Any = {"agent": "bob", "summary": "Never was", "acknowledged": True, "with_dependents": True}
        made = curation.undo(1, "7", **said)
        assert (made.undoes, made.removed, made.added) == (
            *((1, 3, 4), tuple(lines_of([*renewed(2001).added, _note("Or not.")])), ()),
        )
        assert curation.undo(1, "7", **said) == made, "the same again is the same undo"
        with pytest.raises(NothingToChangeError):
            curation.undo(1, "8", **said)
        with pytest.raises(NothingToChangeError):
            curation.undo(3, "9", **said)
        curation.undo(7, "10", agent="bob", summary="It was", acknowledged=True)
        assert [one.number for one in curation.undo_effects(1)[1].dependents] == [3, 4, 8], "8 has made all of it again"
        curation.undo(1, "11", **said)
        curation.undo(2, "12", agent="bob", summary="No other", acknowledged=True)
        after = set(curation.reader.current().store)
        assert {quad for quad in before ^ after if "history" not in str(quad.graph_name)} == set()
        assert [*History(small.path).records()][-2].undoes == (1, 3, 4, 8)


def _note(text: str) -> Quad:
    account = NamedNode(f"{ns.ID}account/test--renewed-2001")
    return Quad(account, NamedNode(f"{ns.CD}note"), Literal(text, language="en"), NamedNode(f"{ns.GRAPH}curated/test"))
