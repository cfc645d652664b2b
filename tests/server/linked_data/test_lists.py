"""The lists of things by kind, as a page, as CSV, and as a collection."""

from __future__ import annotations

import csv
import io
import re

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, RdfFormat, Store, parse

from kg.publish.lists import KindList, list_table, listing
from kg.publish.lists.columns import COLUMNS, TITLES
from kg.publish.lists.listing import labelled_things, unlabelled_things
from kg.publish.withdrawn import is_withdrawn
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import RDF
from tests.support.http import Ask
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

HYDRA = "http://www.w3.org/ns/hydra/core#"


def rows(ask: Ask, path: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(ask(path).body.decode())))


def test_every_kind_of_thing_has_a_title_and_columns() -> None:
    titled = [kind for titles in TITLES.values() for kind in titles]
    assert sorted(titled) == sorted(COLUMNS) == sorted(ns.ENTITY_TYPES)


@pytest.mark.parametrize("kind", COLUMNS)
def test_each_list_has_all_that_the_overview_counts(ask: Ask, kind: str) -> None:
    count = ask("-H", "Accept: application/json", "/doc").members["kinds"][kind]
    listed = rows(ask, f"/doc/{kind}.csv")
    assert ask(f"/doc/{kind}.csv").links("next") == {}, "it is the whole"
    assert len(listed) == len({row["iri"] for row in listed}) == count
    page = ask("-H", "Accept: text/html", f"/doc/{kind}").body.decode()
    assert page.count('<th scope="row">') == min(count, 100)
    assert (f'href="/doc/{kind}"' in ask("-H", "Accept: text/html", "/doc").body.decode()) == (count > 0)


def test_a_whole_list_has_a_name_and_a_tag_that_needs_no_rows(ask: Ask) -> None:
    first = ask("/doc/account.csv")
    assert first.headers["content-disposition"] == 'attachment; filename="account.csv"'
    tag = first.headers["etag"]
    assert ask("-H", f"If-None-Match: {tag}", "/doc/account.csv").status == 304
    assert ask("/doc/membership.csv").headers["etag"] != tag
    assert (
        ask("/queries/complete-lists.csv").headers["content-disposition"] == 'attachment; filename="complete-lists.csv"'
    )
    assert first.headers["transfer-encoding"] == "chunked"


def test_lists_have_what_has_a_type_and_was_not_withdrawn(store: Store) -> None:
    typed = {quad.subject for quad in match(store, None, RDF.type, None, DefaultGraph())}
    things = [thing for thing in typed if isinstance(thing, NamedNode) and not is_withdrawn(store, thing)]
    found = {**labelled_things(store), **{kind: unlabelled_things(store, kind) for kind in listing.UNLABELLED}}
    in_lists = [iri for of in found.values() for iri in of.split()]
    assert sorted(in_lists) == sorted(thing.value for thing in things if ns.kind_of(thing.value))


