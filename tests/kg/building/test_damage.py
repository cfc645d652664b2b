"""A bit is flipped in a file of each kind, as it lies: it is found, with its name and the way out, or made anew.

That ready documents are made anew is tried where they are (tests/kg/publish/test_ready_documents.py).
"""

from __future__ import annotations

import io
import json
import shutil
import tarfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import Store

from kg.accounts import Database, Role, Tokens
from kg.building import back_up, build, build_if_needed, restore, verify
from kg.building.backup import NotABackupError
from kg.building.conformance.exemptions import Exemption
from kg.building.verification import inspect_store
from kg.curation.draft import Draft
from kg.curation.gate import Gate
from kg.errors import DataFolderError
from kg.history.chain import History, Record
from kg.import_jobs.folder import ImportFolder
from kg.import_jobs.job import Import, ImportLimits, ImportRequest, ImportState, ImportStatus
from kg.import_jobs.planning_job import Planning
from kg.rdf.change import Change
from kg.store import Build, DataFolder, snapshots
from tests.kg.conftest import ChangedOnce
from tests.support.council_list import MAPPING
from tests.support.damage import flip
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn

Commit = Callable[[Gate, int], Record]
BUILD = "Run `citykg build`: it makes the store anew from the files and the history."
KINDS = {
    "history": (
        "history/00000001.json",  # a large change
        "history/00000001.rdfp.gz",
        "history/00000002.json",
        "history/00000003.json",
    ),
    "changes": ("history/exempt/00000002.json",),
    "current.json": ("current.json",),
    "snapshots": (
        "{snapshots}/3.json",
        "{snapshots}/3.sha256",
        "{snapshots}/3/*.sst",
        "{snapshots}/3/MANIFEST-*",
        "{snapshots}/3/CURRENT",
        "{snapshots}/3/OPTIONS-*",
        "{snapshots}/2.json",
        "{snapshots}/2/*.sst",
        "builds/*/snapshots/0/*.sst",
    ),
    "live store": ("{store}/*.sst", "{store}/MANIFEST-*", "{store}/CURRENT"),
    "ledger": ("{store}/../ledger.json",),
    "desk": ("desk.sqlite",),
    "imports": (
        "imports/1/import.json",
        "imports/1/state.json",
        "imports/1/mapping.yaml",
        "imports/1/table/twins.csv",
        "imports/1/plan/change.gz",
        "imports/1/plan/report.csv",
        "imports/1/plan/report.json",
    ),
}
"""Each kind of file, as a pattern of its name, by the check of `verify` that finds it."""


@pytest.fixture
def whole(
    small: DataFolder,
    renewed: Callable[[int], Change],
    drafted: Callable[[Change, str, str], Draft],
    commit: Commit,
    changed_once: ChangedOnce,
) -> DataFolder:
    """A folder with a file of each kind; the live store shares tables with the snapshots, as it does in use."""

    def change(folder: DataFolder) -> None:
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr(History, "LARGE", 3)
            History(folder.path).append(drafted(renewed(2000), "id-2000", "Large").record(renewed(2000)))
            Gate(folder).close()
        with Gate(folder) as gate:
            record, _ = (commit(gate, year) for year in (2001, 2002))
        exempt = Exemption(2, record.hash, "ann", "2026-11-29T00:00:00Z", "It may stand", ()).with_hash()
        (folder.path / "history" / "exempt").mkdir()
        (folder.path / "history" / "exempt" / "00000002.json").write_text(json.dumps(vars(exempt)), encoding="utf-8")
        Tokens(Database(folder.path)).create("ann", Role.CURATOR)
        imported(folder)
        assert current_table(folder).stat().st_nlink > 1

    return changed_once("a file of each kind", small, change)


