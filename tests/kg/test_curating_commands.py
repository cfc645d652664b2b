"""A curator's day on the command line: in the data folder itself, and through a running server."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import pytest

from kg.desk import Desk
from kg.snapshots import DataFolder
from kg.tokens import Role, Tokens
from tests.kg.test_cli import citykg

TABLE = """city_a,city_b,since,status,source,source_title,source_licence
city:jinan,city:york,2019,current,source:council-list,Sister cities,not known
"""
WORDS = ("--summary", "As the council lists it", "--source", "https://example.org/list")
PREFIXES = """@prefix cd: <https://w3id.org/city-diplomacy/ontology#> .
@prefix t: <https://w3id.org/city-diplomacy/id/twinning/> .
@prefix c: <https://w3id.org/city-diplomacy/id/city/> .
"""


@pytest.fixture
def own(with_ledger: Path, tmp_path: Path) -> DataFolder:
    shutil.copytree(with_ledger, tmp_path / "data")
    return DataFolder(tmp_path / "data")


@pytest.fixture
def table(tmp_path: Path) -> str:
    (tmp_path / "mine.csv").write_text(TABLE, encoding="utf-8")
    return str(tmp_path / "mine.csv")


Run = Callable[..., Any]


@pytest.fixture(params=["here", "server"])
def run(
    request: pytest.FixtureRequest, own: DataFolder, serving_folder: Callable[..., AbstractContextManager[str]]
) -> Iterator[Run]:
    """Run a command by somebody: in the folder under their name, or through a server with their token."""
    if request.param == "here":
        yield lambda *arguments, by="Ann": citykg(*arguments, "--as", by, folder=own)
        return
    tokens = {
        name: Tokens(Desk(own.path)).create(name, role)
        for name, role in (("Ann", Role.CURATOR), ("Rita", Role.CURATOR), ("Carl", Role.CONTRIBUTOR))
    }
    with serving_folder(own) as address:
        yield lambda *arguments, by="Ann": citykg(*arguments, "--server", address, CITYKG_TOKEN=tokens[by])


def twins_of_york(own: DataFolder) -> str:
    return str(citykg("query", "twins-of-a-city", "-p", "city=city:york", "--format", "csv", folder=own).stdout)


def test_a_change_is_validated_mended_made_seen_and_undone(
    run: Run, own: DataFolder, tmp_path: Path, table: str
) -> None:
    wrong = tmp_path / "wrong.csv"
    wrong.write_text(TABLE.replace("current", "curent"), encoding="utf-8")
    told = run("validate", str(wrong))
    assert (told.returncode, "2:" in told.stderr, "current" in told.stderr) == (2, True, True), told
    assert run("validate", table).returncode == 0
    made = run("submit", table, *WORDS)
    assert (made.returncode, made.stdout[:10]) == (0, "Change 1: "), made
    assert "Jinan" in twins_of_york(own)
    again = run("submit", table, *WORDS)
    assert (again.returncode, "changes nothing" in again.stderr) == (1, True)
    undone = run("revert", "1", "--summary", "A mistake")
    assert undone.stdout.startswith("Change 2: A mistake (0 added, 15 removed)")
    assert "Jinan" not in twins_of_york(own)


def test_two_people_review_a_proposal(run: Run, own: DataFolder, table: str) -> None:
    assert "Proposal 1 (open)" in run("propose", table, *WORDS, by="Carl").stdout
    assert "Proposal 2 (open)" in run("propose", table, *WORDS, by="Carl").stdout
    assert "Jinan" not in twins_of_york(own)
    assert "As the council lists it" in run("proposals", "--state", "open", by="Rita").stdout
    refused = run("refuse", "2", "--reason", "Twice the same", by="Rita")
    assert refused.stdout.startswith("Proposal 2 (refused)")
    accepted = run("accept", "1", by="Rita")
    assert accepted.stdout.startswith("Change 1: "), accepted
    assert "Jinan" in twins_of_york(own)
    late = run("withdraw", "1", by="Carl")
    assert (late.returncode, "accepted by Rita" in late.stderr) == (1, True)
    record = json.loads(citykg("history", "1", "--format", "json", folder=own).stdout)
    assert (record["agent"], record["reviewer"]) == ("Carl", "Rita")


def test_what_does_not_conform_is_shown_with_places(run: Run, tmp_path: Path) -> None:
    bad = tmp_path / "bad.ttl"
    bad.write_text(PREFIXES + "\nt:leeds-york a cd:Twinning ;\n  cd:twin c:leeds .\n", encoding="utf-8")
    told = run("validate", str(bad), "--format", "json")
    found = json.loads(told.stdout)
    assert (told.returncode, found["conforms"]) == (1, False)
    twins = next(one for one in found["findings"] if one.get("path") == "cd:twin")
    assert (twins["focus"], twins["line"]) == ("twinning:leeds-york", 6)
    assert twins["message_zh"]
    refused = run("submit", str(bad), *WORDS)
    assert (refused.returncode, "6:" in refused.stdout, "Mend what is named" in refused.stderr) == (1, True, True)
    broken = tmp_path / "broken.ttl"
    broken.write_text(PREFIXES + "a b c .\nd e\n", encoding="utf-8")
    unreadable = run("validate", str(broken))
    assert (unreadable.returncode, "4:" in unreadable.stderr) == (2, True)


def test_several_files_are_validated_together(own: DataFolder, tmp_path: Path, table: str) -> None:
    source, rest = tmp_path / "source.csv", tmp_path / "bad.ttl"
    source.write_text(TABLE, encoding="utf-8")
    rest.write_text(PREFIXES + "\nt:leeds-york a cd:Twinning ;\n  cd:twin c:leeds .\n", encoding="utf-8")
    told = citykg("validate", str(source), str(rest), folder=own)
    assert told.returncode == 1
    assert f"{rest}:6:" in told.stdout
    assert f"{source}:" not in told.stdout
