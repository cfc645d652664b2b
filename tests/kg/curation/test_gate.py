from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad

from kg.building.verification import verify
from kg.curation.gate import Draft, Gate
from kg.curation.refusals import RefusedChangeError, RevisionPassedError
from kg.errors import DataFolderError
from kg.history import ConflictError
from kg.history.chain import History, Record
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.lookup import match
from kg.shortage import NoSpaceError
from kg.store.data_folder import DataFolder
from kg.store.staging.writer import StoreWriter
from tests.support.turtle import node

pytestmark = pytest.mark.drawn

Commit = Callable[[Gate, int], Record]
Renewed = Callable[[int], Change]
Drafted = Callable[[Change, str, str], Draft]


def whole(folder: DataFolder) -> bool:
    checks = verify(folder)
    assert all(check.passed for check in checks), [check for check in checks if not check.passed]
    return True


def current(folder: DataFolder) -> str:
    build = folder.current()
    assert build is not None
    return build.revision


def test_a_change_is_seen_recorded_and_named(small: DataFolder, commit: Commit, renewed: Renewed) -> None:
    before = current(small)
    with Gate(small) as gate:
        record = commit(gate, 2001)
    assert (record.number, record.is_intact()) == (1, True)
    assert current(small) == f"{before}.1"
    store = small.open()
    assert all(quad in store for quad in renewed(2001).added)
    inferred = Quad(
        NamedNode(ns.ID + "city/beijing"),
        NamedNode(ns.CD + "twinnedWith"),
        NamedNode(ns.ID + "city/london"),
        graphs.INFERRED,
    )
    assert inferred in store
    assert whole(small)


def test_counts_stay_right_over_changes_by_the_same_person(small: DataFolder, commit: Commit) -> None:
    with Gate(small) as gate:
        for year in (2001, 2002, 2003):
            commit(gate, year)
        gate.commit(gate.undo_draft(2, "back", "bob", "Never was"))
    assert whole(small)


@pytest.mark.usefixtures("here")
def test_a_change_leaves_measures_as_they_are_until_they_are_computed_again(small: DataFolder, commit: Commit) -> None:
    with Gate(small) as gate:
        before = gate.measure()
    measured = set(match(small.open(), graph=graphs.MEASURES))
    with Gate(small) as gate:
        commit(gate, 2001)
    assert (current(small), small.require_build().measured) == (f"{before.revision}.1", before.revision)
    assert set(match(small.open(), graph=graphs.MEASURES)) == measured
    assert whole(small)
    with Gate(small) as gate:
        assert gate.measure().measured == current(small)
        commit(gate, 2002)
    assert whole(small)


def test_a_change_that_breaks_a_shape_leaves_no_trace(small: DataFolder, renewed: Renewed, drafted: Drafted) -> None:
    before = current(small)
    broken = Change.of(quad for quad in renewed(2001).added if "accountOf" not in str(quad))
    with Gate(small) as gate, pytest.raises(RefusedChangeError, match="would cause") as caught:
        gate.commit(drafted(broken, "x", "Without an account"))
    assert not caught.value.report.conforms
    assert (current(small), History(small.path).count()) == (before, 0)
    assert whole(small)


def test_the_same_draft_again_is_the_same_change_and_another_under_its_key_is_none(
    small: DataFolder, commit: Commit, renewed: Renewed, drafted: Drafted
) -> None:
    with Gate(small) as gate:
        first = commit(gate, 2001)
        assert commit(gate, 2001) == first
        with pytest.raises(ConflictError, match="under the same key"):
            gate.commit(drafted(renewed(2002), "id-2001", "Another"))
    with Gate(small) as again:
        assert commit(again, 2001) == first
    assert History(small.path).count() == 1


def test_a_passed_revision_and_a_quad_that_is_gone_are_conflicts(
    small: DataFolder, commit: Commit, renewed: Renewed, drafted: Drafted
) -> None:
    before = current(small)
    with Gate(small) as gate:
        commit(gate, 2001)
        gate.commit(gate.undo_draft(1, "back", "bob", "Never was"))
        with pytest.raises(RevisionPassedError):
            gate.commit(drafted(renewed(2002), "x", "Late"), if_revision=before)
        gone = Change.of(removed=renewed(2001).added)
        with pytest.raises(ConflictError, match="Change 2 removed some of them") as caught:
            gate.commit(drafted(gone, "y", "Take it away"))
        assert caught.value.quads == renewed(2001).added


def test_undo_refuses_while_something_depends_on_it(
    small: DataFolder, commit: Commit, renewed: Renewed, drafted: Drafted
) -> None:
    account = {quad for quad in renewed(2001).added if "account/" in str(quad.subject)}
    with Gate(small) as gate:
        gate.commit(drafted(renewed(2001), "x", "With an account"))
        elsewhere = {node("source:geonames"): node("source:wikidata")}
        second = {
            Quad(node("account:test--second"), one.predicate, elsewhere.get(one.object, one.object), one.graph_name)
            for one in account
        }
        gate.commit(drafted(Change.of(second), "y", "A second account, of another source"))
        with pytest.raises(RefusedChangeError):
            gate.commit(gate.undo_draft(1, "back", "bob", "Never was"))
        gate.commit(gate.undo_draft(2, "back-2", "bob", "Never was"))
        assert gate.commit(gate.undo_draft(1, "back-1", "bob", "Never was")).reverts == 1
    assert whole(small)


@pytest.mark.parametrize(("owner", "method"), [(StoreWriter, "write"), (DataFolder, "publish_snapshot")])
def test_a_change_that_was_recorded_and_then_failed_is_finished_by_the_next_one(
    small: DataFolder, commit: Commit, monkeypatch: pytest.MonkeyPatch, owner: type, method: str
) -> None:
    with Gate(small) as gate:
        with monkeypatch.context() as failing:
            failing.setattr(owner, method, _no_space)
            with pytest.raises(NoSpaceError, match=r"No space left on device\. Change 1 is recorded"):
                commit(gate, 2001)
        assert commit(gate, 2001).number == 1  # the client tries again, as it should
        assert commit(gate, 2002).number == 2
        ledger = gate.validation._shapes.full_ledger(gate._open().store)
        assert set(gate.validation.ledger) == set(ledger)
    assert whole(small)


def _no_space(*arguments: object) -> None:
    raise OSError(28, "No space left on device")


def test_what_was_recorded_and_not_written_is_written_when_the_next_gate_opens(
    small: DataFolder, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gate(small) as gate, monkeypatch.context() as failing:
        failing.setattr(StoreWriter, "write", _no_space)
        with pytest.raises(NoSpaceError, match=r"No space left on device\. Change 1 is recorded"):
            commit(gate, 2001)
    assert "1 more not in the store yet" in verify(small)[0].found
    with Gate(small) as gate:
        assert gate.build.changes == 1
    assert whole(small)


def test_a_held_folder_names_the_server_that_holds_it(small: DataFolder) -> None:
    refused = pytest.raises(DataFolderError, match=r"the server at http://127\.0\.0\.1:8000(.|\n)*--server http://127")
    with Gate(small, address="http://127.0.0.1:8000"), refused:
        Gate(DataFolder(small.path))
    Gate(small).close()


def test_without_a_built_graph_there_is_nothing_to_change(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError, match="citykg build"):
        Gate(DataFolder(tmp_path))
    with pytest.raises(DataFolderError, match="citykg build"):
        verify(DataFolder(tmp_path))
