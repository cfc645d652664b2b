"""A look at the snapshots as long as the service runs: slowly, file by file, each is compared with its checksum.

Damage is known then before many have read it. The log says so once, and `/readyz` and `/metrics` until the snapshot is
no longer there. A round takes little: a thread of low priority reads one file and rests for longer.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kg.errors import DataFolderError
from kg.store import Build, Damage, DataFolder

ROUND_SECONDS = 3600.0
"""Seconds from the end of a round to the next."""
_SHORTEST_REST = 0.02
_RESTS = 20.0
"""How much longer than it has read a file it rests."""
_LOWEST = 19
"""The priority of a thread that leaves the processor to all others (setpriority(2))."""

_WAY_OUT = (
    "Start the service again, which makes the store anew from the files and the history; or stop it, and run "
    "`citykg build`."
)


class Watch:
    """Compares the snapshots of a data folder again and again, from `start` on, until it is closed."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._tell: Callable[[str], object] = lambda message: None
        self._closing = threading.Event()
        self._thread = threading.Thread(target=self._rounds, daemon=True, name="watch")
        self._told: dict[Path, list[Path]] = {}

    def start(self, tell: Callable[[str], object]) -> None:
        """Begin the first round; `tell` gets a line for each snapshot that is found damaged."""
        self._tell = tell
        self._thread.start()

    def close(self) -> None:
        """End it, wherever it is."""
        self._closing.set()
        if self._thread.is_alive():
            self._thread.join()

    def damaged(self) -> list[Path]:
        """Return the snapshots that were found damaged, here or by a change, and are still there."""
        return [*Damage(self._folder).known()]

    def refuse_damaged(self, build: Build) -> None:
        """Raise DataFolderError if the snapshot of a build was found damaged."""
        if files := Damage(self._folder).known_of(build):
            message = "The snapshot of {revision} is damaged: {place} is not as it was written."
            raise DataFolderError(message, _WAY_OUT, place=files[0], revision=build.revision)

    def look(self) -> None:
        """Make one round. Raises OSError where the folder is replaced meanwhile."""
        for snapshot, files in Damage(self._folder, self._rest).by_snapshot().items():
            if files and self._told.get(snapshot) != files:
                self._told[snapshot] = files
                names = ", ".join(str(path.relative_to(self._folder.path)) for path in files)
                self._tell(f"Damaged: {names} not as written. {_WAY_OUT}")

    def _rounds(self) -> None:
        with suppress(OSError):
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), _LOWEST)
        with suppress(_ClosedError):
            while True:
                with suppress(OSError):  # a build, or a restore, has replaced what was being read
                    self.look()
                if self._closing.wait(ROUND_SECONDS):
                    return

    def _rest(self, seconds: float) -> None:
        if self._closing.wait(max(_SHORTEST_REST, _RESTS * seconds) if self._thread.is_alive() else 0):
            raise _ClosedError


class _ClosedError(Exception):
    """The watch is over."""
