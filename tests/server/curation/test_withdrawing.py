"""Withdrawing over HTTP takes two people, whichever way it comes; nobody puts words into the mouth of the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kg.rdf import namespaces as ns
from tests.server.curation.test_curators_day import SOURCE, WORDS, members, turtle, twinning
from tests.support.curated import Curated
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

DEPRECATED = "<http://www.w3.org/2002/07/owl#deprecated>"
GONE = f"""
twinning:jinan-york {DEPRECATED} true ; skos:changeNote "It was misread."@en ;
    dcterms:isReplacedBy twinning:bristol-guangzhou .
"""
JINAN_YORK = f"<{ns.ID}twinning/jinan-york>"
CURATED = ns.GRAPH + "curated/council"


def sent(text: str) -> tuple[str, ...]:
    return turtle(PREFIXES + text)


@pytest.fixture(scope="module")
def listed(curated: Curated) -> Curated:
    """A folder with a twinning of a curator's."""
    answer = curated.ask(*sent(SOURCE + twinning("jinan", "york")), f"/changes?{WORDS}", by="Ann")
    assert answer.status == 201, answer.body
    return curated


def test_a_withdrawal_that_is_submitted_becomes_a_proposal_for_somebody_else(listed: Curated) -> None:
    key = ("-H", 'Idempotency-Key: "gone"')
    bare = listed.ask(*sent(GONE), f"/changes?{WORDS}", by="Ann")
    assert (bare.status, "/desk?about=twinning:jinan-york" in bare.body.decode()) == (422, True), "it would stand on"
    answers = [listed.ask(*sent(GONE), *key, f"/changes?{WORDS}&acknowledge=yes", by="Ann") for _ in range(2)]
    assert [answer.status for answer in answers] == [202, 202]
    (where,) = {answer.headers["location"] for answer in answers}
    said = members(answers[0])
    assert (said["state"], said["proposer"], said["address"]) == ("open", "Ann", where)
    assert "another curator" in said["hint"]
    assert listed.ask("/id/twinning/jinan-york").status == 303

    own = listed.ask("-X", "POST", f"{where}/accept", by="Ann")
    assert (own.status, members(own)["title"]) == (403, "The proposal is your own")
    accepted = listed.ask("-d", "acknowledge=yes", f"{where}/accept", by="Rita")
    assert (accepted.status, members(accepted)["reviewer"]) == (201, "Rita")
    gone = listed.ask("/id/twinning/jinan-york")
    assert (gone.status, members(gone)["replacedBy"]) == (410, [ns.ID + "twinning/bristol-guangzhou"])
    undone = listed.ask("-X", "POST", f"{accepted.headers['location']}/revert", by="Ann")
    assert (undone.status, listed.ask("/id/twinning/jinan-york").status) == (201, 303)
    again = listed.ask("-X", "POST", f"{undone.headers['location']}/revert", by="Ann")
    assert (again.status, members(again)["title"]) == (403, "A second person is needed")


def test_a_withdrawal_that_would_not_be_made_is_no_proposal(listed: Curated) -> None:
    for text in (f"twinning:jinan-york {DEPRECATED} true .", f"city:london {DEPRECATED} true ."):
        refused = listed.ask(*sent(text), f"/changes?{WORDS}&acknowledge=yes", by="Ann")
        assert (refused.status, members(refused)["title"]) == (422, "The change does not conform")
    assert listed.ask("/id/city/london").status == 303


def test_other_ways_to_withdraw_are_refused_with_the_way(listed: Curated, tmp_path: Path) -> None:
    update = f"INSERT DATA {{ GRAPH <{CURATED}> {{ {JINAN_YORK} {DEPRECATED} true }} }}"
    file = tmp_path / "gone.ttl"
    file.write_text(PREFIXES + GONE, encoding="utf-8")
    by_update = ("--data-binary", update, "-H", "Content-Type: application/sparql-update")
    for way in (
        (*by_update, "/update?summary=x&source=https://example.org/list"),
        (*sent(GONE), "/graph/curated/council"),
        ("-T", str(file), "-H", "Content-Type: text/turtle", "/graph/curated/council"),
    ):
        refused = listed.ask(*way, by="Ann")
        assert (refused.status, members(refused)["title"]) == (403, "A second person is needed"), way
        assert "/changes" in members(refused)["hint"]


def test_no_twin_can_be_invented_for_the_tables(listed: Curated) -> None:
    """README's first example lists what both tables state."""
    invented = """
        twinning:anshan-york a cd:Twinning ; skos:prefLabel "Twinning of Anshan and York"@en ;
            cd:twin city:anshan , city:york .
        """ + "".join(
        f"<{ns.ID}account/invented-{n}> a cd:Account ; cd:accountOf twinning:anshan-york ; "
        f"cd:statedIn <{ns.ID}passage/table-{n}> .\n"
        for n in (1, 2)
    )
    dated = 'account:table-1--twinning-dalian-glasgow cd:begin "1066"^^<http://www.w3.org/2001/XMLSchema#gYear> .'
    before = listed.ask("/queries/twinnings.csv?passage=passage:table-1&also=passage:table-2").body
    for text in (invented, dated):
        refused = listed.ask(*sent(text), f"/changes?{WORDS}&acknowledge=yes", by="Ann")
        found: list[dict[str, Any]] = json.loads(refused.body)["findings"]
        assert refused.status == 422
        assert "policy" in {f["step"] for f in found if f["state"] == "new" and f["severity"] == "Violation"}
    assert listed.ask("/queries/twinnings.csv?passage=passage:table-1&also=passage:table-2").body == before
