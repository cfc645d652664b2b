import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result
from pyoxigraph import RdfFormat, parse

from kg import keeping_commands
from kg.gate import Gate
from kg.history import History, Record
from kg.snapshots import DataFolder

Commit = Callable[[Gate, int], Record]


@pytest.fixture
def changed(small: DataFolder, commit: Commit) -> DataFolder:
    """A folder with two changes, the first of them taken back by a third."""
    with Gate(small) as gate:
        commit(gate, 2001)
        commit(gate, 2002)
        gate.revert(1, "back", "bob", "Never was")
    return small


def run(command: click.Command, *arguments: object, data: DataFolder) -> Result:
    result = CliRunner().invoke(command, [*map(str, arguments), "--data", str(data.path)])
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


def test_verify_says_what_was_found_and_its_exit_code_whether_all_is_well(changed: DataFolder) -> None:
    good = run(keeping_commands.verify, data=changed)
    assert good.exit_code == 0
    assert "3 changes in an unbroken chain" in good.stdout
    assert "All is as it should be." in good.stdout

    stated = changed.path / "current.json"
    stated.write_text(stated.read_text().replace('"inferred": ', '"inferred": 1'))
    bad = run(keeping_commands.verify, data=changed)
    assert bad.exit_code == 1
    assert "WRONG" in bad.stdout
    assert "Run `citykg build`" in bad.stdout
    assert "1 of 9 checks failed." in bad.stdout
    for_programs = run(keeping_commands.verify, "--format", "json", data=changed)
    told = json.loads(for_programs.stdout)
    assert (for_programs.exit_code, told["passed"]) == (1, False)
    assert [check["name"] for check in told["checks"] if not check["passed"]] == ["counts"]


def test_backup_and_restore(changed: DataFolder, tmp_path: Path) -> None:
    file, target = tmp_path / "backup.tar.gz", DataFolder(tmp_path / "target")
    build = changed.current()
    assert build is not None
    made = run(keeping_commands.backup, file, data=changed)
    assert f"revision {build.revision} with 3 changes" in made.stdout
    restored = run(keeping_commands.restore, file, data=target)
    assert (restored.exit_code, target.current()) == (0, build)
    refused = run(keeping_commands.restore, file, data=target)
    assert (refused.exit_code, "--force" in refused.stderr) == (1, True)
    forced = run(keeping_commands.restore, file, "--force", data=target)
    assert forced.exit_code == 0
    assert f"What was there is in {target.path}/replaced-" in forced.stdout


def test_history_lists_the_newest_first(changed: DataFolder) -> None:
    text = run(keeping_commands.history, data=changed).stdout
    assert text.index("Never was") < text.index("Renewed in 2002") < text.index("Renewed in 2001")
    assert "revert of 1" in text
    told = json.loads(run(keeping_commands.history, "--format", "json", data=changed).stdout)
    assert [(change["number"], change["agent"], change["reverts"]) for change in told] == [
        (3, "bob", 1),
        (2, "ann", None),
        (1, "ann", None),
    ]


def test_history_shows_one_change_with_its_statements(changed: DataFolder) -> None:
    text = run(keeping_commands.history, 3, data=changed).stdout
    assert "Change 3: Never was" in text
    assert "takes back: 1" in text
    assert "- twinning:beijing-london-2001 cd:twin city:london  (graph/curated/test)" in text
    assert "\n+ " not in text
    told = json.loads(run(keeping_commands.history, 3, "--format", "json", data=changed).stdout)
    record = History(changed.path).get(3)
    assert record is not None
    assert (tuple(told["removed"]), told["hash"]) == (record.removed, record.hash)


def test_patches_can_be_made_again_in_their_order(changed: DataFolder) -> None:
    lines = run(keeping_commands.history, "--format", "patch", data=changed).stdout.splitlines()
    stated: set[object] = set()
    for line in lines:
        quads = set(parse(line[2:], RdfFormat.N_QUADS)) if line[:2] in ("A ", "D ") else set()
        stated = stated | quads if line.startswith("A") else stated - quads
    second = History(changed.path).get(2)
    assert second is not None
    assert stated == second.added_quads()
    one = run(keeping_commands.history, 2, "--format", "patch", data=changed).stdout.splitlines()
    assert (one[0], one[-1]) == ("H id <https://w3id.org/city-diplomacy/changes/2> .", "TC .")


def test_history_is_exported_as_files(changed: DataFolder, tmp_path: Path) -> None:
    result = run(keeping_commands.history, "--export", tmp_path / "out", data=changed)
    assert str(tmp_path / "out" / "test.trig") in result.stdout
    assert "kg/facts/curated" in result.stdout
    assert [record.number for record in History(tmp_path / "out").records()] == [1, 2, 3]
    one = run(keeping_commands.history, 2, "--export", tmp_path / "other", data=changed)
    assert (one.exit_code, "cannot be exported" in one.stderr) == (1, True)


def test_a_change_that_is_not_there_and_no_change_at_all(changed: DataFolder, tmp_path: Path) -> None:
    missing = run(keeping_commands.history, 7, data=changed)
    assert missing.exit_code == 1
    assert "There is no change 7.\nThe last one is 3" in missing.stderr
    assert "There are no changes." in run(keeping_commands.history, data=DataFolder(tmp_path / "empty")).stdout


def test_what_goes_wrong_is_one_sentence_and_a_way_out(tmp_path: Path) -> None:
    for command, arguments in ((keeping_commands.verify, ()), (keeping_commands.backup, (tmp_path / "file",))):
        result = run(command, *arguments, data=DataFolder(tmp_path / "empty"))
        assert result.exit_code == 1
        assert result.stderr.endswith("holds no built graph.\nRun `citykg build` first.\n")
