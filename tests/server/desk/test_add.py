"""Forms that add: what they come to, who may send them, and that nothing of what is written is lost."""

from __future__ import annotations

import re
from html import unescape
from urllib.parse import urlencode

import pytest

from tests.support.curated import Curated
from tests.support.forms import FORMS, SOURCE, send, text
from tests.support.gazetteer import TWIN_TOWNS, small_gazetteer

CLASSES = {
    "absence": "AbsenceFinding",
    "team": "Office",
    "place": "City",
    "network": "CityNetwork",
    "organisation": "Organization",
}
KNOWN = dict.fromkeys(("place", "network", "organisation", "source"), "The graph has all of it already.")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_is_looked_at_then_proposed_or_made_and_sent_twice_it_is_done_once(curated: Curated, form: str) -> None:
    whole = SOURCE | FORMS[form]
    looked = send(curated, form, "Carl", **whole)
    assert re.search('id="preview"[^>]*> ?<li>', text(looked))  # the sentence that it becomes
    assert (looked.status, f"a cd:{CLASSES.get(form, form.capitalize())}" in text(looked)) == (200, True)
    assert ("Submit</button>" in text(looked), "Propose</button>" in text(looked)) == (False, True)
    proposed = [send(curated, form, "Carl", do="propose", key=f"k-{form}", **whole) for _ in range(2)]
    assert {(one.status, one.headers["location"]) for one in proposed} == {(303, proposed[0].headers["location"])}
    assert proposed[0].headers["location"].startswith("/desk/proposals/")
    made = [send(curated, form, "Ann", do="submit", key=f"k-{form}", **whole) for _ in range(2)]
    assert {(one.status, one.headers["location"]) for one in made} == {(303, made[0].headers["location"])}
    change = curated.ask(f"{made[0].headers['location'].removeprefix('/desk')}.json").members
    assert (change["agent"], change["source"]) == ("Ann", SOURCE["source_url"])
    empty = text(curated.at_desk(f"/desk/add/{form}", by="Ann"))  # but for the source, which is remembered
    assert f'name="source" value="source:{whole["source_title"].lower().replace(" ", "-")}"' in empty
    (script,) = re.findall(r'"(/assets/add\.js\?v=\w+)"', empty)
    assert "immutable" in curated.ask(script).headers["cache-control"]
    again = send(curated, form, "Ann", do="submit", key="another", **whole)
    said = KNOWN.get(form, "The source states it already.")
    assert (again.status, said in text(again)) == (422, True)
    if form in KNOWN:
        return
    other = send(curated, form, "Ann", do="submit", **(whole | {"note-1": "Signed twice"}))
    stands = "states it already" if form == "absence" else "has an account of it already"
    assert (other.status, stands in text(other)) == (422, True)


ODD = {
    "markup": "\"><b planted>'&lt;",
    "direction": "Le\u202eeds",
    "look-alike": "L\u0435\u0435ds",  # with Cyrillic letters
}
"""Texts that stand in every field of every form."""


@pytest.mark.parametrize("odd", ODD)
@pytest.mark.parametrize("form", FORMS)
def test_odd_text_in_each_field_of_a_form_is_shown_as_text_and_means_no_other_thing(
    curated: Curated, form: str, odd: str
) -> None:
    page = text(curated.at_desk(f"/desk/add/{form}", by="Ann"))
    page = page[page.index('<form id="add"') :]
    names = set(re.findall(r'<(?:input|textarea|select) [^>]*?name="([^"]+)"', page)) - {"key", "source", "do"}
    assert len(names) >= 5
    for name in sorted(names):  # in one order, since what one of them adds is known to the next
        answer = send(curated, form, "Ann", do="submit", **(SOURCE | FORMS[form] | {name: ODD[odd], "key": name + odd}))
        assert answer.status in (303, 400, 422), (name, answer.status)
        shown = answer if answer.status != 303 else curated.at_desk(answer.headers["location"], by="Ann")
        assert b"<b planted" not in shown.body, name
        assert "Le\u202eeds" not in re.sub(r"<(input|textarea)[^>]*>[^<]*", "", shown.body.decode()), name
        if form == "twinning" and name.startswith("twin-"):
            assert answer.status == 422, name


