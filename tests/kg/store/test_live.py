"""What is found when the next writer opens a folder in which one died, or something went wrong; nothing is lost."""

import gc
import json
import shutil
import threading
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.building import build_if_needed, pipeline
from kg.curation.gate import Draft, Gate
from kg.errors import DataFolderError
from kg.history.chain import History, Record
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.store import LiveStore
from kg.store.builds import Build
from kg.store.data_folder import DataFolder
from tests.support.damage import failures
from tests.support.garbage import collecting_elsewhere

pytestmark = pytest.mark.drawn

Commit = Callable[[Gate, int], Record]
ChangedOnce = Callable[[str, DataFolder, Callable[[DataFolder], None]], DataFolder]
Renewed = Callable[[int], Change]
Drafted = Callable[[Change, str, str], Draft]


def current(folder: DataFolder) -> Build:
    build = folder.current()
    assert build is not None
    return build


@pytest.fixture
def changed(small: DataFolder, commit: Commit, changed_once: ChangedOnce) -> DataFolder:
    """A folder with three changes, for one test."""

    def change(folder: DataFolder) -> None:
        with Gate(folder) as gate:
            for year in (2001, 2002, 2003):
                commit(gate, year)

    return changed_once("three changes", small, change)


def leftovers(folder: DataFolder) -> None:
    """A record that was being written, a build, a snapshot half removed, and a ledger that a power cut has emptied."""
    (folder.path / "history" / "draft").write_text('{"number": 4')
    (folder.path / "builds" / "unfinished-1").mkdir()
    snapshots = folder.snapshot(current(folder)).parent
    (snapshots / "1").rename(snapshots / "1.dropped")
    next((snapshots / "1.dropped").glob("*.sst")).unlink()
    (snapshots.parent / "ledger.json").write_text("no ledger")


def recorded_only(folder: DataFolder) -> None:
    """The third change as it is right after its record was written."""
    back_to_the_second(folder)
    build = folder.live_store_path(current(folder))
    shutil.rmtree(build)
    shutil.copytree(build.parent / "snapshots" / "2", build)
    forget_third_snapshot(folder)


def updated_only(folder: DataFolder) -> None:
    """The third change as it is once the store is updated, and its snapshot not begun."""
    back_to_the_second(folder)
    forget_third_snapshot(folder)


def half_a_snapshot(folder: DataFolder) -> None:
    back_to_the_second(folder)
    snapshots = forget_third_snapshot(folder)
    (snapshots / "3.tmp").mkdir()
    (snapshots / "3.tmp" / "CURRENT").write_text("MANIFEST-000005\n")


def snapshot_without_its_name(folder: DataFolder) -> None:
    back_to_the_second(folder)
    (folder.live_store_path(current(folder)).parent / "snapshots" / "3.json").unlink()


def snapshot_named_and_not_current(folder: DataFolder) -> None:
    back_to_the_second(folder)


def lost_snapshot(folder: DataFolder) -> None:
    shutil.rmtree(folder.snapshot(current(folder)))


def store_behind_its_readers(folder: DataFolder) -> None:
    """The engine lost the last two updates by a power cut, though readers had seen them."""
    live = folder.live_store_path(current(folder))
    shutil.rmtree(live)
    shutil.copytree(live.parent / "snapshots" / "1", live)


def back_to_the_second(folder: DataFolder) -> None:
    build = current(folder)
    stated = (folder.snapshot(build).parent / "2.json").read_text()
    (folder.path / "current.json").write_text(stated)


def forget_third_snapshot(folder: DataFolder) -> Path:
    snapshots = folder.snapshot(current(folder)).parent
    shutil.rmtree(snapshots / "3")
    (snapshots / "3.json").unlink()
    return snapshots


