"""Replaced terms at each door: whoever writes with them is refused and told what to write; who asks is answered."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import pytest

from kg.history import History
from tests.server.curation.test_curators_day import SOURCE, WORDS, turtle
from tests.support.called import called
from tests.support.command import Eventually
from tests.support.curated import Curated
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

OFFICE = """office:leeds-hangzhou a cd:OfficeAbroad ; skos:prefLabel "Office of Leeds in Hangzhou"@en ;
  cd:operator city:leeds ; cd:hostPlace city:hangzhou .
account:council-list--office-leeds-hangzhou a cd:Account ; cd:accountOf office:leeds-hangzhou ;
  cd:statedIn source:council-list ; cd:status status:current .
"""
TEXT = PREFIXES + SOURCE + OFFICE
SUCCESSOR = "cd:OfficeAbroad was replaced by cd:Office."
UPDATE = ("-H", "Content-Type: application/sparql-update")
ROLES = """rows: memberships
source: {name: council-list, title: Memberships, url: "https://example.org/list", licence: not known}
city: {name: city}
network: {name: network}
role: role
"""

Options = tuple[str, ...]
DOORS: dict[str, tuple[Options, str, int]] = {
    "validation": (turtle(TEXT), "/validate?graph=curated/council", 200),
    "changes": (turtle(TEXT), f"/changes?{WORDS}", 422),
    "a graph that is put": (("-X", "PUT", *turtle(TEXT)), "/graph/curated/council", 422),
    "a graph that is added to": (turtle(TEXT), "/graph/curated/council", 422),
    "an update": (
        (
            "--data-binary",
            f"{PREFIXES} INSERT DATA {{ GRAPH graph:curated\\/council {{ {SOURCE} {OFFICE} }} }}",
            *UPDATE,
        ),
        f"/update?{WORDS}",
        422,
    ),
}


@pytest.fixture(autouse=True)
def unchanged(curated: Curated) -> Any:
    """Nothing is recorded at any door."""
    before = History(curated.folder.path).count()
    yield
    assert History(curated.folder.path).count() == before


@pytest.mark.parametrize(("options", "path", "status"), DOORS.values(), ids=[*DOORS])
def test_an_old_term_is_refused_with_its_successor(curated: Curated, options: Options, path: str, status: int) -> None:
    answer = curated.ask(*options, path, by="Ann")
    assert answer.status == status, answer.body
    (finding,) = (one for one in answer.members["findings"] if one["step"] == "vocabulary")
    assert (finding["severity"], finding["message"]) == ("Violation", SUCCESSOR)
    assert "cd:officeKind office-kind:office-abroad" in finding["hint"]


def test_a_proposal_is_shown_with_it_and_cannot_be_accepted(curated: Curated) -> None:
    proposed = curated.ask(*turtle(TEXT), f"/proposals?{WORDS}", by="Carl")
    assert proposed.status == 201, proposed.body
    accepted = curated.ask("-X", "POST", f"{proposed.headers['location']}/accept", by="Rita")
    assert accepted.status == 422
    for answer in (proposed, accepted):
        assert SUCCESSOR in [one["message"] for one in answer.members["findings"]]


@pytest.mark.parametrize("command", ["validate", "submit"])
@pytest.mark.parametrize("is_remote", [False, True])
def test_the_command_refuses_it_here_and_through_a_server(
    curated: Curated, with_ledger: Path, tmp_path: Path, command: str, is_remote: bool
) -> None:
    (tmp_path / "mine.ttl").write_text(TEXT, encoding="utf-8")
    words = () if command == "validate" else ("--summary", "x", "--source", "https://example.org/list")
    where = ("--server", curated.address) if is_remote else ("--as", "Ann")
    place = {"CITYKG_TOKEN": curated.tokens["Ann"]} if is_remote else {"CITYKG_DATA": str(with_ledger)}
    told = called(command, str(tmp_path / "mine.ttl"), *words, *where, **place)
    assert (told.returncode, SUCCESSOR in " ".join(told.stdout.split())) == (1, True), told


def test_a_table_with_an_old_concept_is_refused_row_by_row(
    curated: Curated, tmp_path: Path, eventually: Eventually
) -> None:
    (tmp_path / "table.csv").write_text("city,network,role\nLeeds,C40,broker\n", encoding="utf-8")
    (tmp_path / "mapping.yaml").write_text(ROLES, encoding="utf-8")
    form = ("-F", f"file=@{tmp_path / 'table.csv'}", "-F", f"mapping=@{tmp_path / 'mapping.yaml'}")
    sent = curated.ask(*form, "/imports", by="Ann")
    assert sent.status == 202, sent.body
    address = sent.headers["location"]
    eventually(lambda: curated.ask(address, by="Ann").members["state"] in ("done", "failed", "waiting"), True)
    told = curated.ask(address, by="Ann")
    assert (told.members["state"], b"role:broker was replaced by mediation-role:broker." in told.body) == (
        "failed",
        True,
    )


def test_who_asks_with_an_old_term_is_answered(curated: Curated) -> None:
    def asked(text: str) -> list[dict[str, str]]:
        answer = curated.ask("--data-urlencode", f"query={PREFIXES}{text}", "-d", "format=csv", "/sparql")
        return [*csv.DictReader(io.StringIO(answer.body.decode()))]

    for old, new in (
        ("?x a cd:OfficeAbroad", "?x a cd:Office ; cd:officeKind office-kind:office-abroad"),
        ("?x a cd:Event", "?x cd:activityKind activity-kind:event"),
        ("?x cd:unitOf city:beijing", "?x cd:operator city:beijing ; cd:officeKind office-kind:foreign-affairs-office"),
    ):
        rows = asked(f"SELECT DISTINCT ?x WHERE {{ {old} }} ORDER BY ?x")
        assert rows
        assert rows == asked(f"SELECT DISTINCT ?x WHERE {{ {new} }} ORDER BY ?x")
    assert b"kobe-tianjin" in curated.ask("/doc/office.csv").body
