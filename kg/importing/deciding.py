"""The process that decides what becomes of the rows of a table, as seen by the one that starts it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from kg.accounts import Role
from kg.errors import CityKgError
from kg.imports.jobs import Import, ImportLimits
from kg.workers import WorkerProcess

PROGRAM = "kg.importing.program"
SECONDS = 3600.0
"""Seconds within which the rows of a table have to be decided."""


class FailedError(CityKgError):
    """The process says why nothing comes of the table; `findings` are places in it, or in the mapping."""

    def __init__(self, said: Mapping[str, str], findings: list[dict[str, Any]]) -> None:
        super().__init__(said["detail"], said["hint"])
        self.findings = findings


class StoppedError(CityKgError):
    """Nobody wants to know any more what becomes of the rows."""

    def __init__(self) -> None:
        super().__init__("The import was broken off.")


class Decider:
    """Lets a process decide on the rows of imports, one table at a time. `told` is what it has told last."""

    def __init__(self, data: Path, limits: ImportLimits) -> None:
        """Take the data folder, and how much a table may hold."""
        self.told: Mapping[str, Any] = {}
        self._data = data
        self._limits = limits
        self._lock = threading.Lock()
        self._process: WorkerProcess | None = None

    def stop(self) -> None:
        """Break off what is being decided."""
        with self._lock:
            if self._process is not None:
                self._process.kill()

    def planned(
        self, one: Import, place: Path, is_stopped: Callable[[], bool], tell: Callable[[str], object]
    ) -> dict[str, Any]:
        """Have the plan of an import written into a folder, and return what is known of it.

        `is_stopped` says whether it is still wanted; `tell` gets what the process says of a fault of its own. Raises
        StoppedError, FailedError; CityKgError if the process ends, or takes too long.
        """
        process = self._started(one, place)
        try:
            while not is_stopped():
                message, _ = process.receive()
                if "planned" in message:
                    return dict(message["planned"])
                if "failed" in message:
                    raise FailedError(message["failed"], message["findings"])
                self.told = message
            raise StoppedError
        except TimeoutError:
            words = f"The rows were not decided within {SECONDS:,.0f} seconds."
            raise CityKgError(words, "Import the table in parts.") from None
        except EOFError:
            if is_stopped():
                raise StoppedError from None
            raise _ended(process, tell) from None
        finally:
            with self._lock:
                self._process = None
            process.stop()

    def _started(self, one: Import, place: Path) -> WorkerProcess:
        limits = self._limits.of(one.request.role)
        is_shown = one.standing.is_dry_run or one.request.role is not Role.CURATOR  # else the gate finds the same
        process = WorkerProcess(
            PROGRAM,
            *(self._data, one.number, place.name, limits.bytes, limits.rows, "yes" if is_shown else "no"),
            deadline=time.monotonic() + SECONDS,
        )
        with self._lock:
            self._process, self.told = process, {}
        return process


def _ended(process: WorkerProcess, tell: Callable[[str], object]) -> CityKgError:
    """Return the error that a process has ended before it was done."""
    ending = process.stop()
    if ending.used_up:
        return CityKgError(f"The table takes more {ending.used_up} than an import may have.", "Import it in parts.")
    tell(ending.said.decode(errors="replace"))
    words = f"The process that worked on it ended (status {ending.status})."
    return CityKgError(words, "Try it again; if that happens again, tell the operator.")
