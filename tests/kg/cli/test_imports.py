"""`citykg import` in the data folder: what a dry run says, what an import makes, and that it is taken back as one."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import pytest

from kg.history import History
from kg.store.data_folder import DataFolder
from tests.support.called import Called, called

MAPPING = """rows: twinnings
source: {name: list, title: A list, url: https://example.org/list, licence: not known}
city_a: {name: a, country: {constant: GB}}
city_b: {name: b, country: {constant: CN}, identifiers: {wikidata: id}, new: city}
since: since
status: {constant: current}
"""
TABLE = """a,b,id,since
York,Jinan,,2001
Leeds,Nowhere,,2001
Leeds,Jinan,Q170247,20010
"""
Run = Callable[..., Called]


@pytest.fixture
def run(own: DataFolder, tmp_path: Path) -> Run:
    """Run the command with a table, in the folder, by Ann."""
    (tmp_path / "mine.yaml").write_text(MAPPING, encoding="utf-8")

    def run(table: str, *arguments: str, mapping: str = str(tmp_path / "mine.yaml")) -> Called:
        (tmp_path / "t.csv").write_text(table, encoding="utf-8")
        given = ("--mapping", mapping, "--as", "Ann", *arguments)
        return called("import", str(tmp_path / "t.csv"), *given, CITYKG_DATA=str(own.path))

    return run


@pytest.mark.drawn
def test_a_dry_run_says_what_becomes_of_each_row_and_changes_nothing(run: Run, own: DataFolder, tmp_path: Path) -> None:
    report, unfit = tmp_path / "report.json", tmp_path / "unfit.csv"
    ran = run(TABLE, "--dry-run", "--report", str(report), "--unfit", str(unfit))
    assert ran.returncode == 3, ran
    assert "A dry run: nothing is changed." in ran.stdout
    assert [row["outcome"] for row in json.loads(report.read_text(encoding="utf-8"))["rows"]] == [
        "new",
        "refused",
        "refused",
    ]
    again = list(csv.DictReader(unfit.read_text(encoding="utf-8").splitlines()))
    assert [row["b"] for row in again] == ["Nowhere", "Jinan"]
    assert History(own.path).count() == 0


@pytest.mark.parametrize("form", ["csv", "json"])
def test_programs_get_the_rows(run: Run, form: str) -> None:
    ran = run(TABLE, "--dry-run", "--format", form)
    outcomes = (
        [row["outcome"] for row in json.loads(ran.stdout)["rows"]]
        if form == "json"
        else [row["outcome"] for row in csv.DictReader(ran.stdout.splitlines())]
    )
    assert outcomes == ["new", "refused", "refused"]


@pytest.mark.drawn
def test_an_import_is_one_change_that_is_taken_back_as_one(run: Run, own: DataFolder) -> None:
    ran = run(TABLE)
    assert ran.returncode == 3, ran
    (record,) = History(own.path).records()
    assert (record.kind, record.summary, record.agent) == ("import", "Import of t.csv", "Ann")
    assert record.source == "https://example.org/list"
    assert all("graph/curated/list>" in line for line in record.added)
    again = run(TABLE.splitlines()[0] + "\n" + TABLE.splitlines()[1] + "\n")
    assert (again.returncode, "There is nothing new" in again.stdout) == (0, True)
    assert called("revert", "1", CITYKG_DATA=str(own.path)).returncode == 0
    assert [*History(own.path).records()][1].removed == record.added


@pytest.mark.drawn
def test_warnings_wait_for_a_word(run: Run, own: DataFolder) -> None:
    table = "a,b,id,since\nYork,Nanjing,Q16666,2001\n"
    ran = run(table)
    assert ran.returncode == 1
    assert "t.csv:2:1: Warning: Give the city a position" in ran.stdout
    assert History(own.path).count() == 0
    assert run(table, "--acknowledge").returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"mapping": "twinings"}, "There is no mapping named 'twinings'. Did you mean 'twinnings'?"),
        ({"mapping": "twinnings"}, "The table has no column 'city_a'."),
        ({"table": ""}, "The table is empty."),
    ],
)
def test_what_cannot_be_imported_is_a_sentence(run: Run, arguments: dict[str, str], words: str) -> None:
    ran = run(**({"table": TABLE} | arguments))
    assert ran.returncode == 1
    assert words in ran.stderr
