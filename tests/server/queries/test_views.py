"""The canned queries as an API: a running server, asked by curl."""

from __future__ import annotations

import csv
import html
import io
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote
from xml.etree import ElementTree

import pytest
from pyoxigraph import QueryResultsFormat, RdfFormat, Store, parse, parse_query_results

from kg.errors import BadValueError
from kg.queries import catalogue
from kg.queries.catalogue import CannedQuery
from kg.queries.paging import RowRange
from kg.queries.question import Question
from kg.queries.values import check_value, choices
from kg.rdf import namespaces
from kg.rdf.formats import GRAPH_FORMATS
from kg.store.data_folder import DataFolder
from server.queries import addresses, health
from server.service.workers import Workers
from tests.support.answers import by_hand
from tests.support.http import Ask
from tests.support.serving import client as client_of
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn

QUERIES = catalogue.canned_queries()
TWINS = "/queries/twins-of-a-city"
LEEDS = f"{TWINS}?thing=leeds"


def accept(media_type: str) -> tuple[str, str]:
    return "-H", f"Accept: {media_type}"


def rows(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode())))


@pytest.fixture(scope="session")
def listed(ask: Ask) -> list[dict[str, Any]]:
    entries: list[dict[str, Any]] = json.loads(ask("/queries.json").body)
    return entries


LISTINGS = {"json": "application/json", "html": "text/html"} | {fmt.suffix: fmt.media_type for fmt in GRAPH_FORMATS}


@pytest.mark.parametrize(("suffix", "media_type"), LISTINGS.items())
def test_the_catalogue_by_negotiation_and_by_suffix(ask: Ask, suffix: str, media_type: str) -> None:
    chosen = ask(*accept(media_type), "/queries")
    by_suffix = ask(*accept("image/png"), f"/queries.{suffix}")
    assert (chosen.status, chosen.type) == (by_suffix.status, by_suffix.type) == (200, media_type)
    assert chosen.body == by_suffix.body
    assert chosen.headers["content-location"] == f"/queries.{suffix}"
    assert "Accept" in chosen.headers["vary"]
    assert chosen.headers["etag"] == by_suffix.headers["etag"]
    assert set(chosen.links("alternate")) == {f"/queries.{s}" for s in LISTINGS} - {f"/queries.{suffix}"}
    assert ask("-H", f"If-None-Match: {chosen.headers['etag']}", f"/queries.{suffix}").status == 304


def test_the_catalogue_in_turtle_lists_the_same_queries(ask: Ask, listed: list[dict[str, Any]]) -> None:
    stated = parse(ask("/queries.ttl").body, RdfFormat.TURTLE)
    executables = {q.subject.value for q in stated if str(q.object).endswith("SPARQLExecutable>")}  # type: ignore[union-attr]
    assert executables == {namespaces.QUERIES + entry["name"] for entry in listed}


def test_the_catalogue_in_json_says_all(ask: Ask, store: Store, listed: list[dict[str, Any]]) -> None:
    assert [entry["name"] for entry in listed] == [*catalogue.canned_queries(())]
    for entry in listed:
        query = QUERIES[entry["name"]]
        for member in ("topic", "summary", "description", "columns", "view"):
            assert entry[member] == getattr(query, member)
        assert entry["columnsOnDemand"] == query.more
        assert entry["tags"] == list(query.tags)
        assert entry["paging"] == {"allowed": True, "reason": None}
        for stated, parameter in zip(entry["parameters"], query.parameters, strict=True):
            for member in ("name", "type", "label", "default", "example", "optional"):
                assert stated[member] == getattr(parameter, member)
            known = [{"value": value, "label": label} for value, label in choices(store, parameter, True).items()]
            assert stated["choices"] == (known or None)
    assert any(p["choices"] for entry in listed for p in entry["parameters"])


