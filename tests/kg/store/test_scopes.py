"""Scopes: each part of a graph with other works is a store of its own, in step with the whole, come what may."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, Store

from kg.building import pipeline, sources
from kg.building.backup import NotABackupError, back_up, restore
from kg.building.verification import verify
from kg.curation import gate as module
from kg.curation.draft import Draft
from kg.curation.gate import Gate
from kg.history.chain import History, Record
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.scopes import EVERYTHING, REPORT, SCOPES, WORLD
from kg.rdf.serialise import from_text
from kg.store import LiveStore, RevisionGoneError
from kg.store.builds import WorkNotLoadedError
from kg.store.data_folder import DataFolder
from kg.store.integrity import Integrity
from kg.submissions.submission import Submission
from tests.kg.curation.large.conftest import Here
from tests.support import small_world
from tests.support.damage import failures
from tests.support.part import loaded

pytestmark = pytest.mark.drawn

Commit = Callable[[Gate, int], Record]
OF_THE_WORLD = NamedNode(f"{ns.GRAPH}report/wikidata-2016")
OF_THE_REPORT = NamedNode(f"{ns.REPORT}table-1")
CURATED = NamedNode(f"{ns.GRAPH}curated/test")


def opened(folder: DataFolder, scope: str) -> Store:
    return Store.read_only(str(folder.snapshot_in(scope, folder.require_build())))


def test_a_change_that_is_withheld_counts_in_no_scope(
    both: DataFolder, commit: Commit, few_files: list[Quad], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also after a further change, and in what is restored from a backup."""
    with Gate(both) as gate:
        withheld = commit(gate, 2001)
    twinning, load = NamedNode(f"{ns.ID}twinning/beijing-london-2001"), sources.load_files
    third_party = Quad(twinning, NamedNode(f"{ns.CD}twin"), NamedNode(f"{ns.ID}city/leeds"), OF_THE_REPORT)
    monkeypatch.setattr(sources, "load_files", lambda works=(): loaded([*load(works).quads, third_party], works))
    monkeypatch.setattr(
        pipeline, "refuse_violations", lambda violations, found: None
    )  # of so small a part of the world
    assert pipeline.build(both, works=both.require_build().works).build.withheld_numbers == {1}
    with Gate(both) as gate:
        counting = commit(gate, 2002)
    back_up(both, tmp_path / "backup")
    restored = DataFolder(tmp_path / "restored")
    restore(restored, tmp_path / "backup")
    for folder in both, restored:
        assert folder.require_build().withheld_numbers == {1}
        for scope in EVERYTHING, REPORT:
            store = opened(folder, scope)
            assert not any(quad in store for quad in withheld.added_quads())
            assert all(quad in store for quad in counting.added_quads())
        assert [check.name for check in verify(folder) if not check.passed] == []


def held(folder: DataFolder, scope: str) -> set[NamedNode]:
    store = opened(folder, scope)
    return {graph for graph in (OF_THE_WORLD, OF_THE_REPORT, CURATED) if store.contains_named_graph(graph)}


def test_without_other_works_all_is_the_report(small: DataFolder) -> None:
    assert small.scope(REPORT) is small.scope(EVERYTHING) is small
    assert small.scopes(small.require_build()) == {}
    with pytest.raises(WorkNotLoadedError, match=r"citykg build --with world"):
        small.scope(WORLD)


def test_each_scope_holds_its_part_and_what_follows_from_it(both: DataFolder, small_built: Path) -> None:
    assert [held(both, scope) for scope in SCOPES] == [
        {OF_THE_REPORT},
        {OF_THE_WORLD},
        {OF_THE_REPORT, OF_THE_WORLD},
    ]
    assert set(opened(both, REPORT)) == set(DataFolder(small_built).open())


def test_a_change_comes_to_the_report_and_never_to_the_world(both: DataFolder, commit: Commit) -> None:
    before = both.require_build()
    with Gate(both) as gate:
        commit(gate, 2001)
        commit(gate, 2002)
    assert [CURATED in held(both, scope) for scope in SCOPES] == [True, False, True]
    assert both.scope(REPORT).require_build().changes == both.require_build().changes == 2
    earlier = Store.read_only(str(both.snapshot_in(REPORT, before)))
    assert not earlier.contains_named_graph(CURATED)
    assert failures(both) == []
    shutil.rmtree(both.snapshot_in(REPORT, before))
    with pytest.raises(RevisionGoneError):
        both.snapshot_in(REPORT, before)


