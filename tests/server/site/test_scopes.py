"""The switch of works: pages show the works that the address chooses, and their links carry the choice along."""

from __future__ import annotations

import csv
import html
import io
import re
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg.queries import Question, canned_queries
from kg.rdf.scopes import REPORT
from server.linked_data import lists
from server.service import Service
from server.service.questions import Questions

pytestmark = pytest.mark.drawn

PAGES = ("/", "/map", "/evidence/twinnings", "/evidence/memberships", "/doc", "/doc/city", "/search?q=birm")
OTHERS = ("/queries", "/queries?topic=twinnings", "/disagreements", "/disagreements?kind=denies")
"""Pages whose content is chosen in ways of their own."""
TITLES = {"report": "CLI 2016", "rusi-2025": "RUSI 2025", "all": "All works"}


def page(client: FlaskClient, path: str, scope: str = "", status: int = 200) -> str:
    mark = "&" if "?" in path else "?"
    answer = client.get(f"{path}{mark}scope={scope}" if scope else path, headers={"Accept": "text/html"})
    assert answer.status_code == status, path
    return html.unescape(answer.text)


def lit(content: str) -> list[str]:
    switch = content.partition('aria-label="Works shown"')[2].partition("</nav>")[0]
    return re.findall(r'aria-current="true">([^<]*)', switch)


def scoped(content: str) -> dict[str, str]:
    """Return the addresses of links to pages of works, lists, questions and so on with their scopes."""
    below_switch = re.sub(r'<nav aria-label="Works shown">.*?</nav>', "", content, flags=re.DOTALL)
    found = re.findall(
        r'href="(/(?:map|evidence|doc|search|queries|disagreements|report|works)?(?:[/.?#][^"]*)?)"', below_switch
    )
    return {address: (re.findall(r"[?&]scope=([^&#]*)", address) or [""])[0] for address in found}


def _asks_on_its_own(path: str, address: str) -> bool:
    """Return True for a question about all works or the world, those about disagreements between works, and examples.

    What the parameters of a question or of the map name may be in no other scope.
    """
    if re.match(r"/(queries/|map)[^?]*\?(?!scope=[^&]*$)", html.unescape(address)) and "scope=" not in address:
        return True
    question = canned_queries().get(re.sub(r"^/queries/|[?.].*$", "", address))
    return question is not None and (question.scope != REPORT or path.startswith("/disagreements"))


@pytest.mark.parametrize("path", [*PAGES, *OTHERS])
@pytest.mark.parametrize("scope", TITLES)
def test_the_chosen_work_is_lit_and_carried_by_every_link(both: FlaskClient, path: str, scope: str) -> None:
    content = page(both, path, scope)
    assert lit(content) == [TITLES[scope]]
    found = {address: of for address, of in scoped(content).items() if not _asks_on_its_own(path, address)}
    assert len(found) > 10
    assert {address: of for address, of in found.items() if of != scope} == {}
    assert f'<input type="hidden" name="scope" value="{scope}">' in content  # of the field for names


@pytest.mark.parametrize("path", PAGES)
def test_without_a_choice_all_works_are_shown_and_addresses_stay_as_they_were(both: FlaskClient, path: str) -> None:
    content = page(both, path)
    assert lit(content) == ["All works"]
    assert {of for address, of in scoped(content).items() if not address.startswith("/queries/")} == {""}


def test_a_catalogue_of_questions_refuses_a_scope_that_there_is_not(both: FlaskClient) -> None:
    for suffix in ("html", "json", "ttl"):
        assert both.get(f"/queries.{suffix}?scope=rusi").status_code == 400, suffix


def test_questions_are_of_all_works_without_a_choice_and_their_addresses_say_so(both: FlaskClient) -> None:
    content = page(both, "/queries")
    assert lit(content) == ["All works"]
    assert "/queries/twins-of-a-city?thing=city%3Alondon&scope=all" in content
    assert "scope=all" not in page(both, "/queries", "report").partition("<main")[2].partition("Twinnings</h2>")[2]


def test_the_switch_keeps_what_else_the_address_says_but_the_page(both: FlaskClient) -> None:
    content = page(both, "/map?agreement=one&at=")
    assert 'href="/map?agreement=one&at=&scope=rusi-2025"' in content
    assert 'href="/doc/passage?scope=rusi-2025"' in page(both, "/doc/passage?page=2")


def test_pages_show_what_the_chosen_work_says(both: FlaskClient) -> None:
    ties = {scope: page(both, "/map", scope) for scope in TITLES}
    named = {
        scope: [tie in content for tie in ("birmingham-guangzhou", "birmingham-changchun")]
        for scope, content in ties.items()
    }
    assert named == {"report": [True, False], "rusi-2025": [False, True], "all": [True, True]}
    assert "city/moscow" in page(both, "/doc/city")
    assert "city/moscow" not in page(both, "/doc/city", "rusi-2025")
    assert "birmingham-changchun" in page(both, "/evidence/twinnings", "rusi-2025")
    assert "birmingham-changchun" not in page(both, "/evidence/twinnings", "report")
    counts = {scope: re.findall(r"(\d+) <a href=\"/map", page(both, "/", scope)) for scope in TITLES}
    assert counts["rusi-2025"] == ["14"]  # and two that are implied
    assert int(counts["report"][0]) < int(counts["all"][0])


