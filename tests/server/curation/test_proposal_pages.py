"""Proposals and undos in a browser: what one would change now, and the forms of the desk for it."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.support.curated import Curated
from tests.support.forms import FORMS, SOURCE, send, text

pytestmark = pytest.mark.drawn

PAGE = ("-H", "Accept: text/html")
WORDS = "summary=As+the+council+lists+it&source=https://example.org/list&graph=curated/council"
ACCOUNT = "<https://w3id.org/city-diplomacy/id/account/page-list--twinning-jinan-york>"
HEAD = "city_a,city_b,since,source,source_title,source_licence\n"


def proposed(curated: Curated, row: str, by: str = "Carl") -> str:
    """The address of a proposal of a row by a contributor."""
    sent = ("--data-binary", HEAD + row, "-H", "Content-Type: text/csv")
    answer = curated.ask(*sent, f"/proposals?{WORDS}", by=by)
    assert answer.status == 201, answer.body
    return answer.headers["location"]


def test_a_browser_is_led_to_the_desk_and_a_program_is_not(curated: Curated) -> None:
    asked = curated.browse("/proposals")
    assert (asked.status, 'href="/desk/proposals"' in asked.body.decode()) == (401, True)
    assert curated.at_desk("/desk/proposals", by="Ann").type == "text/html"
    for_programs = curated.ask("/proposals", by="Ann")
    assert (for_programs.type, for_programs.listed("vary") >= {"accept"}) == ("application/json", True)


def test_a_page_shows_what_a_proposal_would_change_and_who_may_decide(curated: Curated) -> None:
    address = proposed(curated, "jinan,york,1998,page-list,Sister cities of York,not known\n")
    for name, may in {"Ann": ["accept", "refuse"], "Carl": ["withdraw"]}.items():
        page = curated.at_desk(f"/desk{address}", by=name).body.decode()
        assert [verb for verb in ("accept", "refuse", "withdraw") if f'action="/desk{address}/{verb}"' in page] == may
        assert '<span class="mark agree">+ added</span> 1998' in page
        assert "Sister cities of York,not known" in page
    listed = curated.at_desk("/desk/proposals?state=open", by="Carl").body.decode()
    number = address.rpartition("/")[2]
    titled = f'<a href="/desk{address}">{number}. As the council lists it</a>'
    assert "became twins in 1998" in listed.partition(titled)[2]
    accepted = curated.at_desk("-X", "POST", f"/desk{address}/accept", by="Ann")
    assert (accepted.status, accepted.headers["location"]) == (303, f"/desk{address}")
    page = curated.at_desk(f"/desk{address}", by="Ann").body.decode()
    change = curated.ask(address, by="Ann").members["change"]
    for said in (f'It is <a href="/desk{change}">', 'href="/doc/twinning/jinan-york"', "/desk/proposals?state=open"):
        assert said in page, said
    assert "/accept" not in page
    undo = f'href="/desk{change}/undo"'
    assert (undo in page, undo in curated.at_desk(f"/desk{address}", by="Carl").body.decode()) == (True, False)
    again = curated.at_desk("-X", "POST", f"/desk{address}/accept", by="Rita")
    assert (again.status, "was accepted by Ann" in again.body.decode()) == (409, True)
    undone = curated.ask("-X", "POST", f"{change}/revert?summary=A+mistake", by="Ann")
    assert undone.status == 201, undone.body
    by = f"""undone by <a href="/desk{undone.headers["location"]}">"""
    assert by in curated.at_desk(f"/desk{address}", by="Ann").body.decode()
    own = curated.at_desk("/desk/mine", by="Carl").body.decode()
    assert "It was undone by change" in own.partition(f'<a href="/desk{address}">')[2].partition("</li>")[0]
    assert by in own.partition(f'<h3><a href="/desk{change}">')[2].partition("</li>")[0]


def test_a_proposal_whose_ground_is_gone_says_so_and_what_to_do(curated: Curated, tmp_path: Path) -> None:
    row = "jinan,york,1998,Since spring.,page-list,Sister cities of York,not known\n"
    table = HEAD.replace("since,", "since,note,") + row
    made = curated.ask("--data-binary", table, "-H", "Content-Type: text/csv", f"/changes?{WORDS}", by="Ann")
    note = f'PREFIX cd: <https://w3id.org/city-diplomacy/ontology#> {ACCOUNT} cd:note "Since spring."@en .'
    (tmp_path / "note.ttl").write_text(note)
    removes = ("-F", f"removed=@{tmp_path}/note.ttl;type=text/turtle")
    fallen = curated.ask(*removes, f"/proposals?{WORDS}", by="Carl").headers["location"]
    undo = curated.ask("-X", "POST", f"{made.headers['location']}/revert?summary=Trial", by="Ann")
    assert undo.status == 201, undo.body
    for by, way in {"Carl": "Withdraw it;", "Ann": "Reject it with this reason;"}.items():
        page = curated.at_desk(f"/desk{fallen}", by=by).body.decode()
        for said in ("The graph lacks what", f'<a href="/desk{undo.headers["location"]}">', "Since spring.", way):
            assert said in page.partition("Why it can no longer be accepted")[2], said
    last = undo.members["number"]
    assert (
        f"It can no longer be accepted: change {last} removed" in curated.at_desk("/desk/mine", by="Carl").body.decode()
    )
    gone = curated.ask("-H", "Accept: text/html", "/id/twinning/jinan-york")
    assert (gone.status, f'<a href="/changes/{last}">' in gone.body.decode()) == (404, True)
    (named,) = curated.ask("/doc/twinning/jinan-york.ttl").members["changes"]
    assert (named["number"], curated.ask("/doc/twinning/jinan-nowhere").members.get("changes")) == (last, None)


def test_an_edit_is_told_in_sentences_while_it_stands_and_when_its_ground_is_gone(curated: Curated) -> None:
    account = "account:list-of-leeds--twinning-leeds-macao"
    made = send(curated, "twinning", "Ann", do="submit", **(SOURCE | FORMS["twinning"]))
    ended = FORMS["twinning"] | {"status": "status:former", "edits": account}
    edit = send(curated, "twinning", "Carl", do="propose", **(SOURCE | ended)).headers["location"]
    for undone in (False, True):
        if undone:
            gone = curated.at_desk("-d", "summary=Trial", f"{made.headers['location']}/undo", by="Ann")
            assert gone.status == 303, gone.body
        for page in (edit, "/desk/proposals?state=open"):
            shown = text(curated.at_desk(page, by="Ann")).partition("Submitted text")[0]
            told = re.findall('<span class="mark [^>]*>(. [a-z]+)</span> (.*?)</li>', shown)
            said = [(sign, re.sub("<[^>]*>", "", sentence).strip()) for sign, sentence in told]
            named = [sentence for _, sentence in said if account in sentence]
            assert (named, "formerly twinned" in str(said), page) == ([], True, page)
            own = shown.partition(f'<a href="{edit}">')[2].partition("</li>")[0] if page != edit else shown
            assert ("t can no longer be accepted" in own) is undone


def test_a_decided_proposal_says_what_said_otherwise_as_the_check_does(curated: Curated) -> None:
    address = proposed(curated, "jinan,york,1998,page-list,Sister cities of York,not known\n")
    curated.at_desk("-d", "reason=No", f"/desk{address}/refuse", by="Ann")
    page = text(curated.at_desk(f"/desk{address}", by="Ann"))
    said = page.partition("What said otherwise when it was submitted")[2].partition("</ul>")[0]
    assert ("Denied by Table 1" in said, "Info:" in page, "other sources confirm" in page) == (True, False, False)


@pytest.mark.parametrize(
    ("verb", "by", "became"), [("refuse", "Ann", "Rejected by Ann"), ("withdraw", "Carl", "Withdrawn")]
)
def test_what_is_decided_leads_back_to_the_page(curated: Curated, verb: str, by: str, became: str) -> None:
    address = proposed(curated, "jinan,york,1998,page-list,Sister cities of York,not known\n")
    decided = curated.at_desk("-d", "reason=The list is of 1990", f"/desk{address}/{verb}", by=by)
    assert (decided.status, decided.headers["location"]) == (303, f"/desk{address}")
    page = curated.at_desk(f"/desk{address}", by=by).body.decode()
    assert f"<strong>{became}.</strong> <bdi>The list is of 1990</bdi>" in page
    assert curated.ask(address, by=by).members["reason"] == "The list is of 1990"


def test_the_page_judges_a_proposal_by_the_graph_as_it_is_now(curated: Curated) -> None:
    row = "jinan,york,{},page-list,Sister cities of York,not known\n"
    same, other = proposed(curated, row.format(1998)), proposed(curated, row.format(1999))
    made = curated.at_desk("-X", "POST", f"/desk{same}/accept", by="Ann")
    known = proposed(curated, row.format(1998))
    assert "None: the graph already states all of it." in curated.at_desk(f"/desk{known}", by="Ann").body.decode()
    page = curated.at_desk(f"/desk{other}", by="Ann").body.decode()
    assert "<h2>Findings now</h2>" in page
    assert "Violation: " in page
    assert "It cannot be accepted while it has violations" in page
    assert f'action="/desk{other}/accept"' not in page
    assert made.status == 303, made.body
    change = curated.ask(same, by="Ann").members["change"]
    assert curated.ask("-X", "POST", f"{change}/revert", by="Ann").status == 201
    assert f'action="/desk{other}/accept"' in curated.at_desk(f"/desk{other}", by="Ann").body.decode()


def test_a_curator_is_not_offered_to_accept_what_is_their_own(curated: Curated) -> None:
    address = proposed(curated, "jinan,york,1998,page-list,Sister cities of York,not known\n", by="Rita")
    page = curated.at_desk(f"/desk{address}", by="Rita").body.decode()
    assert [verb for verb in ("accept", "refuse", "withdraw") if f'action="/desk{address}/{verb}"' in page] == [
        "withdraw"
    ]


def test_a_change_is_taken_back_by_the_form_on_its_page_which_says_what_it_left(
    curated: Curated, tmp_path: Path
) -> None:
    head = f"/changes?{WORDS}"
    note = f'PREFIX cd: <https://w3id.org/city-diplomacy/ontology#> {ACCOUNT} cd:note "Since spring."@en .'
    (tmp_path / "note.ttl").write_text(note)
    row = "jinan,york,1998,Since spring.,page-list,Sister cities of York,not known\n"
    table = HEAD.replace("since,", "since,note,") + row
    made = curated.ask("--data-binary", table, "-H", "Content-Type: text/csv", head, by="Ann")
    gone = curated.ask("-F", f"removed=@{tmp_path}/note.ttl;type=text/turtle", head, by="Rita")
    assert (made.status, gone.status) == (201, 201), gone.body
    address = made.headers["location"]
    assert f'href="/desk{address}/undo"' in curated.ask(*PAGE, address).body.decode()
    form = curated.at_desk(f"/desk{address}/undo", by="Ann").body.decode()
    assert f'<form action="/desk{address}/undo" method="post"' in form
    moved = curated.browse("-d", "summary=A+mistake", f"{address}/revert")
    assert (moved.status, f'href="/desk{address}/undo"' in moved.body.decode()) == (403, True)
    undone = curated.at_desk("-d", "summary=A+mistake", f"/desk{address}/undo", by="Ann")
    assert undone.status == 303, undone.body
    said = curated.at_desk(undone.headers["location"], by="Ann").body.decode()
    assert f"<h1>Undo change {address.rpartition('/')[2]}: A mistake</h1>" in said
    number = gone.headers["location"].rpartition("/")[2]
    assert f"1 statement. Change {number} (by Rita: As the council lists it) took it away already." in said
