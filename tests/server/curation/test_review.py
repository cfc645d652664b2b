"""Reviewing a proposal row by row: some become a change, the rest stays open; questions are kept and answered."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from tests.support.curated import Curated

pytestmark = pytest.mark.drawn

WORDS = "summary=As+the+council+lists+it&source=https://example.org/list&graph=curated/council"
HEAD = "city_a,city_b,since,source,source_title,source_licence\n"
LIST = ",page-list,Sister cities,CC0\n"
TWINS = {"jinan-york": f"jinan,york,1998{LIST}", "hangzhou-york": f"hangzhou,york,1999{LIST}"}


ID = "https://w3id.org/city-diplomacy/id/"


def proposed(curated: Curated, *rows: str) -> str:
    sent = ("--data-binary", HEAD + "".join(rows), "-H", "Content-Type: text/csv")
    answer = curated.ask(*sent, f"/proposals?{WORDS}", by="Carl")
    assert answer.status == 201, answer.body
    return answer.headers["location"]


def accepted(
    curated: Curated, address: str, *things: str, by: str = "Ann", key: str = ""
) -> tuple[int, dict[str, object], str]:
    ticked = [part for thing in things for part in ("-d", f"row={thing}")]
    keyed = ("-H", f"Idempotency-Key: {key}") if key else ()
    answer = curated.ask(*keyed, *ticked, "-d", "acknowledge=yes", f"{address}/accept", by=by)
    return answer.status, answer.members, answer.headers.get("location", "")


def words(curated: Curated, address: str) -> str:
    """What the page of a proposal says in its rows, without its markup."""
    page = curated.at_desk(f"/desk{address}", by="Ann").body.decode()
    rows = page.partition('id="content"')[2].partition('class="effects"')[0]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", "", rows))


def own_work(curated: Curated, address: str) -> tuple[bool, list[str]]:
    """Whether Carl's page says that a question about a proposal waits for him, and what the feed has of it."""
    page = curated.at_desk("/desk/mine", by="Carl").body.decode()
    entry = page.partition(f'<a href="/desk{address}">')[2].partition("<h3>")[0]
    feed = Xml.fromstring(curated.ask("/proposals.atom", by="Carl").body)
    texts = {
        link.get("href"): one.findtext("{*}content")
        for one in feed.findall("{*}entry")
        for link in one.findall("{*}link")
    }
    return "A question waits for your answer." in entry, (texts[address] or "").splitlines()


def is_there(curated: Curated, thing: str) -> bool:
    return curated.ask("-H", "Accept: text/turtle", f"/doc/{thing}").status == 200


def test_some_rows_become_a_change_and_the_rest_stays_open(curated: Curated) -> None:
    address = proposed(curated, *TWINS.values())
    page = curated.at_desk(f"/desk{address}", by="Ann").body.decode()
    for twins in TWINS:
        assert page.count(f'name="row" value="https://w3id.org/city-diplomacy/id/twinning/{twins}"') == 1
        assert f'href="/doc/twinning/{twins}"' not in page.partition('class="effects"')[0]  # not there yet
    assert "Jinan and York became twins in 1998" in words(curated, address), words(curated, address)
    assert "With it goes: " in page  # the source, which both need
    assert "Accept all open rows" in page
    status, made, where = accepted(curated, address, "twinning:jinan-york", key="part")
    assert (status, made["reviewer"], is_there(curated, "twinning/jinan-york")) == (201, "Ann", True)
    assert accepted(curated, address, "twinning:jinan-york", key="part") == (201, made, where)  # its answer was lost
    assert accepted(curated, address, "twinning:hangzhou-york", key="part")[0] == 422  # another request
    assert (is_there(curated, "source/page-list"), is_there(curated, "twinning/hangzhou-york")) == (True, False)
    rest = curated.ask(address, by="Carl").members
    assert (rest["state"], [note["change"] for note in rest["notes"]]) == ("open", [where])
    page = curated.at_desk(f"/desk{address}", by="Ann").body.decode()
    left = words(curated, address)
    assert ("Hangzhou and York" in left, "Jinan and York" in left) == (True, False)
    assert f'Ann has accepted a part of it: <a href="/desk{where}">' in page
    status, told, _ = accepted(curated, address, "twinning:jinan-york", by="Rita")  # who had read it before
    assert (status, "was decided meanwhile" in str(told["detail"])) == (409, True)
    status, made, last = accepted(curated, address, "twinning:hangzhou-york", key="last")
    assert accepted(curated, address, "twinning:hangzhou-york", key="last") == (201, made, last)
    assert (status, curated.ask(address, by="Carl").members["state"]) == (201, "accepted")
    assert (curated.ask(address, by="Carl").members["change"], made["added"] != 0) == (last, True)
    for change in (last, where):
        undone = curated.ask("-X", "POST", f"{change}/revert", by="Rita")
        assert undone.status == 201, undone.body
        page = curated.at_desk(f"/desk{address}", by="Ann").body.decode()
        assert f'change {change.rpartition("/")[2]}</a>, undone by <a href="/desk{undone.headers["location"]}">' in page
        assert page.count(f'href="/desk{where}/undo"') == (change == last)
    assert not is_there(curated, "twinning/jinan-york")


