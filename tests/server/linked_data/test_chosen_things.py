"""The things of a list are sorted, filtered, counted and hidden by the address, on the page and in its downloads."""

from __future__ import annotations

import csv
import html
import io
import re
from collections import Counter

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, parse

from kg.rdf import namespaces as ns
from tests.support.http import Answer, Ask

HYDRA = "http://www.w3.org/ns/hydra/core#"
PEOPLE = ("-H", "Accept: text/html")


def rows(ask: Ask, address: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(ask(address).body.decode())))


def listed(answer: Answer) -> list[str]:
    """Return where the rows of a page lead."""
    return [
        ns.BASE + "id" + path for path in re.findall(r'<th scope="row">\s*<a href="/doc(/[^"?]*)', answer.body.decode())
    ]


def links(answer: Answer, pattern: str) -> list[tuple[str, ...]]:
    """Return the groups of a pattern of HTML wherever it is found, as people read them."""
    found = re.findall(pattern, answer.body.decode())
    return [tuple(html.unescape(part) for part in parts) for parts in found]


def download(answer: Answer, name: str) -> str:
    (found,) = links(answer, rf'<a rel="alternate" href="([^"]*)">({name})</a>')
    return found[0]


def headings(answer: Answer) -> dict[str, str]:
    """Return where the headings of the table lead."""
    return {text: href for href, text in links(answer, r'<a class="sort" href="([^"]*)" rel="nofollow">([^<]*)<')}


def sort_states(answer: Answer) -> list[str]:
    return re.findall(r'aria-sort="([a-z]*)"', answer.body.decode())


@pytest.mark.parametrize("column", ["passages", "name"])
@pytest.mark.drawn
def test_a_list_is_sorted_by_what_people_read(ask: Ask, column: str) -> None:
    whole = rows(ask, "/doc/city.csv")
    plain = ask(*PEOPLE, "/doc/city")
    up = ask(*PEOPLE, headings(plain)[column])
    down = ask(*PEOPLE, headings(up)[column])
    assert [sort_states(page) for page in (plain, up, down)] == [[], ["ascending"], ["descending"]]

    def key(row: dict[str, str]) -> object:
        return int(row[column]) if row[column].isdigit() else row[column].casefold()

    found = rows(ask, download(down, "CSV"))
    assert [key(row) for row in found] == sorted(map(key, whole), reverse=True)
    assert listed(down) == [row["iri"] for row in found][: len(listed(down))] != []
    assert listed(ask(*PEOPLE, f"/doc/city?sort=-{column}")) == listed(down), "a reload gives the same"


@pytest.mark.parametrize(("kind", "column", "text"), [("city", "twins", "hang"), ("twinning", "stated_in", "TABLE")])
def test_a_list_is_filtered_by_any_of_the_values_of_a_cell(ask: Ask, kind: str, column: str, text: str) -> None:
    whole = rows(ask, f"/doc/{kind}.csv")
    page = ask(*PEOPLE, f"/doc/{kind}?filter.{column}={text}")
    found = rows(ask, download(page, "CSV"))
    assert found == [row for row in whole if text.casefold() in row[column].casefold()]
    assert 0 < len(found) < len(whole)
    assert f"{len(found):,} of {len(whole):,}" in page.body.decode()
    stated = [quad.triple for quad in parse(ask(download(page, "Turtle")).body, RdfFormat.TURTLE)]
    assert {t.subject for t in stated if t.predicate.value == f"{HYDRA}totalItems"} == {
        NamedNode(f"{ns.BASE}doc/{kind}?filter.{column}={text}")
    }
    assert {t.object for t in stated if t.predicate.value == f"{HYDRA}totalItems"} == {Literal(len(found))}
    none = ask(*PEOPLE, f"/doc/{kind}?filter.{column}=xyzzy")
    assert f"No row matches, of {len(whole):,}." in none.body.decode()


@pytest.mark.parametrize(("kind", "column"), [("city", "country"), ("city", "twins"), ("twinning", "standing")])
def test_values_are_counted_over_all_things_and_chosen(ask: Ask, kind: str, column: str) -> None:
    whole = rows(ask, f"/doc/{kind}.csv")
    counts = Counter(value for row in whole for value in row[column].split("; "))
    page = ask(*PEOPLE, f"/doc/{kind}?facet={column}")
    values = links(page, r'<li><a href="([^"]*)" rel="nofollow">([^<]*)</a>\s*<span class="muted">([\d,]+)<')
    shown = {text: int(count) for _, text, count in values}
    assert shown == {text or "no value": count for text, count in counts.items() if (text or "no value") in shown}
    assert len(shown) == min(len(counts), 50)
    href, text, count = values[-1]
    chosen = rows(ask, download(ask(*PEOPLE, href), "CSV"))
    assert chosen == [row for row in whole if text.replace("no value", "") in row[column].split("; ")]
    assert len(chosen) == int(count)


def test_objections_are_counted_by_kind(ask: Ask) -> None:
    page = ask(*PEOPLE, "/doc/twinning?facet=objections")
    values = links(page, r'<li><a href="([^"]*)" rel="nofollow">([^<]*)</a>\s*<span class="muted">[\d,]+<')
    denied = {text: href for href, text in values}["denies"]
    found = rows(ask, download(ask(*PEOPLE, denied), "CSV"))
    assert found == [row for row in rows(ask, "/doc/twinning.csv") if "denies <" in row["objections"]] != []


def test_a_hidden_column_is_left_out_and_comes_again(ask: Ask) -> None:
    hidden = ask(*PEOPLE, "/doc/city?hide=implied_twins,passages")
    assert not {"implied twins", "passages"} & {*headings(hidden)}
    header = ask(download(hidden, "CSV")).body.decode().split("\r\n")[0]
    assert header == "iri,name,country,twins,former_twins,networks,other_network_ties,networks_by_a_group"
    (again,) = links(hidden, r'href="([^"]*)" rel="nofollow">passages hidden <()')
    assert "passages" in headings(ask(*PEOPLE, again[0]))


@pytest.mark.drawn
def test_pages_of_what_is_chosen_hold_each_thing_once(ask: Ask) -> None:
    address, seen = "/doc/finding?is.hedge=&sort=-extent", list[str]()
    wanted = [row["iri"] for row in rows(ask, address.replace("?", ".csv?"))]
    while address:
        page = ask(*PEOPLE, address)
        seen += listed(page)
        address = next(iter(page.links("next")), "")
    assert seen == wanted
    assert len(seen) > 100


@pytest.mark.parametrize(
    ("parameters", "message", "status"),
    [
        ("sort=nope", "The result has no column 'nope'.", 400),
        ("hide=nope", "The result has no column 'nope'.", 400),
        ("hide=name", "The names of things cannot be hidden.", 400),
        ("sort=name&sort=twins", "sort= is given 2 times.", 400),
        ("filter.name=leeds&page=2", "There is no page of the list of Cities named '2'.", 404),
    ],
)
def test_what_does_not_fit_is_refused_with_a_reason(ask: Ask, parameters: str, message: str, status: int) -> None:
    for suffix in ("csv", "ttl") if "page" not in parameters else ("ttl",):
        answer = ask(f"/doc/city.{suffix}?{parameters}")
        assert (answer.status, answer.members["detail"]) == (status, message)
    page = html.unescape(ask(*PEOPLE, f"/doc/city?{parameters}").body.decode())
    assert message in page