@pytest.mark.parametrize(
    "crash",
    [
        leftovers,
        recorded_only,
        updated_only,
        half_a_snapshot,
        snapshot_without_its_name,
        snapshot_named_and_not_current,
        lost_snapshot,
        store_behind_its_readers,
    ],
)
def test_what_a_writer_that_died_has_left_is_mended_by_the_next_one(
    changed: DataFolder, commit: Commit, renewed: Renewed, crash: Callable[[DataFolder], None]
) -> None:
    before = current(changed)
    crash(changed)
    with Gate(changed) as gate:
        assert gate.build == current(changed) == before
        store = changed.open()
        assert all(quad in store for year in (2001, 2002, 2003) for quad in renewed(year).added)
        assert commit(gate, 2004).number == 4
    assert failures(changed) == []
    assert not list(changed.path.glob("builds/*/snapshots/*.dropped"))


@pytest.mark.parametrize("crash", [recorded_only, updated_only, snapshot_without_its_name, lost_snapshot])
def test_a_service_that_only_reads_finds_it_mended_too(
    changed: DataFolder, crash: Callable[[DataFolder], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = current(changed)
    crash(changed)
    monkeypatch.setattr(pipeline.sources, "fingerprint", lambda works=(): before.fingerprint)
    assert build_if_needed(changed) is None
    assert current(changed) == before
    assert failures(changed) == []


def test_another_writer_is_left_to_mend_it_itself(changed: DataFolder) -> None:
    recorded_only(changed)
    with changed.lock():
        LiveStore.finish_interrupted_write(changed, current(changed))
    assert current(changed).changes == 2


def history_file(folder: DataFolder, number: int) -> Path:
    return folder.path / "history" / f"{number:08d}.json"


def missing_in_the_middle(folder: DataFolder) -> None:
    history_file(folder, 2).unlink()


def missing_at_the_end(folder: DataFolder) -> None:
    history_file(folder, 3).unlink()


def missing_all(folder: DataFolder) -> None:
    shutil.rmtree(folder.path / "history")


def altered(folder: DataFolder) -> None:
    history_file(folder, 2).write_text(history_file(folder, 2).read_text().replace("ann", "eve"))


def empty_at_the_end(folder: DataFolder) -> None:
    history_file(folder, 3).write_text("")


def missing_after_a_crash(folder: DataFolder) -> None:
    """The store knows more than current.json does, and the record is gone."""
    updated_only(folder)
    history_file(folder, 3).unlink()


def newer_layout(folder: DataFolder) -> None:
    stated = json.loads((folder.path / "current.json").read_text())
    (folder.path / "current.json").write_text(json.dumps(stated | {"layout": 99}))


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (missing_in_the_middle, r"00000002\.json is missing(.|\n)*backup(.|\n)*keeping\.md"),
        (missing_at_the_end, r"3 changes, the history only 2: records are missing(.|\n)*backup(.|\n)*keeping\.md"),
        (missing_all, r"3 changes, the history only 0(.|\n)*backup"),
        (altered, r"00000002\.json is not what was written(.|\n)*backup"),
        (empty_at_the_end, r"00000003\.json cannot be read(.|\n)*backup"),
        (missing_after_a_crash, r"3 changes, the history only 2(.|\n)*backup"),
        (newer_layout, r"newer version(.|\n)*Update"),
    ],
)
def test_what_cannot_be_mended_is_refused_with_the_way_out_and_left_as_it_is(
    changed: DataFolder, damage: Callable[[DataFolder], None], said: str
) -> None:
    damage(changed)
    before = (changed.path / "current.json").read_text(), sorted((changed.path / "history").glob("*"))
    with pytest.raises(DataFolderError, match=said):
        Gate(changed)
    if damage is not missing_after_a_crash:  # of which only the writable store knows
        with pytest.raises(DataFolderError, match=said):
            pipeline.build(changed)
        with pytest.raises(DataFolderError, match=said):
            LiveStore.finish_interrupted_write(changed, current(changed))
    assert ((changed.path / "current.json").read_text(), sorted((changed.path / "history").glob("*"))) == before