def test_a_question_in_no_list_answers_and_says_what_to_ask_instead(ask: Ask, listed: list[dict[str, Any]]) -> None:
    address = "/queries/cities-side-by-side"
    assert address not in {entry["address"] for entry in listed}
    assert f'href="{address}' not in ask(*accept("text/html"), "/queries").body.decode()
    page = ask(*accept("text/html"), f"{address}?one=leeds&other=york").body.decode()
    assert "Leeds" in page
    assert 'Instead:\n<a href="/compare">/compare</a>' in page


def test_the_addresses_of_the_catalogue_lead_to_their_formats(ask: Ask, listed: list[dict[str, Any]]) -> None:
    for entry in (entry for entry in listed if entry["name"] in ("places", "twinnings")):
        media_types = addresses.formats(QUERIES[entry["name"]])
        assert ask(entry["address"]).status == 200
        assert entry["formats"].keys() == media_types.keys()
        for suffix, address in entry["formats"].items():
            answer = ask(*accept("image/png"), address)
            assert (answer.status, answer.type) == (200, media_types[suffix])
    assert "geojson" in addresses.formats(QUERIES["places"])
    assert "geojson" not in addresses.formats(QUERIES["twins-of-a-city"])


def test_an_answer_has_what_caches_and_clients_go_by(ask: Ask) -> None:
    answer = ask(*accept("text/csv"), f"{TWINS}?thing=leeds")
    assert (answer.status, answer.type) == (200, "text/csv")
    assert answer.headers["content-location"] == f"{TWINS}.csv?thing=city%3Aleeds"
    assert "Accept" in answer.headers["vary"]
    assert re.fullmatch(r'"[0-9a-f]{32}-csv"', answer.headers["etag"])
    alternates = answer.links("alternate")
    assert set(alternates) == {f"{TWINS}.{s}?thing=city%3Aleeds" for s in ("json", "xml", "tsv", "md", "html", "rq")}
    assert all(ask(address).status == 200 for address in alternates)
    assert {"/queries.json", "/queries.ttl"} <= set(answer.links("describedby"))
    assert set(answer.links("service-desc")) == {"/openapi.json"}
    concrete = ask(answer.headers["content-location"])
    assert (concrete.body, concrete.headers["etag"]) == (answer.body, answer.headers["etag"])
    assert "content-location" not in concrete.headers


def test_each_format_has_the_columns_in_the_order_that_was_written_down(ask: Ask) -> None:
    _, _, directives = by_hand(QUERIES["twins-of-a-city"])
    (columns,) = (one.split()[1:] for one in directives if one.startswith("columns "))
    first = {suffix: ask(f"{TWINS}.{suffix}?thing=leeds").body.decode().splitlines()[0] for suffix in ("csv", "tsv")}
    assert first == {"csv": ",".join(columns), "tsv": "\t".join(f"?{name}" for name in columns)}
    assert json.loads(ask(f"{TWINS}.json?thing=leeds").body)["head"]["vars"] == columns
    assert re.findall(r'<variable name="(\w+)"', ask(f"{TWINS}.xml?thing=leeds").body.decode()) == columns


def test_the_validator_is_of_the_format_and_the_values(ask: Ask) -> None:
    asked = [f"{TWINS}.csv?thing=leeds", f"{TWINS}.csv?thing=london", f"{TWINS}.tsv?thing=leeds"]
    tags = [ask(address).headers["etag"] for address in asked]
    assert len(set(tags)) == 3
    for address, tag in zip(asked, tags, strict=True):
        again = ask("-H", f"If-None-Match: {tag}", address)
        assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
        assert ask("-H", 'If-None-Match: "other"', address).status == 200
    assert ask("-I", asked[0]).headers["etag"] == tags[0]


