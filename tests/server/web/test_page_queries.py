"""From a page to its query: each address leads to rows, and no address gets into one unread."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Store

from kg.queries import Question, find_query
from kg.sparql.evaluation import run
from server.web.page_queries import page_query_address
from tests.browser.kinds import ERRORS, PAGES
from tests.support.http import Ask

WITHOUT = {
    *(
        "search",
        "search-nothing",
        "search-guides",
        "lists",
        "cities",
        "cities-chosen",
        "passages",
        "shapes",
        "dataset",
        "graph",
    ),
    *("changes", "guides", "tour", "cite", "parts", "error-type", "check", "sign-in"),
}
"""Pages that show no statements of the graph, or lists with their own downloads."""
HAVE_IT = ("/sparql", "/queries", "/ask", "/compare")
"""Addresses whose pages show their query, or lead to questions and pages that do."""
SHOWN = sorted(name for name, path in PAGES.items() if name not in WITHOUT and not path.startswith(HAVE_IT))


@pytest.mark.parametrize("name", SHOWN)
def test_a_page_leads_to_its_query_which_has_rows(ask: Ask, name: str) -> None:
    page = ask("-H", "Accept: text/html", PAGES[name]).body.decode()
    (address,) = re.findall(r'<a href="([^"]*)">Show as query</a>', page)
    found = ask("-H", "Accept: text/csv", html.unescape(address))
    lacks_words = name == "report-gap"  # a passage that our copy does not have
    assert (found.status, len(found.body.splitlines()) > 1) == (200, not lacks_words), address


@pytest.mark.parametrize("name", sorted({*WITHOUT, "sparql", "questions"}))
def test_a_page_without_statements_has_no_such_link(name: str) -> None:
    assert page_query_address(urlsplit(PAGES[name]).path, {}) == ""


def test_a_page_of_one_kind_of_disagreement_asks_for_that_kind() -> None:
    assert page_query_address("/disagreements", {"kind": "denies"}) == "/queries/disagreements?scope=all&kind=denies"
    assert page_query_address("/disagreements", {"kind": "denies&x"}) == ""


@pytest.mark.drawn
def test_an_error_has_no_such_link(ask: Ask) -> None:
    for path, _ in ERRORS.values():
        assert "Show as query" not in ask("-H", "Accept: text/html", path).body.decode(), path


@given(st.text(alphabet="abc/<>{}.-\"' #", max_size=30))
def test_whatever_stands_in_a_path_makes_a_query_that_can_be_read(text: str) -> None:
    for start in ("/doc/", "/works/", "/vocabulary/", "/ontology/terms/"):
        address = urlsplit(page_query_address(start + text, {}))
        if address.path:
            assert quote(text, safe="/.-") == text
        if address.path == "/sparql":
            run(Store(), parse_qs(address.query)["query"][0])
        elif address.path:
            assert Question(find_query(address.path.removeprefix("/queries/")))
