"""Wait for what another process or thread does, however busy the machine is."""

from __future__ import annotations

import time
from collections.abc import Callable

SECONDS = 60.0


def wait_until(is_so: Callable[[], bool]) -> None:
    """Return once it is so; fail after a minute."""
    deadline = time.monotonic() + SECONDS
    while not is_so():
        assert time.monotonic() < deadline
        time.sleep(0.01)
