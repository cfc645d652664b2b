import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from pyoxigraph import RdfFormat, parse

from kg.cli import maintenance
from kg.cli.remote import RemoteGate, RemoteHistory
from kg.curation.gate import Gate
from kg.history.chain import History, Record
from kg.rdf import namespaces as ns
from kg.store.data_folder import DataFolder
from tests.support.serving import Serving

Commit = Callable[[Gate, int], Record]
ChangedOnce = Callable[[str, DataFolder, Callable[[DataFolder], None]], DataFolder]


@pytest.fixture
def changed(small: DataFolder, commit: Commit, changed_once: ChangedOnce) -> DataFolder:
    """A folder with two changes, the first of them taken back by a third."""

    def change(folder: DataFolder) -> None:
        with Gate(folder) as gate:
            commit(gate, 2001)
            commit(gate, 2002)
            gate.commit(gate.undo_draft(1, "back", "bob", "Never was"))

    return changed_once("one of two changes taken back", small, change)


def run(command: click.Command, *arguments: object, data: DataFolder) -> Result:
    result = CliRunner().invoke(command, [*map(str, arguments), "--data", str(data.path)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.drawn
def test_verify_says_what_was_found_and_its_exit_code_whether_all_is_well(changed: DataFolder) -> None:
    good = run(maintenance.verify, data=changed)
    assert good.exit_code == 0
    assert "3 changes in an unbroken chain" in good.stdout
    assert "All is as it should be." in good.stdout

    stated = changed.path / "current.json"
    stated.write_text(stated.read_text().replace('"inferred": ', '"inferred": 1'))
    bad = run(maintenance.verify, data=changed)
    assert bad.exit_code == 1
    assert "WRONG" in bad.stdout
    assert "Run `citykg build`" in bad.stdout
    assert "2 of 13 checks failed." in bad.stdout
    for_programs = run(maintenance.verify, "--format", "json", data=changed)
    told = json.loads(for_programs.stdout)
    assert (for_programs.exit_code, told["passed"]) == (1, False)
    assert [check["name"] for check in told["checks"] if not check["passed"]] == ["counts", "snapshots"]


@pytest.mark.drawn
def test_backup_and_restore(changed: DataFolder, tmp_path: Path) -> None:
    file, target = tmp_path / "backup.tar.gz", DataFolder(tmp_path / "target")
    build = changed.current()
    assert build is not None
    made = run(maintenance.backup, file, data=changed)
    assert f"revision {build.revision} with 3 changes" in made.stdout
    restored = run(maintenance.restore, file, data=target)
    assert (restored.exit_code, target.current()) == (0, build)
    refused = run(maintenance.restore, file, data=target)
    assert (refused.exit_code, "--force" in refused.stderr) == (1, True)
    forced = run(maintenance.restore, file, "--force", data=target)
    assert forced.exit_code == 0
    assert f"What was there is in {target.path}/replaced-" in forced.stdout


def test_history_lists_the_newest_first(changed: DataFolder) -> None:
    text = run(maintenance.history, data=changed).stdout
    assert text.index("Never was") < text.index("Renewed in 2002") < text.index("Renewed in 2001")
    assert "revert of 1" in text
    told = json.loads(run(maintenance.history, "--format", "json", data=changed).stdout)
    assert [(change["number"], change["agent"], change["reverts"]) for change in told] == [
        (3, "bob", 1),
        (2, "ann", None),
        (1, "ann", None),
    ]


def test_history_keeps_to_what_concerns_a_thing(changed: DataFolder) -> None:
    def numbers(name: str) -> list[int]:
        told = run(maintenance.history, "--about", name, "--format", "json", data=changed).stdout
        return [change["number"] for change in json.loads(told)]

    assert numbers("twinning:beijing-london-2001") == [3, 1]
    assert numbers(f"{ns.ID}twinning/beijing-london-2002") == [2]
    assert numbers("graph:curated") == []
    for wrong in (("--about", "York"), ("--about", "city:york", 2)):
        refused = run(maintenance.history, *wrong, data=changed)
        assert (refused.exit_code, bool(refused.stderr)) == (1, True)


def test_history_shows_one_change_with_its_statements(changed: DataFolder) -> None:
    text = run(maintenance.history, 3, data=changed).stdout
    assert "Change 3: Never was" in text
    assert "takes back: 1" in text
    assert "- twinning:beijing-london-2001 cd:twin city:london  (graph/curated/test)" in text
    assert "\n+ " not in text
    told = json.loads(run(maintenance.history, 3, "--format", "json", data=changed).stdout)
    record = History(changed.path).get(3)
    assert record is not None
    assert (tuple(told["removed"]), told["hash"]) == (record.removed, record.hash)


def test_patches_can_be_made_again_in_their_order(changed: DataFolder) -> None:
    lines = run(maintenance.history, "--format", "patch", data=changed).stdout.splitlines()
    stated: set[object] = set()
    for line in lines:
        quads = set(parse(line[2:], RdfFormat.N_QUADS)) if line[:2] in ("A ", "D ") else set()
        stated = stated | quads if line.startswith("A") else stated - quads
    second = History(changed.path).get(2)
    assert second is not None
    assert stated == second.added_quads()
    one = run(maintenance.history, 2, "--format", "patch", data=changed).stdout.splitlines()
    assert (one[0], one[-1]) == ("H id <https://w3id.org/city-diplomacy/changes/2> .", "TC .")


def test_history_is_exported_as_files(changed: DataFolder, tmp_path: Path) -> None:
    result = run(maintenance.history, "--export", tmp_path / "out", data=changed)
    assert str(tmp_path / "out" / "test.trig") in result.stdout
    assert "kg/facts/curated" in result.stdout
    assert [record.number for record in History(tmp_path / "out").records()] == [1, 2, 3]
    one = run(maintenance.history, 2, "--export", tmp_path / "other", data=changed)
    assert (one.exit_code, "cannot be exported" in one.stderr) == (1, True)


def test_a_server_tells_the_same_history_as_its_folder(changed: DataFolder, serving_folder: Serving) -> None:
    with serving_folder(changed) as address:
        for arguments in ((), (3,)):
            for name in ("text", "json", "patch"):
                wanted = run(maintenance.history, *arguments, "--format", name, data=changed)
                told = run(maintenance.history, *arguments, "--format", name, "--server", address, data=changed)
                assert (told.exit_code, told.stdout) == (0, wanted.stdout), told.stderr
        missing = run(maintenance.history, 7, "--server", address, data=changed)
        assert (missing.exit_code, "There is no change named '7'" in missing.stderr) == (1, True)
        files = run(maintenance.history, "--export", "out", "--server", address, data=changed)
        assert (files.exit_code, "without --server" in files.stderr) == (1, True)


def test_all_pages_of_a_servers_history_are_listed_also_while_a_change_comes(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def get(gate: RemoteGate, path: str, words: dict[str, str]) -> dict[str, object]:
        asked.append(words["page"])
        first = {"1": 120, "2": 71, "3": 21}[words["page"]]  # one more has come before the second page
        return {"changes": [{"number": number} for number in range(first, max(first - 50, 0), -1)]}

    monkeypatch.setattr(RemoteGate, "get", get)
    listed = RemoteHistory(RemoteGate("http://a.example")).summaries()
    assert ([change["number"] for change in listed], asked) == ([*range(120, 0, -1)], ["1", "2", "3"])


def test_a_change_that_is_not_there_and_no_change_at_all(changed: DataFolder, tmp_path: Path) -> None:
    missing = run(maintenance.history, 7, data=changed)
    assert missing.exit_code == 1
    assert "There is no change 7.\nThe last one is 3" in missing.stderr
    assert "There are no changes." in run(maintenance.history, data=DataFolder(tmp_path / "empty")).stdout


def test_what_goes_wrong_is_one_sentence_and_a_way_out(tmp_path: Path) -> None:
    for command, arguments in ((maintenance.verify, ()), (maintenance.backup, (tmp_path / "file",))):
        result = run(command, *arguments, data=DataFolder(tmp_path / "empty"))
        assert result.exit_code == 1
        assert result.stderr.endswith("holds no built graph.\nRun `citykg build` first.\n")
