"""In the place of what decides on the rows of an import: it is at the first of two for ever."""

from __future__ import annotations

import time
from typing import Any


class Sleeping:
    """Decides on nothing."""

    def __init__(self, *arguments: Any) -> None:
        self._advance = arguments[-1]

    def plan(self) -> None:
        """Say how far it is, and come to no end."""
        self._advance("reconciling", 1, 2)
        time.sleep(3600)