def test_an_objection_stands_at_the_rows_that_it_is_against(curated: Curated) -> None:
    address = proposed(curated, TWINS["jinan-york"], f"amsterdam,york,1953{LIST}")
    page = curated.at_desk(f"/desk{address}", by="Ann").body.decode()
    rows = page.partition('class="effects"')[0].split('<section class="review-row">')[1:]
    denied = {re.search(r"twinning/([\w-]+)", row)[1]: "Denied by Table 1: " in row for row in rows}  # type: ignore[index]
    assert denied == {"amsterdam-york": False, "jinan-york": True}


def test_who_left_out_a_tick_finds_it_where_the_refusal_is_told(curated: Curated) -> None:
    address = proposed(curated, *(row.replace("CC0", "") for row in TWINS.values()))
    page = curated.at_desk(f"/desk{address}", by="Ann").body.decode()
    assert 'name="acknowledge" value="yes">Accept the ticked rows despite the warnings</button>' in page
    sent = ("-d", "some=yes", "-d", "row=twinning:jinan-york", "-d", "row=twinning:hangzhou-york")
    led = curated.at_desk(*sent, f"/desk{address}/accept", by="Ann")
    page = led.body.decode().partition("What you have written")[2].partition("</form>")[0]
    ticked = [f'<input type="hidden" name="row" value="twinning:{one}">' in page for one in TWINS]
    assert (led.status, ticked) == (422, [True, True])
    assert '<input type="checkbox" name="acknowledge" value="yes" required> I have seen the warnings above' in page
    assert "--acknowledge" not in led.body.decode()
    assert curated.at_desk("-d", "acknowledge=yes", *sent, f"/desk{address}/accept", by="Ann").status == 303
    made = curated.ask(address, by="Carl").members["change"]
    more = f'<{ID}account/page-list--twinning-jinan-york> <https://w3id.org/city-diplomacy/ontology#note> "More"@en .'
    later = ("--data-binary", more, "-H", "Content-Type: text/turtle", f"/changes?{WORDS}&acknowledge=yes")
    assert curated.ask(*later, by="Ann").status == 201
    refused = curated.at_desk("-d", "summary=Wrong", f"/desk{made}/undo", by="Ann")
    tick = '<input type="checkbox" name="dependents" value="yes" required>'
    assert (refused.status, tick in refused.body.decode(), "--dependents" in refused.body.decode()) == (
        409,
        True,
        False,
    )
    both = curated.at_desk("-d", "summary=Wrong", "-d", "dependents=yes", f"/desk{made}/undo", by="Ann")
    assert (both.status, is_there(curated, "twinning/jinan-york")) == (303, False)