def test_tables_keep_the_scope(both: FlaskClient) -> None:
    def names(path: str) -> set[str]:
        return {row["name"] for row in csv.DictReader(io.StringIO(both.get(path).text))}

    link = re.findall(r'href="(/doc/twinning\.csv[^"]*)"', page(both, "/doc/twinning?page=1", "rusi-2025"))[0]
    of_rusi, every = names(html.unescape(link)), names("/doc/twinning.csv")
    assert len(of_rusi) == 16
    assert of_rusi < every
    rows = csv.DictReader(io.StringIO(both.get("/evidence/twinnings.csv?scope=rusi-2025").text))
    assert {"rusi-2025" in row["passage"] for row in rows} == {True}


def test_disagreements_of_a_work_are_those_that_it_takes_part_in(both: FlaskClient) -> None:
    of_rusi, every = (both.get(f"/disagreements.json{query}").json for query in ("?scope=rusi-2025", ""))
    assert of_rusi
    assert every
    assert {one["iri"] for one in of_rusi["all"]} == {
        one["iri"] for one in every["all"] if any("/rusi-2025/" in passage["iri"] for passage in one["passages"])
    }
    assert set(of_rusi["between"]) == set(every["between"]) & {one["iri"] for one in of_rusi["all"]} != set()
    assert sum(every["within"].values()) + len(every["between"]) == sum(
        kind["count"] for kind in every["kinds"] if kind["name"] != "copy-gap"
    )


def test_a_name_that_no_work_has_is_refused_with_those_that_there_are(both: FlaskClient) -> None:
    assert "Available: report, rusi-2025, all." in page(both, "/map", "rusi", 400)
    assert "citykg build --with world" in page(both, "/doc/city", "world", 404)


def test_the_world_is_chosen_like_any_work_and_not_drawn_tie_by_tie(beside: FlaskClient) -> None:
    assert lit(page(beside, "/map")) == ["CLI 2016"]
    for path in ("/", "/map"):
        content = page(beside, path, "world")
        assert lit(content) == ["Wikidata, September 2016"]
        assert "too many to draw" in content
        assert "map-of-countries" in content
        assert 'href="/queries/map-of-countries"' in content  # a question of the world has its own scope
    assert lit(page(beside, "/doc/twinning", "world")) == ["Wikidata, September 2016"]


def test_one_work_has_no_switch(client: FlaskClient) -> None:
    assert "Works shown" not in page(client, "/") + page(client, "/doc/city") + page(client, "/queries")


def test_the_list_of_twinnings_says_why_it_has_more_than_home_counts(both: FlaskClient) -> None:
    (stated,) = re.findall(r"(\d+) <a href=\"/map", page(both, "/"))
    ((every, implied),) = re.findall(r"(\d+)\s+in all works, (\d+) of them only implied", page(both, "/doc/twinning"))
    assert int(every) - int(implied) == int(stated)


@pytest.mark.parametrize("scope", ["report", "world", "all"])
def test_home_lists_and_search_count_as_cities_the_same_things(beside: FlaskClient, scope: str) -> None:
    (on_home,) = re.findall(r"([\d,]+) <a href=\"/doc/city", page(beside, "/", scope))
    listed = page(beside, "/doc/city", scope)
    kinds = beside.get(f"/doc?scope={scope}", headers={"Accept": "application/json"}).json
    assert (on_home, kinds["kinds"]["city"]) == (re.findall(r"([\d,]+) in all", listed)[0], int(on_home))
    assert ('href="/doc/polity/q3167' in listed) == (scope != "report")  # Siegen, which was made as a polity


def test_a_body_that_is_a_city_by_now_is_found_and_filed_as_one(beside: FlaskClient) -> None:
    assert '<a href="/doc/city">Cities</a>' in page(beside, "/doc/polity/q3167")
    asked = {"queries": '{"q": {"query": "Siegen", "type": "city"}}'}
    (first,) = beside.post("/reconcile", data=asked).json["q"]["result"]
    assert (first["id"], first["type"][0]["id"], first["match"]) == ("polity/q3167", "city", True)
    assert beside.get("/search?q=siegen", headers={"Accept": "application/json"}).json["kinds"]["city"] == 1


def test_the_page_of_a_thing_follows_the_scope_and_says_what_is_left_out(both: FlaskClient) -> None:
    every, of_report = (page(both, "/doc/city/birmingham", scope) for scope in ("", "report"))
    assert "birmingham-changchun" in every
    assert "birmingham-changchun" not in of_report
    assert "Only what CLI 2016 says is shown. RUSI 2025 names it, too" in of_report
    assert 'href="/doc/city/birmingham?scope=all"' in of_report
    assert "is shown" not in every + page(both, "/doc/city/birmingham", "all")
    turtle = both.get("/doc/city/birmingham.ttl?scope=report").text
    assert "changchun" not in turtle
    assert "changchun" in both.get("/doc/city/birmingham.ttl").text


