"""What a canned question is asked of: the report by itself, whatever is loaded beside it, unless more is wanted."""

from __future__ import annotations

import html

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Store

from kg.queries.catalogue import CannedQuery, canned_queries
from kg.rdf.formats import RESULT_FORMAT
from kg.rdf.scopes import REPORT, SCOPES
from kg.sparql.evaluation import run, serialise
from kg.store.data_folder import DataFolder

pytestmark = pytest.mark.drawn

OF_THE_REPORT = [query for query in canned_queries().values() if query.scope == REPORT]
TWINS = "/queries/twins-of-a-city.csv?thing=london"
BY_PAIRS = "/queries/twinnings"


@pytest.mark.parametrize("query", OF_THE_REPORT, ids=lambda query: query.name)
def test_an_answer_is_the_same_to_the_byte_with_other_works_and_without(
    query: CannedQuery, store: Store, with_world: DataFolder
) -> None:
    beside = Store.read_only(str(with_world.snapshot_in(REPORT, with_world.require_build())))
    asked = query.text
    assert serialise(run(beside, asked), RESULT_FORMAT["json"]) == serialise(run(store, asked), RESULT_FORMAT["json"])


@pytest.mark.parametrize("format_name", ["csv", "json", "tsv", "xml", "rq"])
def test_each_format_is_the_same_to_the_byte(client: FlaskClient, beside: FlaskClient, format_name: str) -> None:
    for address in (f"/queries/twins-of-a-city.{format_name}?thing=london", f"{BY_PAIRS}.{format_name}?limit=3"):
        assert beside.get(address).data == client.get(address).data


def test_a_scope_is_asked_by_name(beside: FlaskClient) -> None:
    rows = {scope: beside.get(f"{TWINS}&scope={scope}").text for scope in ("", "report", "world", "all")}
    assert rows[""] == rows["report"]
    twins = ("Shanghai", "Moscow")
    assert {scope: [twin in rows[scope] for twin in twins] for scope in ("report", "world", "all")} == {
        "report": [True, False],
        "world": [True, True],
        "all": [True, True],
    }


def test_a_tie_counts_though_nobody_has_named_a_party_in_english(beside: FlaskClient) -> None:
    ties = "/queries/ties.csv?thing=city:leeds&kind=cd:Twinning&scope="
    found = {scope: {name for name in ("Brno", "Siegen") if name in beside.get(ties + scope).text} for scope in SCOPES}
    assert found == {"report": {"Brno"}, "world": {"Brno", "Siegen"}, "all": {"Brno", "Siegen"}}


def test_who_says_so_is_of_the_scope(beside: FlaskClient) -> None:
    asked = f"{TWINS}&evidence=yes"
    assert "wikidata-2016" in beside.get(f"{asked}&scope=world").text
    assert "wikidata-2016" not in beside.get(asked).text


def test_a_page_names_the_entries_of_a_data_set_by_what_they_are_about_and_a_table_by_their_labels(
    beside: FlaskClient,
) -> None:
    page = {"Accept": "text/html"}
    asked = "/queries/twins-of-any-city?thing=leeds"
    assert "Wikidata 2016: Q3167; Wikidata 2016: Q39121" in beside.get(asked, headers={"Accept": "text/csv"}).text
    assert "Wikidata 2016: Siegen (Q3167); Wikidata 2016: Leeds (Q39121)" in beside.get(asked, headers=page).text
    assert "Section 4.2, paragraph 1; Wikidata 2016: Brno (Q14960)" in beside.get(asked, headers=page).text
    of_a_city = beside.get("/queries/twins-of-a-city?thing=leeds&scope=all", headers=page).text
    assert "Wikidata 2016: Siegen (Q3167)" in of_a_city
    assert "Q3167</span>" not in of_a_city


def test_addresses_keep_the_scope_and_leave_out_the_usual_one(beside: FlaskClient) -> None:
    links = beside.get(f"{TWINS}&scope=world&limit=2").headers["Link"]
    assert "twins-of-a-city.json?thing=city%3Alondon&scope=world&limit=2>" in links
    assert "scope=world&limit=2&offset=2" in links
    others = beside.get(f"{BY_PAIRS}.csv?scope=report").headers["Link"].split(", <")
    scoped = [link.strip("<").partition(">")[0] for link in others if "scope" in link]
    # what is said of a CSV is found by the address as it was written
    assert scoped == [f"{BY_PAIRS}.csv-metadata.json?scope=report", f"{BY_PAIRS}.csv?scope=all"]


def test_a_value_is_looked_up_in_the_scope(beside: FlaskClient) -> None:
    asked = "/queries/places.csv?country=poland"
    assert (beside.get(asked).status_code, beside.get(f"{asked}&scope=all").status_code) == (400, 200)


def test_a_text_says_what_it_was_asked_of(beside: FlaskClient) -> None:
    asked = "/queries/twins-of-a-city.rq?thing=london"
    assert "#+ scope: report\n" in beside.get(asked).text
    assert "#+ scope: all\n" in beside.get(f"{asked}&scope=all").text


def test_the_page_offers_scopes_only_where_there_are_several(client: FlaskClient, beside: FlaskClient) -> None:
    page = html.unescape(beside.get("/queries/absences?scope=all", headers={"Accept": "text/html"}).text)
    assert '<option value="all" selected>all that is loaded</option>' in page
    assert '<option value="">the report, and what was added to it</option>' in page
    assert "scope=all" in page.partition("Copy and API")[2]
    assert "all that is loaded" not in client.get("/queries/absences", headers={"Accept": "text/html"}).text


def test_a_scope_that_is_not_loaded_is_told_with_a_way_out(client: FlaskClient) -> None:
    answer = client.get(f"{TWINS}&scope=world")
    assert (answer.status_code, answer.json["title"]) == (404, "A work is not loaded")
    assert answer.json["hint"] == "The operator can load it: citykg build --with world"
    assert client.get(f"{TWINS}&scope=all").data == client.get(TWINS).data


def test_another_word_is_no_scope(beside: FlaskClient) -> None:
    answer = beside.get(f"{TWINS}&scope=wrld")
    assert answer.status_code == 400
    assert "Did you mean 'world'?" in answer.json["detail"]
    page = beside.get("/queries/twins-of-a-city?thing=london&scope=wrld", headers={"Accept": "text/html"})
    assert page.status_code == 400
    assert "Did you mean 'world'?" in html.unescape(page.text)


def test_a_question_is_found_where_its_work_is_loaded(client: FlaskClient, beside: FlaskClient) -> None:
    asked = "/search.json?q=twins-of-any-city&kind=question"
    address = "/queries/twins-of-any-city"
    assert address in beside.get(asked).text
    assert address not in client.get(asked).text
    assert address not in client.get("/queries/twins-of-any-town").text
    assert address in beside.get("/queries/twins-of-any-town").text