def test_a_row_is_refused_for_a_reason_and_the_rest_stays_open(curated: Curated) -> None:
    address = proposed(curated, *TWINS.values())
    ticked = ("-d", "some=yes", "-d", "row=twinning:jinan-york", f"/desk{address}/refuse")
    without = curated.at_desk(*ticked, by="Ann")
    assert (without.status, "A refusal needs a reason." in without.body.decode()) == (400, True)
    none = curated.at_desk("-d", "some=yes", "-d", "reason=No", f"/desk{address}/refuse", by="Ann")
    assert (none.status, "No row is ticked." in none.body.decode()) == (400, True)
    done = curated.at_desk("-d", "reason=The list\nsays <1997>", *ticked, by="Ann").headers["location"]
    assert done == f"/desk{address}?said=1#said"
    led = curated.at_desk(done.partition("#")[0], by="Ann").body.decode().partition('id="said"')[2]
    assert "Ann has rejected a part of it: <bdi>The list says &lt;1997&gt;</bdi>" in led.partition("</div>")[0]
    rest = curated.ask(address, by="Carl").members
    (note,) = rest["notes"]
    assert (rest["state"], note["author"], note["refused"]) == ("open", "Ann", "The list says <1997>")
    assert f"{ID}twinning/jinan-york" in note["subjects"]
    page = curated.at_desk(f"/desk{address}", by="Carl").body.decode()
    assert "Ann has rejected a part of it: <bdi>The list says &lt;1997&gt;</bdi> (Twinning of Jinan and York)" in page
    assert "Ann: rejected a part of it: The list says <1997>" in own_work(curated, address)[1]
    left = words(curated, address).partition("Submitted text")[0]
    assert ("Hangzhou and York became" in left, "Jinan and York became" in left) == (True, False)
    again = curated.ask("-d", "reason=Again", "-d", "row=twinning:jinan-york", f"{address}/refuse", by="Rita")
    assert (again.status, "was decided meanwhile" in str(again.members["detail"])) == (409, True)
    made = curated.ask("-d", "acknowledge=yes", f"{address}/accept", by="Rita")
    assert (made.status, curated.ask(address, by="Carl").members["state"]) == (201, "accepted")
    assert (is_there(curated, "twinning/hangzhou-york"), is_there(curated, "twinning/jinan-york")) == (True, False)
    assert curated.ask("-X", "POST", f"{made.headers['location']}/revert", by="Ann").status == 201


def test_with_what_is_refused_goes_what_needs_it_and_with_the_last_row_the_proposal(curated: Curated) -> None:
    address = proposed(curated, *TWINS.values())
    refused = curated.ask("-d", "reason=No such list", "-d", "row=source:page-list", f"{address}/refuse", by="Ann")
    assert (refused.status, refused.members["state"], refused.members["reason"]) == (200, "refused", "No such list")


def test_the_rows_are_those_of_the_table_and_what_only_one_needs_is_refused_with_it(
    curated: Curated, tmp_path: Path
) -> None:
    table = HEAD + TWINS["jinan-york"].replace("jinan", "xanten") + TWINS["hangzhou-york"]
    town, named = f"<{ID}city/xanten>", "<http://www.w3.org/2004/02/skos/core#prefLabel>"
    place = f'{town} a <https://w3id.org/city-diplomacy/ontology#City> . {town} {named} "Xanten"@en .'
    (tmp_path / "a.csv").write_text(table)
    (tmp_path / "b.ttl").write_text(place)
    sent = ("-F", f"added=@{tmp_path}/a.csv;type=text/csv", "-F", f"added=@{tmp_path}/b.ttl;type=text/turtle")
    answer = curated.ask(*sent, f"/proposals?{WORDS}", by="Carl")
    assert answer.status == 201, answer.body
    address = answer.headers["location"]
    page = curated.at_desk(f"/desk{address}", by="Ann").body.decode()
    assert re.findall('name="row" value="([^"]*)"', page) == [
        f"{ID}twinning/{one}-york" for one in ("xanten", "hangzhou")
    ]
    said = re.sub(r"\s+", " ", words(curated, address))
    assert [*re.findall("line [0-9]", said)] == ["line 2", "line 3"], "in the order of the table"
    found = curated.ask(address, by="Carl").members["rows"]
    assert [(one["row"], one["place"], one["known"]) for one in found] == [
        (f"{ID}twinning/{one}-york", f"a.csv, line {line}", False) for line, one in enumerate(("xanten", "hangzhou"), 2)
    ], "a program reads what the page shows"
    assert [one["name"]["text"] for one in found[0]["under"]] == ["Xanten", "Sister cities (curated)"]
    (told,) = found[0]["sentences"]
    assert [one["text"] for one in told["added"]] == ["Xanten and York became twins in 1998."]
    assert [one["text"] for one in found[1]["shares"]] == ["Sister cities (curated)"]
    assert "Xanten" in page.partition("<summary>With it goes: ")[2].partition("</summary>")[0]
    refused = ("-d", "reason=No such town", "-d", f"row={ID}twinning/xanten-york", f"/desk{address}/refuse")
    assert curated.at_desk(*refused, by="Ann").status == 303
    assert [one["row"] for one in curated.ask(address, by="Carl").members["rows"]] == [f"{ID}twinning/hangzhou-york"]
    (note,) = curated.ask(address, by="Carl").members["notes"]
    assert {one.removeprefix(ID) for one in note["subjects"]} >= {"twinning/xanten-york", "city/xanten"}
    assert f"{ID}source/page-list" not in note["subjects"], "which the other needs"
    left = curated.at_desk(f"/desk{address}", by="Ann").body.decode()
    assert "(Twinning of Xanten and York)" in re.sub(r"\s+", " ", left)
    assert curated.ask("-X", "POST", f"{address}/withdraw", by="Carl").status == 200
    assert "rows" not in curated.ask(address, by="Carl").members