def test_the_page_of_a_thing_that_the_scope_has_not_shows_all_works_and_says_so(both: FlaskClient) -> None:
    assert "RUSI 2025 does not name it; this is" in page(both, "/doc/city/moscow", "rusi-2025")
    page(both, "/doc/city/nowhere", "rusi-2025", 404)
    page(both, "/doc/city/moscow", "rusi", 400)


def test_objections_stand_beside_the_account_to_which_they_are_raised(both: FlaskClient) -> None:
    said = (
        page(both, "/doc/twinning/newcastle-upon-tyne-taiyuan").partition('id="accounts"')[2].partition("</section>")[0]
    )
    accounts = [re.sub(r"\s+", " ", re.sub("<[^>]*>", "", one)) for one in re.findall("<li>.*?</li>", said, re.DOTALL)]
    first = next(one for one in accounts if "CLI 2016, Table 1" in one)
    listed = "CLI 2016, Table 1 lists Taiyuan as an official twin of Newcastle upon Tyne"
    assert re.search(f"{listed}.*In tension with RUSI 2025, section 3.6, paragraph 2", first)
    assert "Other sources" not in said


def test_each_number_of_disagreements_says_what_it_counts(both: FlaskClient) -> None:
    def numbers(pattern: str, path: str) -> list[int]:
        (found,) = re.findall(pattern, " ".join(page(both, path).split()))
        return [int(number or 0) for number in (found if isinstance(found, tuple) else (found,))]

    every, by_rule = numbers(r">(\d+) disagreements</a>(?:, \d+ that the editors found and (\d+) by rule)?", "/")
    read = both.get("/disagreements.json").json
    assert [every, by_rule] == [len(read["all"]) - read["kinds"][-1]["count"], read["by_rule"]]
    (by_editors,) = numbers(r"There are \d+ disagreements: (\d+) that the editors found", "/disagreements")
    listed, gaps = numbers(r"(\d+) in all works, (\d+) of them gaps of our copies alone", "/doc/disagreement")
    counted = csv.DictReader(
        io.StringIO(both.get("/queries/disagreements.csv?scope=all&columns=kind,disagreement.count:disagreements").text)
    )
    assert sum(int(row["disagreements"]) for row in counted) == listed - gaps == by_editors == every - by_rule


def test_lists_say_of_when_the_works_speak_and_name_these(both: FlaskClient) -> None:
    first = next(csv.DictReader(io.StringIO(both.get("/doc/twinning.csv").text)))
    assert first["as_of"] == "2015"
    works = {row["iri"]: row["name"] for row in csv.DictReader(io.StringIO(both.get("/doc/publication.csv").text))}
    assert works["https://w3id.org/city-diplomacy/id/publication/this-report"] == "CLI 2016"
    assert "January 2016 (as of 2015)" in " ".join(page(both, "/").split())


def test_passages_in_a_table_are_named_with_their_work(both: FlaskClient) -> None:
    of_tie = {
        row["iri"].rpartition("/")[2]: row for row in csv.DictReader(io.StringIO(both.get("/doc/twinning.csv").text))
    }
    assert "CLI 2016, Table 2" in of_tie["birmingham-guangzhou"]["stated_in"]
    assert "CLI" not in both.get("/doc/twinning.csv?scope=report").text


def test_entries_of_a_data_set_are_one_source_that_opens(beside: FlaskClient) -> None:
    for path in ("/doc/city/leeds", "/doc/twinning"):
        content = page(beside, path)
        folded = re.findall(
            r'<details class="entries">\s*<summary class="chip">([^<]*)</summary>(.*?)</details>', content, re.DOTALL
        )
        assert folded
        for title, entries in folded:
            count = len(re.findall(r'href="/doc/passage/wikidata-2016/', entries))
            assert title == f"Wikidata 2016, {count} entries"
            assert count > 1
        left = re.sub(r'<details class="entries">.*?</details>', "", content, flags=re.DOTALL)
        groups = re.findall(r'class="chips">(.*?)</(?:span|div)>', left, re.DOTALL)
        assert all(group.count("/doc/passage/wikidata-2016/") < 2 for group in groups)


def test_a_long_list_is_written_in_parts(both: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = both.get("/doc/account.csv").data
    monkeypatch.setattr(lists, "_AT_ONCE", 7)
    assert both.get("/doc/account.csv", headers={"Cache-Control": "no-cache"}).data == whole
    assert whole.count(b"iri,name") == 1
    assert len(list(csv.reader(io.StringIO(whole.decode())))) > 500


def test_a_question_of_a_chosen_work_is_asked_once(
    both: FlaskClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked: list[str] = []
    ask = Questions.ask

    def count(self: Questions, question: Question, *given: object, **more: object) -> object:
        asked.append(question.scope)
        return ask(self, question, *given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(Questions, "ask", count)
    monkeypatch.setattr(Service.of(both.application).results, "folder", tmp_path)  # without those of other tests
    added = "Ask all works"
    assert added in page(both, "/queries/twins-of-a-city?thing=cardiff", "report")
    assert added in page(both, "/queries/twins-of-a-city?thing=glasgow")
    assert asked == ["report", "report", "all"]