def imported(folder: DataFolder) -> Import:
    """Try an import of a table of one row, whose files then lie in the folder."""
    imports = ImportFolder(folder.path)
    request = ImportRequest("ann", Role.CURATOR, "twins.csv", "text/csv", "mine.yaml", "", "As the council lists it")
    table = io.BytesIO(b"city_a,city_b,since\nBeijing,London,2019\n")
    one = imports.receive(
        "one", request, MAPPING.encode(), table, ImportStatus(ImportState.QUEUED, imports.now(), True)
    )
    scratch = imports.scratch(one.number)
    planned = Planning(folder, one, scratch, ImportLimits(), lambda *step: None).plan()
    scratch.rename(one.plan)
    return imports.save_status(one, replace(one.status, state=ImportState.DONE, **planned))


def current(folder: DataFolder) -> Build:
    current = folder.current()
    assert current is not None
    return current


def current_table(folder: DataFolder) -> Path:
    """The largest table of the current snapshot."""
    return max(folder.snapshot(current(folder)).glob("*.sst"), key=lambda path: path.stat().st_size)


def file_of(folder: DataFolder, pattern: str) -> Path:
    """The largest file of a kind; a link of its own where others have it as well, so that it alone is damaged."""
    live = folder.live_store_path(current(folder)).relative_to(folder.path)
    names = pattern.format(snapshots=live.with_name("snapshots"), store=live)
    path = max(folder.path.glob(names), key=lambda path: path.stat().st_size)
    content = path.read_bytes()
    path.unlink()
    path.write_bytes(content)
    return path


def failures(folder: DataFolder) -> dict[str, str]:
    return {check.name: check.hint for check in verify(folder) if not check.passed}


def found(folder: DataFolder) -> dict[str, tuple[str, str]]:
    """What `citykg verify` says is amiss, and the way out, by check; what it cannot begin without stands alone."""
    try:
        return {check.name: (check.found, check.hint) for check in verify(folder) if not check.passed}
    except DataFolderError as error:
        return {"current.json": (error.message, error.hint)}


@pytest.mark.parametrize(("check", "pattern"), [(check, kind) for check, kinds in KINDS.items() for kind in kinds])
def test_a_flipped_bit_is_found_in_a_file_of_each_kind(whole: DataFolder, check: str, pattern: str) -> None:
    chance, path = fresh_random(pattern), file_of(whole, pattern)
    content = path.read_bytes()
    place = (
        content.index(b"ann") if check == "desk" else None if check == "live store" else chance.randrange(len(content))
    )
    flip(path, place, chance.randrange(8))
    said, way_out = found(whole).get(check) or found(whole)["snapshots"]
    name = path.name.removesuffix(".rdfp.gz")  # which is named by its record
    # a list of checksums is taken for right, and one of its files for damaged; a layout that is too old for no build
    assert name in f"{said} {way_out}" or path.suffix == ".sha256" or check == "current.json"
    assert "citykg" in way_out or "backup" in way_out


@pytest.mark.parametrize("kind", ["MANIFEST-*", "CURRENT"])
def test_a_damaged_store_that_is_walked_names_its_file(whole: DataFolder, tmp_path: Path, kind: str) -> None:
    store = tmp_path / "store"
    shutil.copytree(whole.snapshot(current(whole)), store)
    flip(damaged := next(store.glob(kind)))
    assert damaged.name in inspect_store(store).fault


def test_nothing_is_found_in_a_whole_folder(whole: DataFolder) -> None:
    assert found(whole) == {}