def test_of_two_who_decide_at_once_one_is_told(curated: Curated) -> None:
    address = proposed(curated, *TWINS.values())
    with ThreadPoolExecutor() as pool:
        answers = [*pool.map(lambda by: accepted(curated, address, "twinning:jinan-york", by=by), ("Ann", "Rita"))]
    assert sorted(status for status, _, _ in answers) == [201, 409]
    refused = curated.ask("-d", "reason=The rest is of 1990", f"{address}/refuse", by="Rita")
    assert refused.status == 200, refused.body
    where = next(where for status, _, where in answers if status == 201)
    assert curated.ask("-X", "POST", f"{where}/revert", by="Ann").status == 201


def test_nobody_accepts_rows_of_their_own_or_none(curated: Curated) -> None:
    address = proposed(curated, *TWINS.values())
    assert accepted(curated, address, "twinning:jinan-york", by="Carl")[0] == 403
    none = curated.at_desk("-d", "some=yes", f"/desk{address}/accept", by="Ann")
    assert (none.status, "No row is ticked." in none.body.decode()) == (400, True)
    assert "The graph states all of this already." not in curated.at_desk(f"/desk{address}", by="Rita").body.decode()
    known = curated.ask(
        *("--data-binary", HEAD + TWINS["jinan-york"], "-H", "Content-Type: text/csv"),
        f"/changes?{WORDS}&acknowledge=yes",
        by="Ann",
    )
    assert known.status == 201, known.body
    page = curated.at_desk(f"/desk{address}", by="Rita").body.decode()
    assert "The graph states all of this already." in page  # what was accepted meanwhile is shown
    known_by_now = {one["row"]: one["known"] for one in curated.ask(address, by="Rita").members["rows"]}
    assert {one: known_by_now[f"{ID}twinning/{one}"] for one in TWINS} == {"jinan-york": True, "hangzhou-york": False}
    assert accepted(curated, address, "twinning:hangzhou-york", by="Rita")[0] == 201
    assert curated.ask(address, by="Carl").members["state"] == "accepted"  # nothing new is left of it
    for change in (curated.ask(address, by="Carl").members["change"], known.headers["location"]):
        assert curated.ask("-X", "POST", f"{change}/revert", by="Ann").status == 201