@pytest.mark.slow
def test_a_change_that_has_come_to_the_report_alone_comes_to_all_with_the_next_writer(
    both: DataFolder, renewed: Callable[[int], Change]
) -> None:
    stated = "\n".join(f"{quad} ." for quad in renewed(2001).added)
    command = [sys.executable, __file__, str(both.path)]
    killed = subprocess.run(command, input=stated, text=True, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    assert (both.scope(REPORT).require_build().changes, both.require_build().changes) == (1, 0)
    assert CURATED not in held(both, REPORT)  # what is asked is in step with what is current
    LiveStore.finish_interrupted_write(both, both.require_build())
    assert (both.scope(REPORT).require_build().changes, both.require_build().changes) == (1, 1)
    assert failures(both) == []


def test_a_large_change_comes_to_the_whole_and_to_the_report(
    both: DataFolder, commit: Commit, renewed: Callable[[int], Change], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(History, "LARGE", 5)
    with Gate(both) as gate:
        commit(gate, 2001)
        monkeypatch.setattr(History, "LARGE", 50)
        commit(gate, 2002)
    History(both.path).append(Draft("x", "submit", None, "S", "urn:x", "ann").record(renewed(2003)))
    monkeypatch.setattr(History, "LARGE", 5)
    LiveStore.finish_interrupted_write(both, both.require_build())
    for scope in (REPORT, EVERYTHING):
        assert renewed(2001).added | renewed(2003).added <= set(opened(both, scope))
    assert CURATED not in held(both, WORLD)
    assert both.scope(REPORT).require_build().changes == both.require_build().changes == 3
    assert failures(both) == []


def test_measures_are_no_fault_of_a_scope(both: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "JobProcess", Here)
    with Gate(both) as gate:
        gate.measure()
    assert all(opened(both, scope).contains_named_graph(graphs.MEASURES) for scope in SCOPES)
    assert failures(both) == []


def test_damage_in_a_scope_is_found_and_built_anew(both: DataFolder) -> None:
    table = next(both.snapshot_in(WORLD, both.require_build()).glob("*.sst"))
    content = bytearray(table.read_bytes())
    content[len(content) // 2] ^= 1
    table.write_bytes(content)
    assert both.integrity.compare(both.require_build()) == [table]
    assert "snapshots" in failures(both)
    small_world.build(both)
    both.integrity.drop_damaged()
    assert failures(both) == []


def test_a_scope_that_lacks_a_statement_is_found(both: DataFolder) -> None:
    part = both.scope(REPORT)
    store = Store(str(part.live_store_path(part.require_build())))
    store.remove(next(iter(store)))
    part.publish_snapshot(store, part.require_build())
    del store
    assert failures(both) == ["scope report"]


@pytest.mark.slow
def test_a_restored_folder_has_its_scopes(both: DataFolder, commit: Commit, tmp_path: Path) -> None:
    with Gate(both) as gate:
        commit(gate, 2001)
    back_up(both, tmp_path / "backup")
    restored = DataFolder(tmp_path / "restored")
    restore(restored, tmp_path / "backup")
    assert [set(opened(restored, scope)) == set(opened(both, scope)) for scope in SCOPES] == [True] * 3
    with Gate(restored) as gate:
        commit(gate, 2002)
    assert restored.scope(REPORT).require_build().changes == History(restored.path).count() == 2
    assert failures(restored) == []


def test_a_backup_with_a_damaged_scope_is_refused(both: DataFolder, tmp_path: Path) -> None:
    sealed = Integrity.seal

    def damaged(copy: Path) -> None:
        sealed(copy)
        if copy.parent.name == WORLD:
            next(copy.glob("*.sst")).unlink()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Integrity, "seal", staticmethod(damaged))
        back_up(both, tmp_path / "backup")
    with pytest.raises(NotABackupError, match="not as it was"):
        restore(DataFolder(tmp_path / "restored"), tmp_path / "backup")


def main(data: Path) -> None:
    """Commit the change that is stated on standard input, and die once it has come to the report alone."""
    applied = LiveStore._apply

    def dies(live: LiveStore, record: Record, history: History) -> None:
        if live._report is not None:  # the whole: the report's part has come before it
            os.kill(os.getpid(), signal.SIGKILL)
        applied(live, record, history)

    LiveStore._apply = dies  # type: ignore[method-assign]
    with Gate(DataFolder(data)) as gate:
        submission = Submission(Change.of(from_text(sys.stdin.read())))
        gate.commit(
            Draft("id", "submit", submission, "Renewed", "https://example.org/source", "ann", acknowledged=True)
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]))
