"""The control of a running job: its progress and its cancellation."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kg.errors import CityKgError

Advance = Callable[[str, int, int], object]
"""A callback that gets a step in words, the amount done, and the total."""


class CancelledError(CityKgError):
    """A change was cancelled; nothing was changed."""

    title = "The change was cancelled"

    def __init__(self) -> None:
        super().__init__("The change was cancelled.", "Send it again if it is wanted after all.")


def _ignore(step: str, done: int, of: int) -> None:
    """Ignore a step."""


@dataclass(frozen=True)
class Control:
    """Progress and cancellation of a job: `advance` gets each step, `is_cancelled` is asked between steps."""

    advance: Advance = _ignore
    is_cancelled: Callable[[], bool] = lambda: False

    def check(self) -> None:
        """Raise CancelledError if the job is cancelled."""
        if self.is_cancelled():
            raise CancelledError