def test_a_refused_form_comes_back_as_it_was_written_with_each_finding_beside_its_field(curated: Curated) -> None:
    nasty = "\"><script>alert('x')</script>&lt;"
    sent = FORMS["twinning"] | SOURCE | {"end-1": "1999", "note-1": nasty, "summary": nasty, "source_title": nasty}
    answer = send(curated, "twinning", "Ann", do="submit", **sent)
    raw, shown = answer.body.decode(), text(answer)
    assert answer.status == 422
    assert "<script>alert" not in raw
    assert shown.count(nasty) >= 3  # the note, the reason, the title
    for name in ("twin-1", "begin-1", "end-1"):
        assert re.search(rf'name="{name}" value="{sent[name]}"', shown), name
    assert '<option value="status:current" selected>' in shown
    assert "What is current, suspended or renewed has not ended" in shown  # a shape of SHACL, of no field
    bidi = send(curated, "twinning", "Ann", **(sent | {"twin-1": "Le\u202eeds", "source_title": "A list"}))
    assert (bidi.status, 'id="twin-1-problem"' in text(bidi), "U+202E" in text(bidi)) == (200, True, True)
    same = send(curated, "twinning", "Ann", do="propose", **(FORMS["twinning"] | SOURCE | {"twin-2": "Leeds"}))
    assert (same.status, "Name exactly two different polities" in text(same)) == (422, True)


def test_an_address_fills_in_a_form_with_what_is_known_of_the_thing_that_it_names(curated: Curated) -> None:
    shown = text(curated.at_desk("/desk/add/twinning?city_a=city:leeds&status=current&note=By+hand", by="Carl"))
    assert 'name="twin-1.is" value="city:leeds">' in shown
    assert '<legend>Source <small class="muted">(required)</small></legend>' in shown
    assert '<option value="status:current" selected>' in shown
    assert "By hand</textarea>" in shown
    chinese = curated.at_desk("-H", "Accept-Language: zh", "/desk/add/twinning", by="Carl")
    assert "第一个城市或地方" in text(chinese)
    assert curated.at_desk("/desk/add/marriage", by="Carl").status == 404


def test_candidates_for_a_name_are_numbered_on_a_small_map(curated: Curated) -> None:
    small_gazetteer(curated.folder.path, TWIN_TOWNS).close()
    try:
        page = text(send(curated, "twinning", "Ann", **(SOURCE | FORMS["twinning"] | {"twin-2": "Cornwall"})))
    finally:
        (curated.folder.path / "gazetteer.sqlite").unlink()
    choices = page.partition("<legend>Which one?</legend>")[2].partition("</fieldset>")[0]
    assert "Map: where the candidates for Cornwall lie, by their numbers" in choices
    assert (choices.count('id="land"'), choices.count("<circle")) == (1, 2)
    assert re.findall(r"> (\d)\. Cornwall", choices) == ["1", "2"]
    assert 'id="land"' not in text(send(curated, "twinning", "Ann", **(SOURCE | FORMS["twinning"])))


def test_two_sources_are_never_taken_for_one_and_ties_of_a_city_lead_to_their_forms(curated: Curated) -> None:
    both = FORMS["twinning"] | SOURCE | {"source": "https://other.example/list"}
    refused = send(curated, "twinning", "Carl", do="propose", **both)
    assert (refused.status, "Two sources are given: https://other.example/list" in text(refused)) == (422, True)
    desk = text(curated.at_desk("/desk?about=city:birmingham", by="Carl"))
    ways = desk.partition("<summary>Correct one of its")[2].partition("</details>")[0]
    assert '<a href="/desk?about=twinning%3Abirmingham-guangzhou">Twinning of Birmingham and Guangzhou</a>' in ways