def test_a_question_about_a_row_is_kept_and_answered(curated: Curated) -> None:
    address = proposed(curated, *TWINS.values())
    asked = ("-d", "thing=twinning:jinan-york", "--data-urlencode", "text=Since when? <b>", f"{address}/notes")
    assert curated.ask(*asked, by="Ann").status == 201
    answered = curated.at_desk(
        *("-d", "thing=twinning:jinan-york", "-d", "text=1998"), f"/desk{address}/notes", by="Carl"
    )
    assert (answered.status, answered.headers["location"]) == (303, f"/desk{address}?said=2#said")
    led = curated.at_desk(answered.headers["location"].partition("#")[0], by="Carl").body.decode()
    said = led.partition('id="said"')
    assert ("Sent to the curators." in said[2], led.count('id="said"')) == (True, 1)
    assert said[0].rpartition('class="review-row"')[2].count("review-row") == 0, "it stands at the row"
    assert "Twinning of Jinan and York" in said[2].partition("</h3>")[0]
    page = curated.at_desk(f"/desk{address}?said=99", by="Rita").body.decode()
    assert 'id="said"' not in page
    row = page.partition("Jinan and York</label>")[2].partition("</section>")[0]
    assert "<bdi>Since when? &lt;b&gt;</bdi>" in row
    assert "<bdi>1998</bdi>" in row
    notes = curated.ask(address, by="Carl").members["notes"]
    assert [(note["author"], note["text"]) for note in notes] == [("Ann", "Since when? <b>"), ("Carl", "1998")]
    assert curated.ask("-d", "text= ", f"{address}/notes", by="Ann").status == 400
    assert own_work(curated, address) == (False, ["Ann: Since when? <b>", "Carl: 1998"])
    assert curated.ask("-d", "text=By whom?", f"{address}/notes", by="Rita").status == 201
    assert own_work(curated, address) == (True, ["Ann: Since when? <b>", "Carl: 1998", "Rita: By whom?"])
    assert address not in curated.ask("/proposals.atom", by="Ann").body.decode()
    assert curated.ask("-X", "POST", f"{address}/withdraw", by="Carl").status == 200
    assert curated.ask("-d", "text=Why?", f"{address}/notes", by="Ann").status == 409


def test_rows_without_a_violation_are_accepted_alone(curated: Curated, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEAD + TWINS["jinan-york"])
    (tmp_path / "b.ttl").write_text(
        "<https://w3id.org/city-diplomacy/id/city/atlantis> a <https://w3id.org/city-diplomacy/ontology#City> ."
    )
    parts = ("-F", f"added=@{tmp_path}/a.csv;type=text/csv", "-F", f"added=@{tmp_path}/b.ttl;type=text/turtle")
    address = curated.ask(*parts, f"/proposals?{WORDS}", by="Carl").headers["location"]
    page = curated.at_desk(f"/desk{address}", by="Ann").body.decode()
    assert ("Accept as a change" in page, "Accept the ticked rows" in page) == (False, True)
    for thing, status in (("city:atlantis", 422), ("twinning:jinan-york", 201)):
        assert accepted(curated, address, thing)[0] == status, thing
    left = curated.ask(address, by="Carl").members
    assert (left["state"], is_there(curated, "twinning/jinan-york")) == ("open", True)
    refused = curated.ask("-d", "reason=Where is it?", f"{address}/refuse", by="Rita")
    assert curated.ask("-X", "POST", f"{left['notes'][0]['change']}/revert", by="Rita").status == 201
    assert refused.status == 200, refused.body


def test_a_large_proposal_is_not_split(curated: Curated, tmp_path: Path) -> None:
    (tmp_path / "list.csv").write_text(HEAD + "".join(TWINS.values()) + " " * 500_000)
    sent = ("--data-binary", f"@{tmp_path}/list.csv", "-H", "Content-Type: text/csv")
    address = curated.ask(*sent, f"/proposals?{WORDS}", by="Carl").headers["location"]
    status, told, _ = accepted(curated, address, "twinning:jinan-york")
    assert (status, "whose rows cannot be decided apart" in str(told["detail"])) == (400, True)
    assert curated.ask(address, by="Carl").members["state"] == "open"
    assert curated.ask("-X", "POST", f"{address}/withdraw", by="Carl").status == 200


def test_the_queue_is_by_age_and_kind(curated: Curated) -> None:
    made = [proposed(curated, twins) for twins in TWINS.values()]
    oldest, newest = (
        [one["address"] for one in curated.ask(f"/proposals?state=open{order}", by="Ann").members["proposals"]]
        for order in ("&order=oldest", "")
    )
    assert (oldest, [one for one in oldest if one in made]) == (newest[::-1], made)
    assert curated.ask("/proposals?state=open&kind=text", by="Ann").members["total"] == len(oldest)
    assert curated.ask("/proposals?state=open&kind=import", by="Ann").members["total"] == 0
    assert curated.ask("/proposals?order=newest", by="Ann").status == 400
    page = curated.at_desk("/desk/proposals?state=open&order=oldest", by="Ann").body.decode()
    assert page.index(f'href="/desk{made[0]}"') < page.index(f'href="/desk{made[1]}"')
    for address in made:
        assert curated.ask("-X", "POST", f"{address}/withdraw", by="Carl").status == 200