@pytest.mark.parametrize("content", ["", "{", "{}", "[]", '{"layout": 2}', '{"layout": "x"}', "works"])
def test_a_damaged_current_json_is_refused_and_made_anew_by_a_build(changed: DataFolder, content: str) -> None:
    before = current(changed)
    of_no_works = json.dumps(asdict(before) | {"works": 1})
    (changed.path / "current.json").write_text(of_no_works if content == "works" else content)
    for opens in (lambda: Gate(changed), changed.open, lambda: build_if_needed(changed)):
        with pytest.raises(
            DataFolderError, match=r"current\.json cannot be read(.|\n)*Remove it and run `citykg build`"
        ):
            opens()
    (changed.path / "current.json").unlink()
    if content == "":
        again = pipeline.build(changed).build
        assert (again.revision, again.quads) == (before.revision, before.quads)
        assert failures(changed) == []


def test_without_current_json_a_build_still_misses_a_lost_record(changed: DataFolder) -> None:
    (changed.path / "current.json").unlink()
    missing_at_the_end(changed)
    with pytest.raises(DataFolderError, match="3 changes, the history only 2"):
        pipeline.build(changed)


def test_a_store_that_is_gone_is_not_taken_for_an_empty_one(changed: DataFolder) -> None:
    shutil.rmtree(changed.live_store_path(current(changed)))
    with pytest.raises(DataFolderError, match=r"holds no store(.|\n)*citykg build"):
        Gate(changed)
    pipeline.build(changed)
    with Gate(changed) as gate:
        assert gate.build.changes == 3
    assert failures(changed) == []


def test_a_store_that_only_garbage_holds_can_be_opened(changed: DataFolder) -> None:
    held: list[object] = [Store(str(changed.live_store_path(current(changed))))]
    held.append(held)
    gc.freeze()
    del held
    with Gate(changed) as gate:
        assert gate.build.changes == 3


def test_a_store_that_another_thread_is_about_to_close_can_be_opened(changed: DataFolder) -> None:
    with collecting_elsewhere(lambda: Store(str(changed.live_store_path(current(changed))))) as go_on:
        threading.Timer(0.05, go_on.set).start()
        with Gate(changed) as gate:
            assert gate.build.changes == 3


def test_the_history_of_another_store_is_refused(changed: DataFolder, commit: Commit, tmp_path: Path) -> None:
    other = DataFolder(tmp_path / "other")
    shutil.copytree(changed.path, other.path)
    shutil.rmtree(other.path / "history")
    history = History(other.path)
    for record in History(changed.path).records():
        history.append(replace(record, agent="bob"))
    with pytest.raises(DataFolderError, match=r"do not belong together(.|\n)*citykg build"):
        Gate(other)
    pipeline.build(other)
    assert failures(other) == []


def test_numbers_that_the_engine_takes_for_others_are_told_apart(small: DataFolder) -> None:
    """On disk a pattern with an integer that ends in the byte FF finds other numbers too."""
    thing, order = NamedNode(ns.ID + "finding/x"), NamedNode(ns.CD + "value")
    integer = NamedNode(ns.PREFIXES["xsd"] + "integer")
    graphs = [NamedNode(ns.GRAPH + f"curated/{name}") for name in ("one", "two")]

    def quad(number: int, graph: NamedNode) -> Quad:
        return Quad(thing, order, Literal(str(number), datatype=integer), graph)

    history = History(small.path)
    empty = Record(0, "", "submit", "s", "https://example.org/s", "ann", "2026-01-01T00:00:00Z", (), ())

    def record(added: list[Quad], removed: list[Quad]) -> Record:
        lines = [tuple(sorted(f"{one} ." for one in quads)) for quads in (added, removed)]
        return replace(empty, added=lines[0], removed=lines[1])

    with small.lock():
        live = LiveStore(small, history)
        for added, removed in (
            ([quad(255, graphs[0]), quad(250, graphs[1]), quad(256, graphs[1])], []),
            ([], [quad(255, graphs[0])]),
            ([quad(511, graphs[0]), quad(-1, graphs[0])], [quad(256, graphs[1])]),
            ([], [quad(511, graphs[0]), quad(-1, graphs[0])]),
        ):
            history.append(record(added, removed))
            live.catch_up(history)
        left = {found.object.value for found in live.store.quads_for_pattern(thing, order, None, DefaultGraph())}
        del live
    assert left == {"250"}
    assert failures(small) == ["changes"]  # a number alone conforms to nothing