@pytest.mark.parametrize(
    ("asked", "wanted", "way_out"),
    [
        ("thing=lodnon", "parameter thing cannot be 'lodnon'", "For example: city:london"),
        ("thing=country:china", "parameter thing cannot be 'country:china'", "Available: city:amsterdam"),
        ("town=leeds", "no parameter 'town'", "Available: thing, format, limit, offset"),
        ("thnig=leeds", "Did you mean 'thing'?", "Available: thing"),
        ("thing=leeds&thing=london", "parameter thing is given 2 times: 'leeds', 'london'", "once"),
        ("thing=leeds&limit=1&limit=1", "parameter limit is given 2 times", "once"),
        ("limit=-1", "parameter limit cannot be '-1'", "For example: 10"),
        ("offset=1e3", "parameter offset cannot be '1e3'", "For example: 10"),
        ("limit=%D9%A3", "parameter limit cannot be '٣'", "For example: 10"),
        ("limit=1%20OFFSET%200%20%23", "parameter limit cannot be '1 OFFSET 0 #'", "For example: 10"),
    ],
)
def test_a_wrong_request_is_told_with_the_way_out(ask: Ask, asked: str, wanted: str, way_out: str) -> None:
    answer = ask(f"{TWINS}?{asked}")
    assert (answer.status, answer.type) == (400, "application/problem+json")
    problem = json.loads(answer.body)
    assert wanted in problem["detail"]
    assert way_out in problem["hint"]


@pytest.mark.parametrize(
    ("path", "parameter", "example"),
    [
        (TWINS, "thing", "city:london"),
        (f"{TWINS}.csv", "thing", "city:london"),
        (f"{TWINS}.csv?thing=", "thing", "city:london"),
        (f"{TWINS}?limit=2", "thing", "city:london"),
        (f"{TWINS}?thing=&format=rq", "thing", "city:london"),
        ("/queries/passages-on-two-entities?thing=city:leeds", "other", "city:guangzhou"),
        ("/queries/what-is-said?columns=says&theme=", "thing", "country:united-kingdom"),
    ],
)
def test_a_value_that_is_missing_is_told(ask: Ask, path: str, parameter: str, example: str) -> None:
    answer = ask(path)
    assert (answer.status, answer.type) == (400, "application/problem+json")
    problem = json.loads(answer.body)
    assert f"needs the parameter {parameter}" in problem["detail"]
    assert example in problem["hint"]
    assert "etag" not in answer.headers


def test_a_page_without_a_value_that_is_needed_offers_the_form(ask: Ask) -> None:
    for answer in (ask(f"{TWINS}.html"), ask(*accept("text/html"), TWINS)):
        assert (answer.status, answer.type) == (400, "text/html")
        page = answer.body.decode()
        assert "The field “City” is required." in page
        assert '<option value="Birmingham"></option>' in page
        example = re.search(r'href="(/queries/twins-of-a-city[?]thing=[^"]+)">London<', page)
        assert example
        assert ask(example[1]).status == 200


def test_a_page_shows_values_by_name_and_takes_them_so(ask: Ask) -> None:
    page = ask(*accept("text/html"), f"{TWINS}?thing=city:birmingham").body.decode()
    assert 'name="thing" value="Birmingham"' in page
    for name in ("Birmingham", "birmingham", "Q2256"):
        assert ask(f"{TWINS}.csv?thing={name}").body == ask(f"{TWINS}.csv?thing=city:birmingham").body


def test_every_label_that_a_form_offers_is_understood(store_for: Callable[[CannedQuery], Store]) -> None:
    for query in QUERIES.values():
        store = store_for(query)
        for parameter in query.parameters:
            if parameter.type == "iri":
                for value, label in choices(store, parameter, True).items():
                    assert check_value(store, parameter, label) == value, (query.name, label)