def test_many_things_without_labels_stand_in_the_order_of_their_iris(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    by_name = unlabelled_things(store, "account").split()
    monkeypatch.setattr(listing, "_MOST_SORTED_BY_NAME", 100)
    assert unlabelled_things(store, "account").split() == sorted(by_name) != by_name


def test_a_city_has_its_country_twins_networks_and_passages(ask: Ask) -> None:
    (leeds,) = [row for row in rows(ask, "/doc/city.csv") if row["name"] == "Leeds"]
    assert leeds["country"] == "United Kingdom"
    assert leeds["twins"] == "Brno; Hangzhou"
    sources = rows(ask, "/queries/sources-of-an-entity.csv?entity=city:leeds")
    assert int(leeds["passages"]) == len([source for source in sources if "/id/passage/" in source["passage"]])


def test_a_list_of_ties_says_who_objects_and_how(ask: Ask) -> None:
    listed = {row["iri"].removeprefix(ns.ID): row for kind in TITLES["Ties"] for row in rows(ask, f"/doc/{kind}.csv")}
    assert all("objections" in row for row in listed.values())
    birmingham = " ".join(f"denies <{ns.ID}passage/{name}>" for name in ("section-3.1-p2", "table-1"))
    assert listed["twinning/birmingham-guangzhou"]["objections"] == birmingham
    assert listed["membership/xian-uclg"]["objections"] == ""
    assert listed["office/chongqing-dusseldorf"]["objections"] == f"in-tension <{ns.ID}passage/section-3.2-p3>"
    page = ask("-H", "Accept: text/html", "/doc/twinning").body.decode()
    (row,) = [row for row in page.split("<tr>") if 'href="/doc/twinning/chengdu-sheffield"' in row]
    assert '<span class="mark against of-counts-otherwise">Counted otherwise by</span>' in row
    assert 'class="chip against of-in-tension" href="/doc/passage/table-1"' in row


def test_networks_of_a_city_are_those_that_its_page_says_it_belongs_to(ask: Ask) -> None:
    """London takes part in the C40, of which no passage calls it a member."""
    of_cities = {row["name"]: row for row in rows(ask, "/doc/city.csv")}
    assert (of_cities["London"]["networks"], of_cities["London"]["other_network_ties"]) == ("", "C40")
    assert (of_cities["Xi'an"]["networks"] != "", of_cities["Xi'an"]["other_network_ties"]) == (True, "")
    page = ask("-H", "Accept: text/html", "/doc/city/london").body.decode()
    assert "other tie with" in page
    assert "belongs to" not in page
    assert "belongs to" in ask("-H", "Accept: text/html", "/doc/city/xian").body.decode()


def test_what_follows_from_a_group_stands_apart_in_lists_as_questions_have_it(ask: Ask) -> None:
    of_cities = {row["name"]: row for row in rows(ask, "/doc/city.csv")}
    answered = rows(ask, "/queries/memberships.csv?thing=sheffield")
    assert {row["by"] for row in answered} == {"group"}
    wanted = sorted({row["networkLabel"] for row in answered}, key=str.casefold)
    assert of_cities["Sheffield"]["networks_by_a_group"] == "; ".join(wanted)
    of_networks = {row["name"]: row for row in rows(ask, "/doc/network.csv")}
    answered = rows(ask, "/queries/memberships.csv?other=network:core-cities")
    led = {row["member"] for row in answered if row["by"] != "stated"}
    assert of_networks["Core Cities"]["members_by_a_group"] == str(len(led)) == "5"


def test_passages_stand_in_the_order_of_the_report(ask: Ask) -> None:
    names = [row["name"] for row in rows(ask, "/doc/passage.csv")]
    assert names[:2] == ["Abstract", "Section 1, paragraph 1"]


def test_a_collection_comes_in_pages_which_lead_to_each_other(ask: Ask) -> None:
    members: set[str] = set()
    page, total = "/doc/finding?page=1", None
    while page:
        answer = ask("-H", "Accept: text/turtle", page)
        stated = [quad.triple for quad in parse(answer.body, RdfFormat.TURTLE)]
        members |= {t.object.value for t in stated if t.predicate.value == f"{HYDRA}member"}
        (total,) = {t.object for t in stated if t.predicate.value == f"{HYDRA}totalItems"}
        following = [t.object.value for t in stated if t.predicate.value == f"{HYDRA}next"]
        assert [ns.BASE + link.lstrip("/") for link in answer.links("next")] == following
        page = "/" + following[0].removeprefix(ns.BASE) if following else ""
    assert isinstance(total, Literal)
    assert len(members) == int(total.value) > 500
    assert NamedNode(next(iter(members)))


@pytest.mark.parametrize(
    ("path", "hint"),
    [
        ("/doc/cities", "city"),
        ("/doc/city?page=2", "1"),
        ("/doc/city?page=x", "1"),
        ("/doc/city?page=0", "1"),
        ("/doc/city.pdf", "csv"),
    ],
)
def test_what_is_not_there_is_named_with_what_is(ask: Ask, path: str, hint: str) -> None:
    answer = ask(path)
    assert answer.status == 404
    assert hint in answer.members["hint"]


def test_of_many_names_the_nearest_ten_are_listed(ask: Ask) -> None:
    answer = ask("/doc/city/lodnon")
    assert answer.status == 404
    listed, rest = answer.members["hint"].removeprefix("Available: ").split(" and ")
    names = listed.split(", ")
    assert (names[0], len(names)) == ("london", 10)
    assert len(set(names)) == 10
    assert re.fullmatch(r"\d+ more\.", rest)


@pytest.mark.parametrize("parameter", ["foo=1", "where.passages=%3E%3D10", "sorted=name"])
@pytest.mark.parametrize("path", ["/doc/city", "/doc/city.csv"])
def test_a_list_refuses_unknown_parameters_as_questions_do(ask: Ask, path: str, parameter: str) -> None:
    answer = ask(f"{path}?{parameter}")
    assert (answer.status, answer.type) == (400, "application/problem+json")
    assert f"no parameter {parameter.partition('=')[0]!r}" in answer.members["detail"]
    assert "Available: page, scope, " in answer.members["hint"]


def test_fields_that_a_form_sends_empty_are_left_out_of_the_address(ask: Ask) -> None:
    people = ("-H", "Accept: text/html")
    sent = "filter.name=&filter.country=United&filter.twins=&is.networks=&values="
    answer = ask(*people, f"/doc/city?{sent}&sort=-name")
    assert (answer.status, answer.headers["location"]) == (
        302,
        "/doc/city?filter.country=United&is.networks=&sort=-name",
    )
    assert ask(*people, answer.headers["location"]).status == 200
    assert ask(*people, "/doc/city?filter.name=").headers["location"] == "/doc/city"
    assert ask(f"/doc/city.csv?{sent}").status == 200


def test_a_city_that_is_a_state_is_its_own_country() -> None:
    store = Store()
    said = """
    city:leeds a cd:City ; skos:prefLabel "Leeds"@en ; cd:within nation:england , country:united-kingdom .
    nation:england a cd:Nation ; skos:prefLabel "England"@en .
    country:united-kingdom a cd:State ; skos:prefLabel "United Kingdom"@en .
    city:monaco a cd:City , cd:State ; skos:prefLabel "Monaco"@en .
    city:macao a cd:City ; skos:prefLabel "Macao"@en ; cd:isoAlpha2 "MO" .
    """
    store.load((PREFIXES + said).encode(), RdfFormat.TURTLE, to_graph=DefaultGraph())
    things = [f"{ns.ID}city/{name}" for name in ("leeds", "macao", "monaco")]
    found = list_table(store, KindList("city").page(things))
    at = found["columns"].index("country")
    countries = {name: [text for _, text, _ in cells[at]] for _, name, cells in found["rows"]}
    assert countries == {"Leeds": ["United Kingdom"], "Macao": [], "Monaco": ["Monaco"]}
