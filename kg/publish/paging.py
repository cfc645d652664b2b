"""Pages of a list: which one is meant by a number in an address, and what stands on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from kg.errors import PageNumberError

T = TypeVar("T")


def count_pages(count: int, size: int) -> int:
    """Return how many pages of a size a list has, at least one."""
    return max(1, -(-count // size))


def parse_page_number(page: str, pages: int, of: str = "this list") -> int:
    """Return the number of a page, "" for the first. Raises PageNumberError that says what it would be a page `of`."""
    if page not in ("", *map(str, range(1, pages + 1))):
        raise PageNumberError(of, page, pages)
    return int(page or 1)


def rows_on_page(rows: Sequence[T], page: int, size: int) -> Sequence[T]:
    """Return the rows of a page."""
    return rows[(page - 1) * size : page * size]
