"""A look at the snapshots as long as the service runs: slowly, file by file, each is compared with its checksum.

Damage is known then before many have read it (kg.store.integrity). The log says so once. A round takes little: a thread
of low priority reads one file and rests for longer.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress

from kg.store import DataFolder

ROUND_SECONDS = 3600.0
"""Seconds from the end of a round to the next."""
_SHORTEST_REST = 0.02
_RESTS = 20.0
"""How much longer than it has read a file it rests."""
_LOWEST = 19
"""The priority of a thread that leaves the processor to all others (setpriority(2))."""


class Watch:
    """Compares the snapshots of a data folder again and again, from `start` on, until it is closed."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._closing = threading.Event()
        self._thread: threading.Thread | None = None

    def start(self, tell: Callable[[str], object]) -> None:
        """Begin the first round; `tell` gets a line for each snapshot that is found damaged."""
        self._thread = threading.Thread(target=self._rounds, args=(tell,), daemon=True, name="watch")
        self._thread.start()

    def close(self) -> None:
        """End it, wherever it is."""
        self._closing.set()
        if self._thread is not None:
            self._thread.join()

    def look(self, tell: Callable[[str], object], rest: Callable[[float], object] = lambda seconds: None) -> None:
        """Make one round. Raises OSError where the folder is replaced meanwhile."""
        integrity = self._folder.integrity
        known = integrity.all_known()
        for snapshot, files in integrity.compare_all(rest).items():
            if files and known.get(snapshot) != files:
                names = ", ".join(str(path.relative_to(self._folder.path)) for path in files)
                tell(f"Damaged: {names} not as written. {integrity.WAY_OUT}")

    def _rounds(self, tell: Callable[[str], object]) -> None:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST)
        with suppress(_ClosedError):
            while True:
                with suppress(OSError):  # a build, or a restore, has replaced what was being read
                    self.look(tell, self._rest)
                if self._closing.wait(ROUND_SECONDS):
                    return

    def _rest(self, seconds: float) -> None:
        if self._closing.wait(max(_SHORTEST_REST, _RESTS * seconds)):
            raise _ClosedError


class _ClosedError(Exception):
    """The watch is over."""
