"""A walk over all pages of a service, along their links."""

from __future__ import annotations

import gzip
import http.client
import re
import time
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit

from tests.support.tiers import fresh_random


@dataclass
class Visited:
    """What was found at an address: `links` with the fragment that each names, and the `anchors` that are there."""

    path: str
    status: int
    location: str
    seconds: float
    packed: int
    """Bytes of the body as gzip."""
    links: set[tuple[str, str]] = field(default_factory=set)
    unfollowed: set[str] = field(default_factory=set)
    """Those of `links` that robots are asked not to follow (rel="nofollow")."""
    anchors: set[str] = field(default_factory=set)
    from_path: str = ""
    is_page: bool = False


class _Reader(HTMLParser):
    def __init__(self, visited: Visited) -> None:
        super().__init__()
        self._visited = visited

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        named = dict(attrs)
        if named.get("id"):
            self._visited.anchors.add(str(named["id"]))
        target = named.get("href") if tag in ("a", "link") else named.get("src")
        if target and not urlsplit(target).netloc and not target.startswith(("data:", "mailto:")):
            path, fragment = urldefrag(urljoin(self._visited.path, target))
            self._visited.links.add((path, fragment))
            if "nofollow" in (named.get("rel") or "").split():
                self._visited.unfollowed.add(path)


_DATA = re.compile(
    r"^/(linkset/|docs/cite\?)|\.(ttl|trig|jsonld|nt|nq|rdf|csv|tsv|json|xml|geojson|md|svg)(\.gz)?(\?|$)|[?&](view|profile|of|about|evidence|query|scope)="
)
"""What stands beside each page in the same way: other formats, views and scopes of it, how to cite it, its query."""
_FIRST = 5
"""How many addresses of each kind are visited, whatever share is of the others."""


def crawl(address: str, begin: str = "/", one_in: int = 1, one_thing_in: int = 1) -> Iterator[Visited]:
    """Yield each address of a service that pages lead to, once, breadth first; only pages are read for links.

    Of what stands beside each page in the same way it is one in so many, drawn anew in each run; and so of addresses
    of a kind beyond the first ones: of things of a type, of answers to a question, of pages of a list. Of what robots
    are asked not to follow, such as each order of a table, it is one in so many as well; from there it goes no further.
    """
    drawn, of_kind, ends = fresh_random("crawl"), Counter[tuple[str, ...]](), set[str]()
    with closing(http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)) as connection:
        waiting, known = deque([(begin, "")]), {begin}
        while waiting:
            path, from_path = waiting.popleft()
            visited = _visit(connection, path)
            visited.from_path = from_path
            yield visited
            further = {visited.location} if visited.location else {link for link, _ in visited.links}
            for link in sorted(further - known) if path not in ends else ():
                known.add(link)
                if link in visited.unfollowed:
                    ends.add(link)
                of_kind[kind := _kind(link)] += 1
                is_beside = link in visited.unfollowed or _DATA.search(link)
                share = (one_in if is_beside else 1) * (one_thing_in if of_kind[kind] > _FIRST else 1)
                if link == visited.location or drawn.random() * share < 1:
                    waiting.append((link, path))


def _kind(address: str) -> tuple[str, ...]:
    """Return what addresses of the same kind have in common: the beginning of the path, and the names of parameters."""
    parts = urlsplit(address)
    return (*parts.path.split("/")[1:3], *(name for name, _ in parse_qsl(parts.query, keep_blank_values=True)))


def _visit(connection: http.client.HTTPConnection, path: str) -> Visited:
    began = time.perf_counter()
    connection.request("GET", path, headers={"Accept": "text/html, */*;q=0.1", "Accept-Encoding": "gzip"})
    answer = connection.getresponse()
    body = answer.read()
    visited = Visited(path, answer.status, _here(path, answer), time.perf_counter() - began, len(body))
    if answer.getheader("Content-Type", "").startswith("text/html"):
        visited.is_page = True
        is_packed = answer.getheader("Content-Encoding") == "gzip"
        _Reader(visited).feed((gzip.decompress(body) if is_packed else body).decode())
    return visited


def _here(path: str, answer: http.client.HTTPResponse) -> str:
    """Return where an answer sends to, if that is on this service."""
    target = answer.getheader("Location", "")
    return "" if not target or urlsplit(target).netloc else urldefrag(urljoin(path, target))[0]
