"""An hourly check of all snapshots against their checksums, at the lowest priority.

So damage is found before many requests have read it (kg.store.integrity). It is logged once.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress

from kg.store import DataFolder

ROUND_SECONDS = 3600.0
"""Seconds from the end of a round to the next."""
_LOWEST = 19
"""The priority of a thread that leaves the processor to all others (setpriority(2))."""


class SnapshotWatch:
    """Checks the snapshots of a data folder every hour, from `start` on, until it is closed."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._closing = threading.Event()

    def start(self, tell: Callable[[str], object]) -> None:
        """Begin the first round; `tell` gets a line for each snapshot that is found damaged."""
        threading.Thread(target=self._run, args=(tell,), daemon=True, name="watch").start()

    def close(self) -> None:
        """Let the round that is being made be the last one."""
        self._closing.set()

    def check(self, tell: Callable[[str], object]) -> None:
        """Make one round. Raises OSError where the folder is replaced meanwhile."""
        integrity = self._folder.integrity
        known = integrity.all_known_damage()
        for snapshot, files in integrity.compare_all().items():
            if files and known.get(snapshot) != files:
                names = ", ".join(str(path.relative_to(self._folder.path)) for path in files)
                tell(f"Damaged: {names} not as written. {integrity.WAY_OUT}")

    def _run(self, tell: Callable[[str], object]) -> None:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST)
        while not self._closing.is_set():
            with suppress(OSError):  # a build, or a restore, has replaced what was being read
                self.check(tell)
            self._closing.wait(ROUND_SECONDS)