def test_a_change_whose_line_in_the_engines_log_has_a_flipped_bit_comes_from_the_history(
    whole: DataFolder, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched, suppress(DataFolderError), Gate(whole) as gate:
        patched.setattr(DataFolder, "publish_snapshot", no_snapshot)
        commit(gate, 2003)
    log = max(whole.live_store_path(current(whole)).glob("*.log"), key=lambda path: path.stat().st_size)
    assert log.stat().st_size
    flip(log)
    Gate(whole).close()
    assert (current(whole).changes, found(whole)) == (4, {})


def no_snapshot(*_: object) -> None:
    raise OSError("died")


LOST = ["table", "live CURRENT", "older table", "MANIFEST", "CURRENT"][: by_tier(2, 3, 5)]


@pytest.mark.scaled
@pytest.mark.parametrize("lost", LOST)
def test_the_command_that_is_named_puts_it_right(changed: DataFolder, lost: str) -> None:
    snapshot = changed.snapshot(current(changed))
    flip(
        {
            "table": current_table(changed),
            "older table": max(snapshot.with_name("0").glob("*.sst"), key=lambda path: path.stat().st_ino),
            "MANIFEST": next(snapshot.glob("MANIFEST-*")),
            "CURRENT": snapshot / "CURRENT",
            "live CURRENT": changed.live_store_path(current(changed)) / "CURRENT",
        }[lost]
    )
    assert set(failures(changed).values()) == {BUILD}
    build(changed)
    assert failures(changed) == {}
    assert not list(changed.path.rglob("*.dropped"))


def test_a_table_without_a_checksum_is_read_along_every_index(changed: DataFolder) -> None:
    """As those are that the engine has put together since the last change."""
    store = Store(str(changed.live_store_path(current(changed))))
    store.optimize()
    del store
    assert {check.name: check.found for check in verify(changed)}["live store"].endswith("as in the snapshot")
    assert failures(changed) == {}
    snapshot = changed.snapshot(current(changed))
    (new, *_) = (
        table
        for table in changed.live_store_path(current(changed)).glob("*.sst")
        if not (snapshot / table.name).exists()
    )
    new.write_bytes(bytes(new.stat().st_size))
    assert [*failures(changed)] == ["live store"]


def test_a_start_does_not_trust_a_damaged_snapshot_of_the_same_files(changed: DataFolder) -> None:
    assert build_if_needed(changed) is None
    flip(current_table(changed))
    assert build_if_needed(changed) is not None
    assert build_if_needed(changed) is None
    assert failures(changed) == {}


def test_nobody_writes_upon_damage_or_backs_it_up(changed: DataFolder, tmp_path: Path) -> None:
    table = current_table(changed)
    flip(table)
    with pytest.raises(DataFolderError, match=r"is damaged: .*\.sst is not as it was written") as refused:
        Gate(changed)
    assert "`citykg build`" in refused.value.hint
    with pytest.raises(DataFolderError, match="is damaged"):
        back_up(changed, tmp_path / "backup")
    assert not (tmp_path / "backup").exists()
    flip(table)
    back_up(changed, tmp_path / "backup")


def test_a_backup_that_is_not_as_it_was_taken_is_not_restored(changed: DataFolder, tmp_path: Path) -> None:
    back_up(changed, tmp_path / "backup")
    with tarfile.open(tmp_path / "backup") as tar:
        tar.extractall(tmp_path / "altered", filter="data")
    flip(max((tmp_path / "altered").rglob("*.sst"), key=lambda path: path.stat().st_size))
    with tarfile.open(tmp_path / "again", "w:gz") as tar:
        for path in (tmp_path / "altered").iterdir():
            tar.add(path, path.name)
    folder = DataFolder(tmp_path / "restored")
    with pytest.raises(NotABackupError, match="is not as it was when the backup was taken"):
        restore(folder, tmp_path / "again")
    assert folder.current() is None
    restore(folder, tmp_path / "backup")
    assert failures(folder) == {}


def test_a_snapshot_keeps_the_checksums_of_tables_that_it_shares(changed: DataFolder, commit: Commit) -> None:
    with Gate(changed) as gate:
        table = current_table(changed)
        flip(table, table.stat().st_size - 1)  # the foot, which the engine has read already
        damaged = table.name
        commit(gate, 2003)
    assert damaged in str([check.found for check in verify(changed) if check.name == "snapshots"])


def test_a_snapshot_that_a_writer_drops_meanwhile_is_not_damaged(
    changed: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    there = changed.snapshots_with_checksums()
    monkeypatch.setattr(DataFolder, "snapshots_with_checksums", lambda folder: there)
    snapshots.drop_snapshot(there[0])
    compared = changed.integrity.compare_all()
    assert [*compared] == there[1:]
    assert not any(compared.values())
