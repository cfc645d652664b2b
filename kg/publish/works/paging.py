"""Pages of a list: which one is meant by a number in an address."""

from __future__ import annotations

from typing import TypeVar

from kg.errors import PageNumberError

T = TypeVar("T")


def numbered(page: str, count: int, size: int) -> tuple[int, int]:
    """Return the number of a page ("" is the first) and how many pages a list has. Raises PageNumberError."""
    pages = max(1, -(-count // size))
    if page and not (page.isascii() and page.isdecimal() and len(page) < 10 and 1 <= int(page) <= pages):
        raise PageNumberError("this list", page, pages)
    return int(page or 1), pages


def window(rows: list[T], page: int, size: int) -> list[T]:
    """Return the rows of a page."""
    return rows[(page - 1) * size : page * size]
