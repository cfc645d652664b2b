"""A worker knows of which revision a snapshot is, and what lies between two: what their changes speak of."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from kg.curation.gate import Gate
from kg.history import History, Record
from kg.names.name_index import ChangedIris, Revision
from kg.programs.query import revision_of_snapshot
from kg.store import DataFolder
from tests.support.stores import with_union

Commit = Callable[[Gate, int], Record]


def opened(folder: DataFolder) -> Revision:
    """The revision of the current snapshot."""
    current = folder.current_snapshot()
    revision = revision_of_snapshot(folder.snapshot(current.build), current.store)
    assert revision is not None
    return revision


@pytest.mark.drawn
def test_what_lies_between_two_revisions_is_what_their_changes_speak_of(small: DataFolder, commit: Commit) -> None:
    revisions = [opened(small)]
    with Gate(small) as gate:
        for year in (2001, 2002):
            commit(gate, year)
            revisions.append(opened(small))
    first, _, last = revisions
    records = [*History(small.path).records()]
    expected = ChangedIris.of(quad for record in records for quad in record.added_quads() | record.removed_quads())
    assert len(expected.things) > 0
    assert last.changed_iris(first.head) == first.changed_iris(last.head) == expected
    assert last.changed_iris(last.head) == ChangedIris(set(), set())
    assert {revision.line for revision in revisions} == {last.line}


def test_of_another_history_nothing_is_known(small: DataFolder, commit: Commit) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
    revision = opened(small)
    number, hashed = revision.head.split(" ")
    assert revision.changed_iris(f"{number} {hashed[::-1]}") is None
    assert revision.changed_iris(f"{int(number) + 1} {hashed[::-1]}") is None


def test_a_snapshot_of_which_nothing_is_stated_has_no_revision(tmp_path: Path) -> None:
    assert revision_of_snapshot(tmp_path / "7", with_union([])) is None
