"""Withdrawing at the desk: what is withdrawn as a whole stands nowhere but at its address, and undo brings it back."""

from __future__ import annotations

import re
from urllib.parse import quote, urlencode

import pytest

from kg.rdf import namespaces as ns
from tests.support.curated import Curated
from tests.support.forms import FORMS, SOURCE, send, text
from tests.support.http import Answer

pytestmark = pytest.mark.drawn

TIE = "twinning:leeds-macao"
IRI = f"{ns.ID}twinning/leeds-macao"
PLACES = {
    "/doc/city/leeds": "Macao",
    "/doc/city/macao": "Leeds",
    "/queries/twins-of-a-city.csv?thing=city:leeds": "city/macao",
    "/ask?q=With+which+cities+is+Leeds+twinned": "Macao",
    "/doc/twinning/leeds-macao.ttl": "account:list-of-leeds",
    "/search?q=twinning+of+leeds+and+macao": TIE.replace(":", "/"),
}
"""Where the twinning is told of, with a word of it."""


def told_at(curated: Curated) -> dict[str, bool]:
    answers = {path: curated.ask("-H", "Accept: text/html", path) for path in PLACES}
    return {path: answer.status == 200 and PLACES[path] in text(answer) for path, answer in answers.items()}


def offers(curated: Curated, thing: str, by: str = "Ann") -> list[str]:
    page = text(curated.at_desk(f"/desk?about={thing}", by=by))
    return re.findall(r'name="withdraw" value="([^"]+)"', page)


def withdraw(curated: Curated, by: str, **said: str) -> Answer:
    fields = {"thing": TIE, "summary": "It was misread"} | said
    return curated.at_desk("-d", urlencode(fields), "/desk/text", by=by)


def test_what_is_withdrawn_as_a_whole_is_told_of_nowhere_and_undone_everywhere(curated: Curated) -> None:
    nowhere, everywhere = dict.fromkeys(PLACES, False), dict.fromkeys(PLACES, True)
    assert told_at(curated) == nowhere
    made = send(curated, "twinning", "Ann", do="submit", **(SOURCE | FORMS["twinning"]))
    assert (made.status, told_at(curated)) == (303, everywhere)
    (whole,) = offers(curated, TIE)
    looked = withdraw(curated, "Carl", withdraw=whole)
    page = text(looked)
    assert (looked.status, "Another curator has to accept it" in page, "<textarea" in page) == (200, True, False)
    assert re.search(r"− removed</span> .{0,300}are twinned", page)
    assert "Leeds and Macao is withdrawn" in re.sub("<[^>]*>", "", page)
    assert re.search(
        "(1 answer was|([2-9]|[1-9][0-9]+) answers were) compared, of which (1 changes|[0-9]+ change)[.]", page
    ), page
    proposed = withdraw(curated, "Carl", withdraw=whole, do="propose").headers["location"]
    assert told_at(curated) == everywhere
    review = text(curated.at_desk(proposed, by="Ann"))
    assert ("Patch" in review.partition("Submitted text")[2], "To be added" in review, ">line 1<" in review) == (
        *(True, False, False),
    )
    accepted = curated.at_desk("-d", "acknowledge=yes", f"{proposed}/accept", by="Ann")
    assert (accepted.status, told_at(curated)) == (303, nowhere)
    gone = curated.ask(f"/id/{TIE.replace(':', '/')}")
    assert (gone.status, "It was misread" in gone.body.decode()) == (410, True)
    number = curated.ask("/changes.json").members["changes"][0]["number"]
    told = text(curated.ask("-H", "Accept: text/html", f"/doc/{TIE.replace(':', '/')}"))
    assert re.search("<h1[^>]*>Twinning of Leeds and Macao: withdrawn</h1>", told), told
    assert re.search(f'<a href="/changes/{number}">Change {number}</a> by Carl, accepted by Ann on [0-9]+ [A-Z]', told)
    assert f'href="/changes.html?about={quote(IRI)}"' in told
    form = text(curated.at_desk(f"/desk/changes/{number}/undo", by="Ann")).partition("What this changes")[2]
    assert re.search(r"\+ added</span> .{0,300}are twinned", form.partition("<form")[0]), "before it is done"
    undone = curated.at_desk("-d", "summary=It+is+there", f"/desk/changes/{number}/undo", by="Ann")
    assert (undone.status, told_at(curated)) == (303, everywhere)


