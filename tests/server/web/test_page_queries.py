"""From a page to its query: each runs as it stands and has rows, and no address gets into one unread."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, quote, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import QuerySolutions, Store

from kg.sparql.evaluation import run
from kg.store.data_folder import DataFolder
from server.web.page_queries import page_query
from tests.browser.kinds import ERRORS, PAGES
from tests.support.http import Ask

WITHOUT = {
    *("search-nothing", "search-guides", "lists", "changes", "guides", "tour", "cite", "parts", "error-type"),
    *("check", "sign-in"),
}
"""Pages whose content is no statements of the graph."""
HAVE_IT = ("/sparql", "/queries", "/ask", "/compare")
"""Addresses whose pages show their query, or lead to questions and pages that do."""
SHOWN = sorted(name for name, path in PAGES.items() if name not in WITHOUT and not path.startswith(HAVE_IT))


@pytest.fixture(scope="module")
def everything(folder: DataFolder) -> Store:
    return folder.open()


@pytest.mark.parametrize("name", SHOWN)
def test_the_query_of_a_page_has_rows(everything: Store, name: str) -> None:
    asked = urlsplit(PAGES[name])
    query = page_query(asked.path, {key: values[0] for key, values in parse_qs(asked.query).items()})
    answer = run(everything, query)
    assert isinstance(answer, QuerySolutions)
    assert next(iter(answer), None) is not None, query


@pytest.mark.parametrize("path", ["/doc/city/leeds", "/map", "/doc/passage/table-1", "/vocabulary/tie-status/current"])
def test_a_page_leads_to_its_query(ask: Ask, path: str) -> None:
    page = ask("-H", "Accept: text/html", path).body.decode()
    (address,) = re.findall(r'<a href="(/sparql\?query=[^"]*)">Show as query</a>', page)
    found = ask("-H", "Accept: text/csv", html.unescape(address))
    assert (found.status, len(found.body.splitlines()) > 1) == (200, True)


@pytest.mark.parametrize("name", ["lists", "sparql", "questions", "guides"])
def test_a_page_without_statements_has_no_such_link(ask: Ask, name: str) -> None:
    assert "Show as query" not in ask("-H", "Accept: text/html", PAGES[name]).body.decode()


@pytest.mark.drawn
def test_an_error_has_no_such_link(ask: Ask) -> None:
    for path, _ in ERRORS.values():
        assert "Show as query" not in ask("-H", "Accept: text/html", path).body.decode(), path


@given(st.sampled_from(("/search", "/disagreements", "/report")), st.text(max_size=40))
def test_whatever_is_searched_for_makes_a_query_that_can_be_read(path: str, text: str) -> None:
    names = {"/search": "q", "/disagreements": "kind", "/report": "section"}
    if query := page_query(path, {names[path]: text}):
        run(Store(), query)


@given(st.text(alphabet="abc/<>{}.-\"' #", max_size=30))
def test_whatever_stands_in_a_path_makes_a_query_that_can_be_read(text: str) -> None:
    for start in ("/doc/", "/report/", "/works/", "/graph/", "/vocabulary/", "/ontology/terms/"):
        if query := page_query(start + text, {}):
            run(Store(), query)
            assert quote(text, safe="/.-") == text
