"""What the one who wants a job has to do with it while it lasts: progress, and a way to give it up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kg.errors import CityKgError

Advance = Callable[[str, int, int], object]
"""Gets a step in words, how much of it is done, and of how much."""


class CancelledError(CityKgError):
    """A change was given up on demand; nothing was changed."""

    title = "The change was cancelled"

    def __init__(self) -> None:
        super().__init__("The change was cancelled.", "Send it again if it is wanted after all.")


def _ignore(step: str, done: int, of: int) -> None:
    """Take a step for which there is no reader."""


@dataclass(frozen=True)
class Control:
    """Progress and cancellation of a job: `advance` gets each step, `is_cancelled` is asked between steps."""

    advance: Advance = _ignore
    is_cancelled: Callable[[], bool] = lambda: False

    def check(self) -> None:
        """Raise CancelledError if the job is no longer wanted."""
        if self.is_cancelled():
            raise CancelledError