def test_what_a_work_states_is_not_withdrawn_and_what_curators_add_to_it_is(curated: Curated) -> None:
    tie = {"twin-1": "Glasgow", "twin-2": "Dalian"}
    page = text(curated.at_desk("/desk?about=twinning:dalian-glasgow", by="Ann"))
    assert ("what a work states is not withdrawn" in page, 'name="withdraw"' in page) == (True, False)
    made = send(curated, "twinning", "Ann", do="submit", acknowledge="yes", **(SOURCE | FORMS["twinning"] | tie))
    assert made.status == 303
    (account,) = offers(curated, "twinning:dalian-glasgow")
    assert account.endswith("account/list-of-leeds--twinning-dalian-glasgow")
    said = {"thing": "twinning:dalian-glasgow", "withdraw": account, "do": "submit"}
    assert withdraw(curated, "Ann", **said).headers["location"].startswith("/desk/changes/")
    assert curated.ask("/id/twinning/dalian-glasgow").status == 303
    assert offers(curated, "twinning:dalian-glasgow") == []


def test_of_several_sources_each_can_go_or_the_whole_at_once(curated: Curated) -> None:
    tie = FORMS["twinning"] | {"twin-1": "York", "twin-2": "Wuhan"}
    for source in (SOURCE, SOURCE | {"source_title": "List of York"}):
        assert send(curated, "twinning", "Ann", do="submit", acknowledge="yes", **(source | tie)).status == 303
    found = offers(curated, "twinning:wuhan-york")
    assert [one.rpartition("/")[2] for one in found] == [
        "wuhan-york",
        "list-of-leeds--twinning-wuhan-york",
        "list-of-york--twinning-wuhan-york",
    ]
    said = {"thing": "twinning:wuhan-york", "do": "submit"}
    proposed = withdraw(curated, "Carl", withdraw=found[0], **(said | {"do": "propose"})).headers["location"]
    assert curated.at_desk("-d", "acknowledge=yes", f"{proposed}/accept", by="Ann").status == 303
    assert curated.ask("/id/twinning/wuhan-york").status == 410
    number = curated.ask("/changes.json").members["changes"][0]["number"]
    assert curated.at_desk("-d", "summary=It+is", f"/desk/changes/{number}/undo", by="Ann").status == 303
    assert withdraw(curated, "Ann", withdraw=found[1], **said).status == 303
    assert curated.ask("/id/twinning/wuhan-york").status == 303
    (whole,) = offers(curated, "twinning:wuhan-york")
    assert whole.endswith("twinning/wuhan-york")


def test_what_others_refer_to_is_not_withdrawn_before_them_and_who_they_are_is_said(curated: Curated) -> None:
    place = send(curated, "place", "Ann", do="submit", acknowledge="yes", **(SOURCE | FORMS["place"]))
    assert place.status == 303
    tie = FORMS["twinning"] | {"twin-1": "York", "twin-2": "Newtown"}
    assert send(curated, "twinning", "Ann", do="submit", acknowledge="yes", **(SOURCE | tie)).status == 303
    (whole,) = offers(curated, "city:newtown")
    page = text(withdraw(curated, "Ann", thing="city:newtown", withdraw=whole))
    assert ("cannot be withdrawn yet" in page, "twinning:newtown-york" in page) == (True, True)


def test_a_name_that_is_none_and_a_withdrawal_that_is_not_offered_change_nothing(curated: Curated) -> None:
    assert withdraw(curated, "Ann", thing="<").status == 400
    refused = withdraw(curated, "Ann", thing="city:leeds", withdraw="https://example.org/", do="submit")
    assert (refused.status, "Nothing is chosen" in text(refused)) == (400, True)


def test_what_takes_the_place_of_what_is_withdrawn_is_named_and_told(curated: Curated) -> None:
    tie = FORMS["twinning"] | {"twin-1": "York", "twin-2": "Jinan"}
    assert send(curated, "twinning", "Ann", do="submit", acknowledge="yes", **(SOURCE | tie)).status == 303
    (whole,) = offers(curated, "twinning:jinan-york")
    said = {"thing": "twinning:jinan-york", "withdraw": whole}
    assert 'name="successor"' in text(withdraw(curated, "Ann", **said))
    page = text(withdraw(curated, "Ann", **said, successor="twinning:dalian-glasgow"))
    plain = re.sub("<[^>]*>", "", page)
    assert re.search("York is withdrawn, and replaced by .{0,60}Dalian", plain)
    assert "nothing takes its place" not in plain
    wrong = [("Dalian", 400, "'Dalian' names no thing"), ("city:none", 200, "city:none is not a thing")]
    for named, status, problem in (*wrong, ("twinning:jinan-york", 200, "cannot take the place of")):
        answer = withdraw(curated, "Ann", **said, successor=named)
        form = re.search("<form id=.withdraw.*?</form>", text(answer))
        assert (answer.status, form is not None) == (status, True)
        written = dict(re.findall('name="([^"]+)"[^>]* value="([^"]*)"', form[0] if form else ""))
        assert written.items() >= {"summary": "It was misread", "successor": named, **said}.items()
        assert re.search(f'id="successor-problem">[^<]*{problem}', form[0] if form else "")
    proposed = withdraw(curated, "Ann", **said, do="propose").headers["location"].removeprefix("/desk")
    assert curated.ask(proposed, by="Ann").members["source"].endswith("source/list-of-leeds")