def test_what_another_source_says_otherwise_goes_under_no_source_until_one_is_named(curated: Curated) -> None:
    last = SOURCE | {"source_title": "List of others", "source_url": "https://others.example/", "issued-1": "May 2021"}
    assert send(curated, "source", "Carl", do="propose", **last).status == 303
    desk = text(curated.at_desk("/desk?about=twinning:birmingham-guangzhou", by="Carl"))
    assert "Guangzhou is a major twin of Birmingham." in re.sub("<[^>]*>", "", desk)  # what the source says, beside it
    (way, *_) = re.findall('href="([^"]*)">Correct it by another source<', desk)
    form = text(curated.at_desk(way, by="Carl"))
    assert ('name="source" value=""' in form, "remembered" in form) == (True, False)
    assert ('<h1 lang="en">Correct a twinning' in form, "What is stated stays" in form) == (True, True)
    (action,) = re.findall('<form id="add" action="([^"]*)"', form)
    looked = text(curated.at_desk("-d", "do=look&twin-1=Hangzhou&twin-2=Leeds", action, by="Ann"))
    assert ('<h1 lang="en">Correct a twinning' in looked, "What is stated stays" in looked) == (True, True)
    assert "remembered" in text(curated.at_desk("/desk/add/twinning", by="Carl"))


def test_the_page_of_a_form_is_for_holders_of_a_token_and_only_curators_make_changes(curated: Curated) -> None:
    assert curated.browse("/desk/add/twinning").status == 303
    assert curated.browse("-d", "do=submit", "/desk/add/twinning").status == 401
    whole = FORMS["twinning"] | SOURCE | {"twin-2": "Wuhan"}
    assert send(curated, "twinning", "Carl", do="submit", **whole).status == 403
    unseen = {name: value for name, value in whole.items() if name != "source_licence"}  # which is a warning
    unseen["source_title"] = "Another list"
    refused = send(curated, "twinning", "Ann", do="submit", **unseen)
    assert (refused.status, 'name="acknowledge"' in text(refused)) == (422, True)
    assert send(curated, "twinning", "Ann", do="submit", acknowledge="yes", **unseen).status == 303


