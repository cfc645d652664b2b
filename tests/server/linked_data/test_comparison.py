"""Comparisons over HTTP: as a page without script, as data, and where a name means nothing."""

from __future__ import annotations

import csv
import html
import io
import json
import re

import pytest
from pyoxigraph import RdfFormat, parse

from tests.support.http import Ask

PAIR = "a=Bristol&b=York"


def page(ask: Ask, path: str, status: int = 200) -> str:
    answer = ask("-H", "Accept: text/html", path)
    assert (answer.status, answer.type) == (status, "text/html")
    return html.unescape(answer.body.decode())


def test_a_page_marks_in_words_what_is_denied_listed_in_full_and_open(ask: Ask) -> None:
    body = page(ask, f"/compare?{PAIR}")
    assert "<h3>Bristol only</h3>" in body
    assert '<span class="mark against of-denies">Denied:</span>' in body
    assert '<span class="mark agree">A source lists all:</span>' in body
    assert "No source says that there are no others." in body
    assert "布里斯托尔" in body
    assert re.search(r'<h2>Related questions</h2>\s*<ul>\s*<li>\s*<a href="/queries/', body)
    assert 'action="/compare"' in page(ask, "/doc/city/york")


@pytest.mark.drawn
def test_the_same_is_there_as_json_csv_and_turtle(ask: Ask) -> None:
    found = json.loads(ask(f"/compare.json?{PAIR}").body)
    rows = list(csv.DictReader(io.StringIO(ask("-H", "Accept: text/csv", f"/compare?{PAIR}").body.decode())))
    items = [(one["key"], item["on"], item["thing"]["text"]) for one in found["sections"] for item in one["items"]]
    assert [(row["section"], row["on"], row["thingLabel"]) for row in rows if row["label"] != "known"] == items
    assert {row["thingLabel"] for row in rows if row["label"] == "known"} == {"denied", "complete", "open"}
    assert any(parse(ask("-H", "Accept: text/turtle", f"/compare?{PAIR}").body, format=RdfFormat.TURTLE))


@pytest.mark.drawn
def test_whatever_cannot_be_compared_leads_on(ask: Ask) -> None:
    assert 'class="chip" href="/compare?a=city%3A' in page(ask, "/compare?b=York")
    assert "Both names mean" in page(ask, "/compare?a=York&b=city:york")
    assert "of two kinds" in page(ask, "/compare?a=York&b=C40")
    unknown = page(ask, "/compare?a=Yorkk&b=Leeds", 400)
    assert re.search(r'href="/compare\?a=city%3Ayork&b=Leeds">\s*York', unknown)
    assert page(ask, "/compare").count("<input name=") == 2
