"""How a change that takes long tells how far it is, and learns that it is no longer wanted."""

from __future__ import annotations

from collections.abc import Callable

from kg.errors import CityKgError

Advance = Callable[[str, int, int], None]
"""Gets a step in words, how much of it is done, and of how much."""
Cancelled = Callable[[], bool]
"""Says whether what is done is no longer wanted."""


class CancelledError(CityKgError):
    """A change was given up on demand; nothing was changed."""

    title = "The change was cancelled"

    def __init__(self) -> None:
        super().__init__("The change was cancelled.", "Send it again if it is wanted after all.")


def no_matter(step: str, done: int, of: int) -> None:
    """Tell nobody."""


def never() -> bool:
    """Tell that what is done is wanted to its end."""
    return False