def test_a_draft_opens_in_its_form_and_an_account_is_edited_there(curated: Curated) -> None:
    whole = FORMS["twinning"] | SOURCE | {"twin-1": "York", "twin-2": "Wuhan", "source_title": "List of York"}
    kept = send(curated, "twinning", "Ann", do="keep", summary="Seen in York", **whole).headers["location"]
    form = curated.at_desk(kept, by="Ann").headers["location"]
    assert (kept.partition("=")[0], form.partition("?")[0]) == ("/desk/text?draft", "/desk/add/twinning")
    page = text(curated.at_desk(form, by="Ann"))
    fields = {name: re.findall(f'name="{name}" value="([^"]*)"', page)[0] for name in ("draft", "tag", "source_title")}
    assert (fields["source_title"], 'name="twin-1" value="York"' in page) == ("List of York", True)
    assert 'name="summary" maxlength="500" value="Seen in York"' in page
    other = curated.at_desk(form.replace("/twinning", "/office"), by="Ann")
    assert (other.status, other.headers["location"]) == (303, kept)
    assert curated.at_desk(f"{kept}&as=text", by="Ann").status == 200
    again = whole | {"draft": fields["draft"], "tag": fields["tag"], "begin-1": "2012"}
    assert send(curated, "twinning", "Ann", do="keep", **again).headers["location"] == kept
    late = send(curated, "twinning", "Ann", do="keep", **again)
    assert (late.status, 'name="draft"' in text(late)) == (412, False)
    assert 'value="2012"' in text(curated.at_desk(form, by="Ann"))
    made = send(curated, "twinning", "Ann", do="submit", **whole)
    assert (made.status, send(curated, "twinning", "Ann", do="discard", **again).status) == (303, 412)
    again["tag"] = re.findall('name="tag" value="([^"]*)"', text(curated.at_desk(f"{kept}&as=text", by="Ann")))[0]
    assert send(curated, "twinning", "Ann", do="discard", **again).headers["location"] == "/desk/mine"
    about = text(curated.at_desk("/desk?about=twinning:wuhan-york", by="Ann"))
    (edit,) = re.findall('href="(/desk/add/twinning[?]edits=[^"&]*)"', about)
    page = text(curated.at_desk(edit, by="Ann"))
    assert (">Edit a twinning<" in page, 'name="begin-1" value="2011"' in page) == (True, True)
    assert (">New source<" in page, "Source: <strong>List of York</strong>" in page) == (False, True)
    beside = text(curated.at_desk(f"{edit}&beside=yes", by="Ann"))
    assert (">Correct a twinning<" in beside, 'name="begin-1" value="2011"' in beside) == (True, True)
    assert ('name="edits"' in beside, ">New source<" in beside, f"{edit}&beside=yes" in about) == (False, True, True)
    account = {"edits": "account:list-of-york--twinning-wuhan-york", "source": "source:list-of-york"}
    edited = send(
        curated,
        "twinning",
        "Ann",
        do="submit",
        **account,
        **(FORMS["twinning"] | {"twin-1": "York", "twin-2": "Wuhan", "begin-1": "2013"}),
    )
    change = curated.ask(f"{edited.headers['location'].removeprefix('/desk')}.json").members
    assert (len(change["removed"]), len(change["added"])) == (1, 1)
    both = FORMS["twinning"] | {"twin-1": "York", "twin-2": "Wuhan", "begin-1": "2014", "note-1": "As signed"}
    draft = send(curated, "twinning", "Ann", do="keep", **account, **both).headers["location"]
    page = text(curated.at_desk(curated.at_desk(draft, by="Ann").headers["location"], by="Ann"))
    for said in (">Edit a twinning<", 'name="begin-1" value="2014"', "As signed</textarea>"):
        assert said in page, said
    kept = curated.ask(f"/proposals/{draft.partition('=')[2]}", by="Ann").members
    assert ("begin-1=2014" in kept["form"]["text"], len(kept["removed"]["text"].splitlines())) == (True, 1)
    unknown = curated.at_desk("/desk/add/twinning?edits=%3C", by="Ann")
    assert (unknown.status, ">Add a twinning<" in text(unknown)) == (200, True)


def test_a_form_that_is_not_complete_is_kept_as_a_draft_with_all_that_is_written(curated: Curated) -> None:
    sent = {"twin-1": "York", "begin-1": "sometime", "note-1": "To be asked", "source_title": "Letters of York"}
    kept = send(curated, "twinning", "Carl", do="keep", **sent).headers["location"]
    assert "Twinning, not complete" in text(curated.at_desk("/desk/mine", by="Carl"))
    form = curated.at_desk(kept, by="Carl").headers["location"]
    page = text(curated.at_desk(form, by="Carl"))
    for said in ("It is not complete yet.", 'value="sometime"', "To be asked</textarea>", 'value="Letters of York"'):
        assert said in page, said
    assert 'name="summary" maxlength="500" value=""' in page
    fields = {name: re.findall(f'name="{name}" value="([^"]*)"', page)[0] for name in ("draft", "tag")}
    whole = FORMS["twinning"] | sent | {"twin-1": "York", "twin-2": "Wuhan", "begin-1": "2011"} | fields
    proposed = send(curated, "twinning", "Carl", do="propose", **whole)
    assert (proposed.status, proposed.headers["location"]) == (303, f"/desk/proposals/{fields['draft']}")
    page = proposed.headers["location"]
    assert "Open its form again" not in text(curated.at_desk(page, by="Carl"))
    assert curated.at_desk("-d", "reason=", f"{page}/withdraw", by="Carl").status == 303
    (again,) = re.findall('href="([^"]*)">Open its form again<', text(curated.at_desk(page, by="Carl")))
    assert "To be asked</textarea>" in text(curated.at_desk(again, by="Carl"))
    assert "Open its form again" not in text(curated.at_desk(page, by="Ann"))


