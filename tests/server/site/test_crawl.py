"""The whole site, along its links: nothing is missing, no anchor is dead, no page is heavy."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from tests.support.crawl import Visited, crawl
from tests.support.tiers import by_tier

pytestmark = pytest.mark.slow

HEAVIEST = 32_000
"""Bytes of a page as gzip, those with the results of a query apart."""
HEAVIEST_RESULT = 100_000


@pytest.fixture(scope="module")
def visited(address: str) -> dict[str, Visited]:
    """Addresses that pages lead to, by path; prints which took the longest."""
    found = {each.path: each for each in crawl(address, one_in=by_tier(100, 100, 1), one_thing_in=by_tier(40, 40, 1))}
    print(f"{len(found)} addresses; those that took the longest at first sight:")
    for each in sorted(found.values(), key=lambda one: -one.seconds)[:20]:
        print(f"{each.seconds * 1000:7.0f} ms {each.packed / 1000:6.1f} kB {each.path}")
    return found


def test_every_link_leads_somewhere(visited: dict[str, Visited]) -> None:
    assert len(visited) > by_tier(600, 600, 2_000)
    dead = {each.path: (each.status, each.from_path) for each in visited.values() if each.status >= 400}
    withdrawn = {path for path, (status, _) in dead.items() if status == 410}  # which say what took their place
    assert {path: found for path, found in dead.items() if path not in withdrawn} == {}


def test_every_anchor_is_there(visited: dict[str, Visited]) -> None:
    dead = {
        (each.path, link, fragment)
        for each in visited.values()
        for link, fragment in each.links
        if fragment and link in visited and fragment not in _arrived(visited, link).anchors
    }
    assert dead == set()


def _arrived(visited: dict[str, Visited], path: str) -> Visited:
    each = visited[path]
    return _arrived(visited, each.location) if each.location in visited else each


def test_no_page_is_heavy(visited: dict[str, Visited]) -> None:
    heavy = {
        each.path: each.packed
        for each in visited.values()
        if each.is_page
        and each.packed > (HEAVIEST_RESULT if urlsplit(each.path).path.startswith("/sparql") else HEAVIEST)
    }
    assert heavy == {}
