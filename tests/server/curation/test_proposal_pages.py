"""Proposals and undos in a browser: what one would change now, and forms for it, with the token as a password."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from tests.support.curated import Curated
from tests.support.http import Answer

pytestmark = pytest.mark.drawn

PAGE = ("-H", "Accept: text/html")
WORDS = "summary=As+the+council+lists+it&source=https://example.org/list&graph=curated/council"
HEAD = "city_a,city_b,since,source,source_title,source_licence\n"


def browsed(curated: Curated, by: str, *arguments: str) -> Answer:
    password = base64.b64encode(f"me:{curated.tokens[by]}".encode()).decode()
    return curated.ask("-H", f"Authorization: Basic {password}", *PAGE, *arguments)


def proposed(curated: Curated, row: str, by: str = "Carl") -> str:
    """The address of a proposal of a row by a contributor."""
    sent = ("--data-binary", HEAD + row, "-H", "Content-Type: text/csv")
    answer = curated.ask(*sent, f"/proposals?{WORDS}", by=by)
    assert answer.status == 201, answer.body
    return answer.headers["location"]


def test_a_browser_is_asked_for_the_token_and_told_where_it_goes(curated: Curated) -> None:
    asked = curated.ask(*PAGE, "/proposals")
    assert (asked.status, 'Basic realm="citykg"' in asked.headers["www-authenticate"]) == (401, True)
    assert "give the token, with any name" in asked.body.decode()
    assert browsed(curated, "Ann", "/proposals").type == "text/html"
    for_programs = curated.ask("/proposals", by="Ann")
    assert (for_programs.type, for_programs.listed("vary") >= {"accept"}) == ("application/json", True)


def test_a_page_shows_what_a_proposal_would_change_and_who_may_decide(curated: Curated) -> None:
    address = proposed(curated, "jinan,york,1998,page-list,Sister cities of York,not known\n")
    for name, may in {"Ann": ["accept", "refuse"], "Carl": ["withdraw"]}.items():
        page = browsed(curated, name, address).body.decode()
        assert [verb for verb in ("accept", "refuse", "withdraw") if f'action="{address}/{verb}"' in page] == may
        assert '<span class="mark agree">+ added</span> 1998' in page
        assert "Sister cities of York,not known" in page
    assert (
        f'<a href="{address}">As the council lists it</a>'
        in browsed(curated, "Carl", "/proposals?state=open").body.decode()
    )
    accepted = browsed(curated, "Ann", "-X", "POST", f"{address}/accept")
    assert (accepted.status, accepted.headers["location"].partition("s/")[0]) == (303, "/change")
    page = browsed(curated, "Ann", address).body.decode()
    assert f'It is <a href="{accepted.headers["location"]}">' in page
    assert "/accept" not in page
    again = browsed(curated, "Rita", "-X", "POST", f"{address}/accept")
    assert (again.status, "was accepted by Ann" in again.body.decode()) == (409, True)
    assert curated.ask("-X", "POST", f"{accepted.headers['location']}/revert", by="Ann").status == 201


@pytest.mark.parametrize(
    ("verb", "by", "became"), [("refuse", "Ann", "Rejected by Ann"), ("withdraw", "Carl", "Withdrawn")]
)
def test_what_is_decided_leads_back_to_the_page(curated: Curated, verb: str, by: str, became: str) -> None:
    address = proposed(curated, "jinan,york,1998,page-list,Sister cities of York,not known\n")
    decided = browsed(curated, by, "-d", "reason=The list is of 1990", f"{address}/{verb}")
    assert (decided.status, decided.headers["location"]) == (303, address)
    page = browsed(curated, by, address).body.decode()
    assert f"<strong>{became}.</strong> The list is of 1990" in page
    assert curated.ask(address, by=by).members["reason"] == "The list is of 1990"


def test_the_page_judges_a_proposal_by_the_graph_as_it_is_now(curated: Curated) -> None:
    row = "jinan,york,{},page-list,Sister cities of York,not known\n"
    same, other = proposed(curated, row.format(1998)), proposed(curated, row.format(1999))
    made = browsed(curated, "Ann", "-X", "POST", f"{same}/accept")
    known = proposed(curated, row.format(1998))
    assert "None: the graph already states all of it." in browsed(curated, "Ann", known).body.decode()
    page = browsed(curated, "Ann", other).body.decode()
    assert "<h2>Findings now</h2>" in page
    assert "Violation: " in page
    assert "It cannot be accepted while it has violations" in page
    assert f'action="{other}/accept"' not in page
    assert curated.ask("-X", "POST", f"{made.headers['location']}/revert", by="Ann").status == 201
    assert f'action="{other}/accept"' in browsed(curated, "Ann", other).body.decode()


def test_a_curator_is_not_offered_to_accept_what_is_their_own(curated: Curated) -> None:
    address = proposed(curated, "jinan,york,1998,page-list,Sister cities of York,not known\n", by="Rita")
    page = browsed(curated, "Rita", address).body.decode()
    assert [verb for verb in ("accept", "refuse", "withdraw") if f'action="{address}/{verb}"' in page] == ["withdraw"]


def test_a_form_of_another_site_decides_nothing(curated: Curated) -> None:
    address = proposed(curated, "jinan,york,1998,page-list,Sister cities of York,not known\n")
    for verb, by in {"refuse": "Ann", "accept": "Ann", "withdraw": "Carl"}.items():
        sent = browsed(curated, by, "-H", "Sec-Fetch-Site: cross-site", "-d", "reason=x", f"{address}/{verb}")
        assert sent.status == 403
    assert curated.ask(address, by="Ann").members["state"] == "open"


def test_a_change_is_taken_back_by_the_form_on_its_page_which_says_what_it_left(
    curated: Curated, tmp_path: Path
) -> None:
    head = f"/changes?{WORDS}"
    account = "<https://w3id.org/city-diplomacy/id/account/page-list--twinning-jinan-york>"
    note = f'PREFIX cd: <https://w3id.org/city-diplomacy/ontology#> {account} cd:note "Since spring."@en .'
    (tmp_path / "note.ttl").write_text(note)
    row = "jinan,york,1998,Since spring.,page-list,Sister cities of York,not known\n"
    table = HEAD.replace("since,", "since,note,") + row
    made = curated.ask("--data-binary", table, "-H", "Content-Type: text/csv", head, by="Ann")
    gone = curated.ask("-F", f"removed=@{tmp_path}/note.ttl;type=text/turtle", head, by="Rita")
    assert (made.status, gone.status) == (201, 201), gone.body
    address = made.headers["location"]
    page = curated.ask(*PAGE, address).body.decode()
    assert f'<form action="{address}/revert" method="post"' in page
    assert curated.ask(*PAGE, "-d", "summary=A+mistake", f"{address}/revert").status == 401
    elsewhere = browsed(curated, "Ann", "-H", "Sec-Fetch-Site: cross-site", "-d", "summary=x", f"{address}/revert")
    assert elsewhere.status == 403
    undone = browsed(curated, "Ann", "-d", "summary=A+mistake", f"{address}/revert")
    assert undone.status == 303, undone.body
    said = curated.ask(*PAGE, undone.headers["location"]).body.decode()
    assert "<h1>A mistake</h1>" in said
    number = gone.headers["location"].rpartition("/")[2]
    assert f"1 statement. Change {number} (by Rita: As the council lists it) took it away already." in said
