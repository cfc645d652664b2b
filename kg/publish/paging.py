"""Pages of a list: the number of a page in an address, the rows on it, and what a saved page says of the others."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import PageNumberError
from kg.rdf.triples import node, triples_about

T = TypeVar("T")


def count_pages(count: int, size: int) -> int:
    """Return the number of pages of a list for a page size, at least one."""
    return max(1, -(-count // size))


def parse_page_number(page: str, pages: int, of: str = "this list") -> int:
    """Return the number of a page, 1 for "". Raises PageNumberError, which names the list by `of`."""
    if page not in ("", *map(str, range(1, pages + 1))):
        raise PageNumberError(of, page, pages)
    return int(page or 1)


def rows_on_page(rows: Sequence[T], page: int, size: int) -> Sequence[T]:
    """Return the rows of a page."""
    return rows[(page - 1) * size : page * size]


def describe_page(whole: NamedNode, page: int, pages: int) -> Iterator[Triple]:
    """Yield what a page states of its place among others (Hydra), so that a saved copy says what it lacks.

    Of the only page nothing is stated.
    """
    if pages == 1:
        return
    begin = f"{whole.value}{'&' if '?' in whole.value else '?'}page="
    view = NamedNode(f"{begin}{page}")
    others = {"first": 1, "previous": page - 1, "next": page + 1, "last": pages}
    yield from triples_about(whole, ("hydra:view", view))
    yield from triples_about(
        view,
        ("rdf:type", node("hydra:PartialCollectionView")),
        ("rdfs:comment", Literal(f"Page {page} of {pages}: the other pages hold the rest.", language="en")),
        *(
            (f"hydra:{relation}", NamedNode(f"{begin}{number}"))
            for relation, number in others.items()
            if 1 <= number <= pages
        ),
    )
