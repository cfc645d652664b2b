"""The map of the twinnings: every twinning is on it, filters narrow it, wrong ones say what there is."""

from __future__ import annotations

import re

import pytest
from pyoxigraph import Store

from kg.rdf.vocabulary import CD, RDF
from tests.support.http import Ask


def drawn(page: str) -> set[str]:
    return set(re.findall(r'<a href="/doc/twinning/([\w-]+)" tabindex="-1"><title>', page))


IMPLIED = {"antwerp-chongqing", "beijing-moscow", "chongqing-dusseldorf", "tianjin-ulaanbaatar"}


def test_every_twinning_that_a_source_states_is_a_line_and_a_row(ask: Ask, store: Store) -> None:
    page = ask("/map").body.decode()
    found = store.quads_for_pattern(None, RDF.type, CD.Twinning)
    slugs = {quad.subject.value.rpartition("/")[2] for quad in found} - IMPLIED  # type: ignore[union-attr]
    assert set(re.findall(r'href="/doc/twinning/([\w-]+)"', page)) - slugs == IMPLIED
    assert drawn(page) == slugs
    assert set(re.findall(r'<td><a href="/doc/twinning/([\w-]+)"', page)) == slugs


def test_it_is_light(ask: Ask) -> None:
    assert len(ask("-H", "Accept-Encoding: gzip", "/map").body) < 30_000


@pytest.mark.drawn
def test_filters_narrow_it_and_count_what_they_leave(ask: Ask) -> None:
    assert drawn(ask("/map?agreement=contradicted").body.decode()) == {"birmingham-guangzhou"}
    both = ask("/map?passage=table-1&agreement=several").body.decode()
    assert drawn(both) == {"beijing-london", "bristol-guangzhou", "liverpool-shanghai", "manchester-wuhan"}
    counts = re.findall(r'<a href="(/map[^"]*)"(?: aria-current="true")?>[^<]*<span class="count">(\d+)', both)
    assert len(counts) > 10
    for address, count in counts[:6]:
        assert len(drawn(ask(address.replace("&amp;", "&")).body.decode())) == int(count)
    none = ask("/map?passage=table-1&agreement=contradicted").body.decode()
    assert "No twinnings match." in none


@pytest.mark.parametrize(
    ("query", "said"),
    [("passage=table-9", "table-1"), ("agreement=maybe", "contradicted"), ("colour=red", "passage, agreement")],
)
def test_an_unknown_filter_says_which_there_are(ask: Ask, query: str, said: str) -> None:
    answer = ask("-H", "Accept: text/html", f"/map?{query}")
    assert answer.status == 404
    assert said in answer.body.decode() or all(word in answer.body.decode() for word in said.split(", "))
    assert ask(f"/map?{query}").members["hint"]


def test_an_empty_filter_is_none(ask: Ask) -> None:
    assert drawn(ask("/map?passage=&agreement=").body.decode()) == drawn(ask("/map").body.decode())