def test_curated_statements_are_chosen_and_withdrawn_and_what_is_missing_leads_to_its_form(curated: Curated) -> None:
    about = text(curated.at_desk("/desk?about=city:leeds", by="Ann"))
    assert re.search('<h3>What is missing here</h3> ?<ul> ?<li><a href="/desk/add/[a-z]+[?][^"]+">', about)
    whole = FORMS["twinning"] | SOURCE | {"twin-1": "York", "twin-2": "Macao", "note-1": "To be taken away"}
    assert send(curated, "twinning", "Ann", do="submit", **whole).status == 303
    page = curated.at_desk("/desk?about=twinning:macao-york", by="Ann").body.decode()
    (note,) = map(unescape, re.findall('name="remove" value="([^"]*#note[^"]*)"', page))
    thing = "https://w3id.org/city-diplomacy/id/twinning/macao-york"
    chosen = urlencode({"thing": thing, "remove": note, "summary": "Misread"})
    seen = text(curated.at_desk("-d", chosen, "/desk/text", by="Ann"))
    for part in (f"D {note}", "1 statement goes.", 'required value="Misread"', f'value="{thing}"'):
        assert part in seen, part
    gone = curated.at_desk("-d", f"{chosen}&do=submit", "/desk/text", by="Ann")
    assert (gone.status, gone.headers["location"].startswith("/desk/changes/")) == (303, True)
    marked = urlencode({"thing": thing, "withdraw": thing, "summary": "Misread", "do": "submit"})
    proposed = curated.at_desk("-d", marked, "/desk/text", by="Ann")  # which takes two
    assert (proposed.status, proposed.headers["location"].startswith("/desk/proposals/")) == (303, True)
    assert curated.at_desk("-d", "thing=%3C&withdraw=x", "/desk/text", by="Ann").status in (400, 404)


@pytest.mark.parametrize(("form", "name"), [("network", "Alliance of Editors"), ("organisation", "Office of Editors")])
def test_a_body_that_a_form_has_added_is_edited_in_its_form(curated: Curated, form: str, name: str) -> None:
    made = send(curated, form, "Ann", do="submit", **(SOURCE | {"prefLabel-1": name}))
    assert made.status == 303, text(made)
    page = text(curated.at_desk(f"/desk?about={form}:{name.lower().replace(' ', '-')}", by="Ann"))
    (edit,) = re.findall(rf'href="(/desk/add/{form}\?edits=[^"]+)">Edit its names and more<', page)
    filled = text(curated.at_desk(edit, by="Ann"))
    assert f'value="{name}"' in filled
    assert "Name in English" in filled


def test_a_source_that_dates_a_tie_otherwise_does_not_deny_it_and_what_it_says_stands_beside(curated: Curated) -> None:
    tie = FORMS["twinning"] | {"twin-1": "Kobe", "twin-2": "Wuhan"}
    for title, year in (("List of York", "1988"), ("Letters of York", "1989"), ("Diary of York", "1988-05-02")):
        said = SOURCE | tie | {"source_title": title, "source_url": "", "begin-1": year}
        assert send(curated, "twinning", "Ann", do="submit", acknowledge="yes", **said).status == 303
    city = curated.ask("-H", "Accept: text/html", "/doc/city/kobe").body.decode()
    drawing = city[city.index('<div class="drawing">') : city.index("</figure>")]
    assert ("Wuhan" in drawing, "denied" in drawing, "of-denies" in drawing) == (True, False, False)
    tie_page = "/doc/twinning/kobe-wuhan"
    page = curated.ask("-H", "Accept: text/html", tie_page).body.decode()
    assert ("Otherwise by" in page, "since 1989" in page, ">Denied by<" in page) == (True, True, False)
    assert ">Stated more exactly by<" in page  # other kinds keep their words
    refused = {"source_title": "Archive of York", "source_url": "", "status": "status:refused", "begin-1": ""}
    sent = send(curated, "twinning", "Ann", do="submit", acknowledge="yes", **(SOURCE | tie | refused))
    assert sent.status == 303
    assert ">Denied by<" in curated.ask("-H", "Accept: text/html", tie_page).body.decode()
