"""Pages of a list: the number of a page in an address, and the rows on it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from kg.errors import PageNumberError

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