@pytest.mark.parametrize(
    ("path", "status", "kept", "meant"),
    [
        (f"{TWINS}?thing=Bejing", 400, 'value="Bejing"', ">Beijing</a>"),
        (f"{TWINS}?thing=castle", 400, 'value="castle"', ">Newcastle"),
        (f"{TWINS}?thing=%3Cb%3E", 400, 'value="&lt;b&gt;"', ">Birmingham</a>"),
        (f"{TWINS}?thing={'x' * 10_000}", 400, 'aria-invalid="true"', ">London</a>"),
        (f"{TWINS}?thing=leeds&limit=many", 400, 'value="Leeds"', "the parameter limit cannot be &#39;many&#39;"),
        (f"{TWINS}?thing=leeds&town=x", 400, 'value="Leeds"', "no parameter &#39;town&#39;"),
        ("/queries/passages-on-two-entities?thing=Leeds&other=Guangzou", 400, 'value="Leeds"', ">Guangzhou</a>"),
    ],
)  # fmt: skip
def test_a_wrong_value_keeps_the_form_and_leads_on(ask: Ask, path: str, status: int, kept: str, meant: str) -> None:
    answer = ask(*accept("text/html"), path)
    page = answer.body.decode()
    assert (answer.status, answer.type) == (status, "text/html")
    assert kept in page
    assert meant.lower() in page.lower()
    assert len(page) < 30_000
    for link in re.findall(r"<p>(?:Did you mean|For example).*?</p>", page, re.S):
        for address in re.findall(r'href="([^"]+)"', link):
            assert ask(html.unescape(address)).status == 200


def test_a_question_leads_to_those_that_it_names(ask: Ask) -> None:
    page = ask(*accept("text/html"), LEEDS).body.decode()
    named = QUERIES["twins-counted-and-named"].summary
    assert f'<a href="/queries/twins-counted-and-named">“{named}”</a>' in page


def test_an_answer_has_heads_in_words_and_its_columns_explained(ask: Ask) -> None:
    page = ask(*accept("text/html"), "/queries/shared-memberships?thing=beijing&other=guangzhou").body.decode()
    assert ">Roles of the first</a></th>" in page
    assert "rolesOfOne" not in re.sub("<[^>]*>", "", page.partition("<summary>The query</summary>")[0])
    page = ask(*accept("text/html"), LEEDS).body.decode()
    assert "<strong>Number of passages</strong>: " in page or "<dt>Number of passages</dt>" in page
    assert re.search(r'<th scope="col" class="number"[^>]*>(?:<a [^>]*>)?Number of passages<', page)


def test_heads_are_short_and_each_its_own() -> None:
    for query in QUERIES.values():
        heads = [head for name, head in query.headings.items() if not name.endswith("Label")]
        assert len(set(heads)) == len(heads), query.name
        assert all(0 < len(head) <= 28 for head in heads), query.name


@pytest.mark.scaled
def test_a_question_with_a_view_is_drawn_and_its_table_has_no_geometry(ask: Ask, listed: list[dict[str, Any]]) -> None:
    drawn = [entry["example"] for entry in listed if entry["view"] in ("map", "timeline", "bars")]
    for address in fresh_random("drawings of questions").sample(drawn, by_tier(4, 12, len(drawn))):
        answer = ask("-H", "Accept-Encoding: gzip", *accept("text/html"), address)
        assert len(answer.body) <= 100_000, address
        page = ask(*accept("text/html"), address).body.decode()
        assert "<figure" in page, address
        figure = ask(html.unescape(re.findall(r'href="([^"]+)">SVG</a>', page)[0]))
        assert (figure.status, figure.headers["content-type"]) == (200, "image/svg+xml; charset=utf-8")
        assert "Licence: CC-BY-4.0." in " ".join(ElementTree.fromstring(figure.body).itertext())
        assert "LINESTRING" not in page.partition("<summary>The query</summary>")[0]


def test_the_list_of_questions_is_light(ask: Ask) -> None:
    assert len(ask("-H", "Accept-Encoding: gzip", *accept("text/html"), "/queries").body) < 30_000


