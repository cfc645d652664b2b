"""A curator's day on the command line: in the data folder itself, and through a running server."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kg.accounts.database import Database
from kg.accounts.tokens import Role, Tokens
from kg.store.data_folder import DataFolder
from tests.support.called import Called, called
from tests.support.serving import Serving

pytestmark = pytest.mark.drawn

TABLE = """city_a,city_b,since,status,source,source_title,source_licence
city:jinan,city:york,2019,current,source:council-list,Sister cities,not known
"""
WORDS = ("--summary", "As the council lists it", "--source", "https://example.org/list")
PREFIXES = """@prefix cd: <https://w3id.org/city-diplomacy/ontology#> .
@prefix t: <https://w3id.org/city-diplomacy/id/twinning/> .
@prefix c: <https://w3id.org/city-diplomacy/id/city/> .
"""
CITY = """
c:newtown a cd:City ; <http://www.w3.org/2004/02/skos/core#prefLabel> "Newtown"@en ;
    cd:within <https://w3id.org/city-diplomacy/id/country/china> ;
    <https://schema.org/sameAs> <http://www.wikidata.org/entity/Q888888881> ;
    <http://purl.org/dc/terms/source> <https://w3id.org/city-diplomacy/id/source/council-list> .
"""


@pytest.fixture
def table(tmp_path: Path) -> str:
    (tmp_path / "mine.csv").write_text(TABLE, encoding="utf-8")
    return str(tmp_path / "mine.csv")


Run = Callable[..., Called]


@pytest.fixture(params=["here", "server"])
def run(request: pytest.FixtureRequest, own: DataFolder, serving_folder: Serving) -> Iterator[Run]:
    """Run a command by somebody: in the folder under their name, or through a server with their token."""
    if request.param == "here":
        yield lambda *arguments, by="Ann": called(*arguments, "--as", by, CITYKG_DATA=str(own.path))
        return
    tokens = {
        name: Tokens(Database(own.path)).create(name, role)
        for name, role in (("Ann", Role.CURATOR), ("Rita", Role.CURATOR), ("Carl", Role.CONTRIBUTOR))
    }
    with serving_folder(own) as address:
        yield lambda *arguments, by="Ann": called(*arguments, "--server", address, CITYKG_TOKEN=tokens[by])


def twins_of_york(own: DataFolder) -> str:
    return called(
        "query", "twins-of-a-city", "-p", "thing=city:york", "--format", "csv", CITYKG_DATA=str(own.path)
    ).stdout


def test_the_files_of_a_work_are_tried_by_a_build(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "work.trig"
    file.write_text(PREFIXES + "<https://w3id.org/city-diplomacy/graph/report/mine/one> { c:ulm a cd:City }")
    told = run("validate", str(file))
    assert (told.returncode, "citykg build --check --facts DIR" in told.stdout + told.stderr) == (1, True), told


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
    assert undone.stdout.startswith("Change 2: A mistake (0 added, 13 removed)")
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
    record = json.loads(called("history", "1", "--format", "json", CITYKG_DATA=str(own.path)).stdout)
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


def test_several_files_are_judged_and_submitted_together(run: Run, own: DataFolder, tmp_path: Path, table: str) -> None:
    """One file states the city that the others use; they are in different formats."""
    places, tie, wrong = tmp_path / "places.ttl", tmp_path / "tie.csv", tmp_path / "wrong.ttl"
    places.write_text(PREFIXES + CITY, encoding="utf-8")
    tie.write_text(TABLE.replace("jinan", "newtown"), encoding="utf-8")
    wrong.write_text(PREFIXES + "\nt:leeds-york a cd:Twinning ;\n  cd:twin c:leeds .\n", encoding="utf-8")
    assert run("validate", str(tie)).returncode == 1
    good = run("validate", str(places), str(tie))
    assert (good.returncode, "conforms" in good.stdout) == (0, True), good
    told = run("validate", str(places), str(tie), str(wrong))
    assert told.returncode == 1
    assert "wrong.ttl:6:" in told.stdout
    assert "tie.csv:" not in told.stdout
    proposed = run("propose", str(places), str(tie), *WORDS, by="Carl")
    assert "Proposal 1 (open)" in proposed.stdout, proposed
    accepted = run("accept", "1", "--acknowledge", by="Rita")
    assert accepted.stdout.startswith("Change 1: "), accepted
    assert "Newtown" in twins_of_york(own)
    assert run("revert", "1").returncode == 0
    assert run("submit", str(places), str(tie), *WORDS, "--acknowledge").stdout.startswith("Change 3: ")


def test_withdrawing_takes_two(run: Run, tmp_path: Path, table: str) -> None:
    assert run("submit", table, *WORDS).returncode == 0
    marks = tmp_path / "gone.ttl"
    marks.write_text(
        PREFIXES + "<https://w3id.org/city-diplomacy/id/twinning/jinan-york> cd:withoutSuccessor true ; "
        "<http://www.w3.org/2002/07/owl#deprecated> true ; "
        '<http://www.w3.org/2004/02/skos/core#changeNote> "It was misread."@en .\n',
        encoding="utf-8",
    )
    sent = run("submit", str(marks), *WORDS, "--acknowledge")
    assert sent.returncode == 0, sent.stderr
    assert sent.stdout.startswith("Proposal 1 (open): As the council lists it\n")
    assert sent.stdout.endswith("waits for another curator to accept it. citykg accept 1\n")
    assert run("accept", "1").returncode == 1
    assert "Change 2" in run("accept", "1", "--acknowledge", by="Rita").stdout
