"""The keys of JSON that is our own: programs go by them, so that one is added on purpose, and none goes.

What follows a standard (results of SPARQL, JSON-LD, GeoJSON, link sets, reconciliation) has tests of its own.
"""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.server.curation.test_curators_day import SOURCE, WORDS, twinning
from tests.support.curated import Curated
from tests.support.http import send
from tests.support.turtle import PREFIXES

WORK = "iri is_data_set label name note passages publication title"
PASSAGE = "availability disagreements iri kind label locator name paraphrase section"
DISAGREEMENT = "iri kind passages rank title"
CHANGE = "added address agent at iri kind number removed reverts reviewer source summary"
PROPOSAL = "address change decided graph kind number proposer reason reviewer source state submitted summary"
JUDGEMENT = "added conforms findings needsAcknowledgement removed standing"
WHY_NONE = ("noEffects", "noEffects_zh")
FINDING = "column focus hint line meant message message_zh path severity state step value"
PROBLEM = "detail hint status title type"


def keys(value: Any, *places: str | int) -> str:
    """Return the keys of an object, sorted; `places` lead to it from the whole."""
    for place in places:
        value = value[place]
    return " ".join(sorted(value))


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("/healthz", {(): "built quads revision status"}),
        ("/readyz", {(): "gazetteer revision status"}),
        (
            "/queries.json",
            {
                (0,): "address columns columnsOnDemand description example formats name paging parameters scope summary"
                " tags topic view",
                (0, "paging"): "allowed reason",
                (0, "scope"): "default works",
                (0, "formats"): "csv html json md rq tsv xml",
            },
        ),
        ("/healthz/queries", {(): "queries revision status", ("queries", 0): "faults lacking name rows"}),
        ("/works.json", {(0,): WORK}),
        (
            "/report.json",
            {
                (): "gaps makers page pages sections work",
                ("work",): WORK,
                (
                    "work",
                    "publication",
                ): "as_of authors citation iri issued missing notes published publisher series sources title",
                ("sections", 0): "key passages title",
                ("sections", 0, "passages", 0): PASSAGE,
                ("gaps", 0): PASSAGE,
            },
        ),
        (
            "/report/table-1",
            {
                (): "about disagreements next notes passage prev section work",
                ("passage",): "entry graph statements table",
                ("passage", "entry"): PASSAGE,
                ("next",): PASSAGE,
            },
        ),
        (
            "/disagreements.json",
            {
                (): "all between by_rule kinds page pages shown within",
                ("kinds", 0): "count iri label meaning name",
                ("all", 0): DISAGREEMENT,
                ("shown", 0): "explanation iri kind passages rank reason sides title",
            },
        ),
        (
            "/evidence/twinnings.json",
            {
                (): "denials groups",
                ("groups", 0): "countries pairs passages",
                ("denials", 0): "city counterpart only passage words",
            },
        ),
        (
            "/search.json?q=london",
            {
                (): "gazetteer kind kinds near page pages query results total",
                ("results", 0): "about address iri is_called_so kind label name passages twins within works",
            },
        ),
        ("/changes.json", {(): "changes"}),
        ("/queries.csv", {(): PROBLEM}),
        ("/doc/city/york?page=99", {(): "detail hint pages status title type"}),
        ("/sparql?query=ASK%7B%7D&timeout=soon", {(): "detail status title type"}),
        (
            "/id/city/birmingam",
            {(): "detail hint status suggestions title type", ("suggestions", 0): "address iri kind label lang"},
        ),
        ("/sparql?query=SELECT+%7B", {(): "column detail hint line status title type"}),
    ],
)
@pytest.mark.drawn
def test_what_everybody_reads(client: FlaskClient, path: str, expected: dict[tuple[str | int, ...], str]) -> None:
    found = client.get(path, headers={"Accept": "application/json"}).get_json(force=True)
    assert {places: keys(found, *places) for places in expected} == expected


@pytest.mark.drawn
def test_what_curators_read(curated: Curated) -> None:
    right = PREFIXES + SOURCE + twinning("jinan", "york")
    wrong = right.replace("status:current", "status:curent")

    def asked(path: str, text: str | None = None, by: str = "Ann") -> Any:
        headers = {"Authorization": f"Bearer {curated.tokens[by]}", "Content-Type": "text/turtle"}
        headers["Accept"] = "application/json"
        return send(curated.address, path, method="GET" if text is None else "POST", body=text, headers=headers).members

    judged = asked("/validate", wrong)
    assert set(keys(judged).split()) == {*JUDGEMENT.split(), *WHY_NONE}
    assert keys(judged, "findings", 0) == FINDING
    assert set(keys(asked(f"/changes?{WORDS}", wrong)).split()) == {*JUDGEMENT.split(), *WHY_NONE, *PROBLEM.split()}
    made = asked(f"/changes?{WORDS}", right)
    assert set(keys(made).split()) == {*CHANGE.split(), "hash", "revision"}
    assert keys(asked("/changes.json"), "changes", 0) == CHANGE
    assert set(keys(asked(f"{made['address']}.json")).split()) == {
        *CHANGE.split(),
        "acknowledged",
        "hash",
        "id",
        "previous",
    }
    undone = asked(f"{made['address']}/revert", "")
    assert keys(undone) == keys(made)
    proposed = asked(f"/proposals?{WORDS}", right, by="Carl")
    assert set(keys(proposed).split()) == {*PROPOSAL.split(), "findings"}
    listed = asked("/proposals")
    assert (keys(listed), keys(listed, "proposals", 0)) == ("proposals total", PROPOSAL)
    read = asked(proposed["address"])
    assert set(keys(read).split()) == {*PROPOSAL.split(), "added", "findings", "rows"}
    assert keys(read, "added") == "mediaType text"
    assert keys(asked(f"{proposed['address']}/refuse?reason=No", "")) == PROPOSAL
    assert keys(asked("/imports")) == "imports total"