def test_every_topic_has_a_title_and_is_a_filter(ask: Ask) -> None:
    assert {query.topic for query in QUERIES.values()} == set(CannedQuery.TOPICS)
    page = ask(*accept("text/html"), "/queries?topic=places").body.decode()
    assert QUERIES["places"].summary in html.unescape(page)
    assert QUERIES["twinnings"].summary not in html.unescape(page)
    unknown = ask(*accept("text/html"), "/queries?topic=plces")
    assert unknown.status == 404
    assert "Did you mean" in unknown.body.decode()


@pytest.mark.scaled
def test_the_catalogue_leads_to_answers(ask: Ask, listed: list[dict[str, Any]]) -> None:
    drawn = fresh_random("links of the catalogue")
    page = ask("/queries.html").body.decode()
    linked = [html.unescape(href) for href in re.findall(r'href="(/queries/[^"]+)"', page)]
    loaded = [entry for entry in listed if not QUERIES[entry["name"]].works]
    assert len(linked) == len(loaded)
    tried = drawn.sample(loaded, by_tier(8, 20, len(loaded)))
    assert [entry["name"] for entry in tried if ask(entry["example"]).status != 200] == []
    followed = drawn.sample(linked, by_tier(16, 50, len(linked)))
    assert [address for address in followed if ask(*accept("text/html"), address).status != 200] == []
    assert page.index("/queries/twinnings") < page.index("shared-memberships") < page.index("/queries/absences")


@pytest.mark.parametrize("name", ["hedged-statements", "activities"])
def test_a_query_of_one_word_is_a_link_where_a_description_calls_it_one(ask: Ask, name: str) -> None:
    page = html.unescape(ask(*accept("text/html"), f"/queries/{name}").body.decode())
    assert "the query numbers" not in page
    assert f'href="/queries/numbers">“{QUERIES["numbers"].summary}”' in page


def test_a_query_that_the_graph_cannot_answer_is_no_link_where_a_description_names_it(ask: Ask) -> None:
    assert QUERIES["accounts-that-differ"].works
    page = ask(*accept("text/html"), "/queries/disagreements").body.decode()
    assert "accounts-that-differ" in page
    assert 'href="/queries/accounts-that-differ' not in page


