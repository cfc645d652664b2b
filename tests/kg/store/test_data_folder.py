import json
import os
import subprocess
import sys
import time
from dataclasses import fields, replace
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.errors import DataFolderError
from kg.store.builds import LAYOUT_VERSION, Build
from kg.store.data_folder import DataFolder
from kg.store.reader import FolderReader

A = NamedNode("http://a")


def write(folder: DataFolder, content: str) -> None:
    with folder.lock():
        folder.write([Quad(A, A, NamedNode(f"http://{content}"), DefaultGraph())], content * 20, "f", (1, 0))


def objects(store: Store) -> set[str]:
    return {str(quad.object) for quad in store}


@pytest.mark.drawn
def test_what_is_cached_of_texts_without_statements_has_a_bound_as_well(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.store.reader._MOST_KEPT", 3)
    folder = DataFolder(tmp_path)
    write(folder, "one")
    reader, found = FolderReader(folder), list[int]()
    for number in (1, 1, 2, 3, 4, 1):
        reader.once(number, 0, lambda _, number=number: found.append(number) or number)  # type: ignore[misc]
    assert found == [1, 2, 3, 4, 1]


def test_a_reader_sees_the_newest_build_and_an_open_store_stays_whole(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    write(folder, "one")
    reader = FolderReader(folder)
    first = reader.current().store
    write(folder, "two")
    second = reader.current().store
    assert objects(first) == {"<http://one>"}
    assert objects(second) == {"<http://two>"}


@pytest.mark.drawn
def test_old_builds_and_unfinished_ones_are_dropped(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    for content in ("one", "two", "three"):
        write(folder, content)
        (tmp_path / "builds" / "unfinished-x").mkdir(exist_ok=True)
    write(folder, "four")
    assert len(list((tmp_path / "builds").iterdir())) == 2
    assert objects(folder.open()) == {"<http://four>"}


@pytest.mark.drawn
def test_after_the_clock_was_set_back_the_oldest_build_is_dropped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder(tmp_path / "data")
    with folder.lock():
        built = [folder.write([], "a" * 64, "f", (0, 0))]
        monkeypatch.setattr(time, "time_ns", lambda: 1)
        built += [folder.write([], digit * 64, "f", (0, 0)) for digit in "bc"]
    assert [build.content_hash[0] for build in folder.available_builds()] == ["b", "c"]
    assert [build.name for build in built] == sorted(build.name for build in built)


def test_a_locked_folder_says_who_holds_it(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    held = pytest.raises(DataFolderError, match=f"locked by citykg, process {os.getpid()}")
    with folder.lock(), held, DataFolder(tmp_path).lock():
        pass


def test_a_newer_layout_is_refused_with_the_way_out(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    write(folder, "one")
    stated = json.loads((tmp_path / "current.json").read_text())
    (tmp_path / "current.json").write_text(json.dumps(stated | {"layout": LAYOUT_VERSION + 1}))
    with pytest.raises(DataFolderError, match=r"newer version(.|\n)*Update citykg"):
        folder.open()


FIELDS = {
    2: "name layout content_hash fingerprint quads inferred built changes changed",
    3: "name layout content_hash fingerprint quads inferred built changes changed works measured withheld",
}
"""What current.json says, by the number of its layout: whoever adds a field adds a number, and a line here."""


def test_a_field_of_current_json_has_a_number_of_the_layout() -> None:
    assert " ".join(field.name for field in fields(Build)) == FIELDS[LAYOUT_VERSION]
    assert max(FIELDS) == LAYOUT_VERSION


def restate(folder: DataFolder, **members: object) -> None:
    """Let a folder say of its current build what another version would."""
    current = folder.path / "current.json"
    stated = {name: value for name, value in (json.loads(current.read_text()) | members).items() if value is not None}
    current.write_text(json.dumps(stated))


def test_what_the_version_before_has_written_is_read_and_written_by_the_new_number(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    write(folder, "one")
    today = folder.require_build()
    restate(folder, layout=2, works=None, measured=None)
    assert folder.require_build() == today
    restate(folder, layout=2, works=["sino-japanese"], measured="")  # as some wrote that came between the numbers
    assert folder.require_build() == replace(today, works=("sino-japanese",))
    with folder.lock():
        folder.publish_snapshot(Store(str(folder.live_store_path(today))), replace(folder.require_build(), changes=1))
    assert json.loads((tmp_path / "current.json").read_text())["layout"] == LAYOUT_VERSION
    restate(folder, layout=1)
    assert folder.current() is None  # which is built again


def test_a_field_of_a_newer_version_is_no_error_of_python(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    write(folder, "one")
    restate(folder, invented="x", planned=1)
    with pytest.raises(DataFolderError, match=r"newer version of citykg \(it says invented, planned") as refused:
        folder.require_build()
    assert "Update citykg" in refused.value.hint
    assert "citykg build" in refused.value.hint
    restate(folder, invented=None, planned=None, quads=None, built=None)
    with pytest.raises(DataFolderError, match=r"cannot be read: it lacks quads, built\.") as refused:
        folder.require_build()
    assert "citykg build" in refused.value.hint


def test_an_empty_folder_and_a_folder_that_is_a_file_say_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError, match="citykg build"):
        DataFolder(tmp_path).open()
    (tmp_path / "file").write_text("")
    with pytest.raises(DataFolderError, match="--data"), DataFolder(tmp_path / "file").lock():
        pass


BUILD_AND_HANG = """
import sys, time
from pathlib import Path
from pyoxigraph import Quad, NamedNode, DefaultGraph
from kg.store.data_folder import DataFolder
def quads():
    for n in range(10**9):
        if n == {announce}: print("writing", flush=True)
        yield Quad(NamedNode(f"http://{{n}}"), NamedNode("http://p"), NamedNode("http://o"), DefaultGraph())
folder = DataFolder(Path(sys.argv[1]))
with folder.lock():
    folder.write(quads(), "x" * 64, "f", (1, 0))
"""


@pytest.mark.parametrize("announce", [1, 50_000, pytest.param(1_200_000, marks=pytest.mark.slow)])
@pytest.mark.drawn
def test_a_build_killed_half_way_leaves_the_old_store_in_use(tmp_path: Path, announce: int) -> None:
    folder = DataFolder(tmp_path)
    write(folder, "old")
    process = subprocess.Popen(
        [sys.executable, "-c", BUILD_AND_HANG.format(announce=announce), str(tmp_path)], stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"writing\n"
    time.sleep(0.05)
    process.kill()
    process.wait()
    process.stdout.close()
    assert list((tmp_path / "builds").glob("unfinished-*"))
    assert objects(folder.open()) == {"<http://old>"}
    write(folder, "new")
    assert objects(folder.open()) == {"<http://new>"}
    assert not list((tmp_path / "builds").glob("unfinished-*"))