def test_only_a_page_costs_the_words_around_it(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    really_read = Workers.read

    def noted(own: Workers, reading: Callable[..., Any], *arguments: Any) -> Any:
        read.append(reading.__name__)
        return really_read(own, reading, *arguments)

    monkeypatch.setattr(Workers, "read", noted)
    with client_of(folder) as client:
        for suffix in ("csv", "json", "xml", "tsv", "rq"):
            assert client.get(f"{TWINS}.{suffix}?thing=leeds").status_code == 200
    assert read == ["prepare"]  # for the text; an answer comes with all that it needs


@pytest.mark.parametrize(
    "value",
    [
        '" } UNION { ?s ?p ?o } #', "} UNION {", "{", "}", "'", '"', "\\", "\n", "\r\nX-Injected: 1", "city:london } #",
        "http://a b", "<http://a/>", "http://a/> } #", "city:伦敦", "\u202e", "\U0001f30d", "x" * 6000, "?x", "UNDEF",
    ],
)  # fmt: skip
def test_a_hostile_value_is_refused_or_finds_nothing(ask: Ask, value: str) -> None:
    for name, parameter in (("twins-of-a-city", "thing"), ("numbers", "thing"), ("absences", "kind")):
        answer = ask(f"/queries/{name}.csv?{parameter}={quote(value)}")
        assert answer.status == 400 or (answer.status == 200 and rows(answer.body) == [])
        assert "x-injected" not in answer.headers
    assert rows(ask(f"{TWINS}.csv?thing=leeds").body)


def test_following_next_gives_the_whole_and_ends(ask: Ask) -> None:
    whole = ask("/queries/places.csv").body.splitlines()
    address, collected, turns = "/queries/places.csv?limit=25", whole[:1], 0
    while address and turns < 100:
        answer = ask(address)
        collected += answer.body.splitlines()[1:]
        assert set(answer.links("first")) == {"/queries/places.csv?limit=25"}
        assert bool(answer.links("prev")) == (turns > 0)
        address = next(iter(answer.links("next")), "")
        turns += 1
    assert collected == whole
    assert turns == -(-(len(whole) - 1) // 25) > 2


def test_there_is_a_next_page_only_if_it_has_rows(ask: Ask) -> None:
    count = len(rows(ask("/queries/absences.csv").body))
    assert ask(f"/queries/absences?limit={count - 1}").links("next")
    for window in (f"limit={count}", f"limit={count}&offset={count * 3}", "limit=0", "offset=2", ""):
        assert not ask(f"/queries/absences?{window}").links("next"), window
    last = ask(f"/queries/absences.csv?limit=5&offset={count - 2}")
    assert len(rows(last.body)) == 2
    assert set(last.links("prev")) == {f"/queries/absences.csv?limit=5&offset={count - 7}"}


def test_pages_keep_the_values(ask: Ask) -> None:
    answer = ask("/queries/absences.csv?kind=twinning&limit=2")
    assert set(answer.links("next")) == {"/queries/absences.csv?kind=tie%3Atwinning&limit=2&offset=2"}


def test_a_query_without_pages_says_why() -> None:
    query = CannedQuery("q", "t", "s?", "d", (), (), {}, "table", "SELECT * { ?s ?p ?o }")
    assert Question.parse(query, {}, lambda _, value: value).row_range == RowRange()
    with pytest.raises(BadValueError, match="q cannot be asked for in pages, since its rows have no order"):
        Question.parse(query, {"limit": "1"}, lambda _, value: value)


def test_the_text_can_be_fetched_and_is_on_the_page_and_runs_in_the_editor(ask: Ask, store: Store) -> None:
    asked = "kind=twinning&limit=3&offset=1"
    fetched = ask(f"/queries/absences.rq?{asked}")
    assert (fetched.status, fetched.type) == (200, "application/sparql-query")
    text = fetched.body.decode()
    assert "VALUES ?kind { <https://w3id.org/city-diplomacy/vocabulary/tie-kind/twinning> }" in text
    page = ask(f"/queries/absences.html?{asked}").body.decode()
    shown = re.search(
        r'<form action="/sparql" class="query">.*?<textarea[^>]*name="query"[^>]*>\n(.*?)</textarea>', page, re.S
    )
    assert shown
    assert html.unescape(shown[1]) == text
    direct = ask(f"/queries/absences.json?{asked}").body
    through = ask("-G", *accept("application/sparql-results+json"), "--data-urlencode", f"query={text}", "/sparql").body
    results = [list(map(str, parse_query_results(b, QueryResultsFormat.JSON))) for b in (direct, through)]  # type: ignore[arg-type]
    assert results[0] == results[1]
    assert len(results[0]) == 3


def test_the_form_offers_the_choices_and_holds_the_values(ask: Ask, store: Store) -> None:
    page = ask("/queries/absences.html?kind=twinning&limit=2").body.decode()
    form = page.partition('<select name="kind"')[2].partition("</select>")[0]
    options = re.findall(r'<option value="([^"]+)"( selected)?>', form)
    known = choices(store, QUERIES["absences"].parameters[0], True)
    assert options == [(value, " selected" if value == "tie:twinning" else "") for value in known]
    assert '<option value="">any</option>' in page
    assert 'name="limit" value="2"' in page
    cities = ask(f"{TWINS}.html?thing=leeds").body.decode()
    assert 'name="thing" value="Leeds"' in cities
    assert '<option value="Birmingham"></option>' in cities
    assert " required " in cities
    assert 'rel="next" href="/queries/absences?kind=tie%3Atwinning&amp;limit=2&amp;offset=2"' in page


def test_an_empty_field_of_a_form_counts_as_not_given(ask: Ask) -> None:
    everything = ask("/queries/absences.csv").body
    assert ask("/queries/absences.csv?kind=&limit=&offset=&format=").body == everything


def test_the_health_of_all_queries(ask: Ask) -> None:
    answer = ask("/healthz/queries")
    assert (answer.status, answer.type) == (200, "application/json")
    stated = json.loads(answer.body)
    assert stated["status"] == "ok"
    assert stated["revision"] == answer.headers["x-revision"]
    assert [entry["name"] for entry in stated["queries"]] == list(QUERIES)
    asked = [entry for entry in stated["queries"] if not QUERIES[entry["name"]].works]
    assert all(entry["rows"] > 0 and entry["faults"] == [] for entry in asked)
    page = ask(*accept("text/html"), "/healthz/queries")
    assert page.type == "text/html"
    assert f"all {len(asked)} questions on what is loaded answer as expected" in page.body.decode()
    assert ask(*accept("image/png"), "/healthz/queries").status == 406


def test_one_query_that_fails_makes_the_listing_fail(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    well = {name: QUERIES[name] for name in ("twins-of-a-city", "agreements")}
    broken = {**well, "broken": CannedQuery("broken", "t", "s?", "d", (), (), {"x": "x"}, "table", "SELECT ?x {")}
    monkeypatch.setattr(health, "canned_queries", lambda: broken)
    monkeypatch.setattr(health, "find_query", broken.__getitem__)
    health.check_all.cache_clear()
    with client_of(folder) as client:
        answer, page = client.get("/healthz/queries"), client.get("/healthz/queries", headers={"Accept": "text/html"})
    health.check_all.cache_clear()
    assert (answer.status_code, page.status_code) == (503, 503)
    assert answer.json is not None
    assert answer.json["status"] == "failing"
    assert [entry["name"] for entry in answer.json["queries"] if entry["faults"]] == ["broken"]
    assert f"1 of {len(broken)} questions fail" in " ".join(page.text.split())


OF_ANY_THING = [
    (query.name, p.name)
    for query in QUERIES.values()
    for p in query.parameters
    if p.type == "iri" and p.of_class is None and not query.works
]


@pytest.mark.parametrize(("name", "parameter"), OF_ANY_THING)
def test_a_thing_that_the_graph_does_not_know_is_refused_with_suggestions(ask: Ask, name: str, parameter: str) -> None:
    for value in ("city:birmingam", "Birmingam"):
        answer = ask(f"/queries/{name}.json?{parameter}={value}")
        problem = json.loads(answer.body)
        assert (answer.status, problem["suggestions"][0]["value"]) == (400, "city:birmingham")
        assert "a thing of the graph is needed. Did you mean 'city:birmingham'?" in problem["detail"]
    page = ask(*accept("text/html"), f"/queries/{name}?{parameter}=Birmingam")
    assert page.status == 400
    assert re.search(r"Did you mean\s+<a href=\"[^\"]*birmingham[^\"]*\">Birmingham</a>", page.body.decode())


def test_an_old_address_leads_to_the_question_of_today_in_its_format(ask: Ask) -> None:
    old = ask("/queries/disagreements-by-entity.csv?thing=leeds&limit=1&filter.label=x")
    assert (old.status, old.headers["location"]) == (
        301,
        "/queries/disagreements.csv?scope=report&columns=disagreement,label,kind,kindLabel,explanation,passages"
        "&thing=leeds&limit=1&filter.label=x",
    )
    assert ask(old.headers["location"]).status == 200
    assert ask("/queries/disagreements-by-entity").headers["location"].startswith("/queries/disagreements?scope=report")
    page = ask(*accept("text/html"), "/queries/disagreements?thing=birmingham&columns=label:what").body.decode()
    assert 'name="columns" value="label:what"' in page
    assert ask("/queries/disagreements.csv?columns=nothing").status == 400
