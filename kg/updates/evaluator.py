"""The process that evaluates one update, over the snapshot or a private copy of it.

The copy has what earlier operations have changed.
"""

from __future__ import annotations

import time
from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from pyoxigraph import Quad, Store

from kg.errors import CityKgError, DataFolderError
from kg.rules import UnionChanges
from kg.store import Build, DataFolder
from kg.updates.effects import GraphState
from kg.updates.errors import UpdateError
from kg.workers import LimitReachedError, QueryLimits, WorkerProcess

_HINT = "Change less at a time, and add patterns that connect the parts of the WHERE."
_HINTS = {"nesting": "Write it with fewer braces inside."}


class Evaluator:
    """The process of an update, over the graph after its operations so far; to be closed.

    `store` is the open snapshot of `build`. Private copies lie beside the builds under a name that a build removes,
    should they be left behind.
    """

    def __init__(self, folder: DataFolder, build: Build, store: Store, limits: QueryLimits, deadline: float) -> None:
        self._builds = folder.path / "builds"
        self._snapshot = folder.snapshot(build)
        self._store = store
        self._limits = limits
        self._deadline = deadline
        self._opened = ExitStack()
        self._process: UpdateProcess | None = None
        self._seen: tuple[frozenset[Quad], frozenset[Quad]] = frozenset(), frozenset()

    def __enter__(self) -> Evaluator:
        """Return the evaluator itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process and remove its private copy."""
        self._opened.close()

    def check(self, declarations: str, text: str) -> dict[str, Any]:
        """Return the verdict of the process on the syntax of an operation."""
        return self._current().ask({"kind": "check", "declarations": declarations}, text)[0]

    def evaluate(self, request: dict[str, Any], state: GraphState | None) -> tuple[dict[str, Any], bytes]:
        """Return the effect of an operation on a state, None where it does not read the graph."""
        if state is not None:
            self._catch_up(frozenset(state.added), frozenset(state.removed))
        return self._current().ask({"kind": "evaluate", **request}, "")

    def _current(self) -> UpdateProcess:
        if self._process is None:
            self._start(self._snapshot)
        assert self._process
        return self._process

    def _catch_up(self, added: frozenset[Quad], removed: frozenset[Quad]) -> None:
        if (added, removed) == self._seen:
            return
        self._opened.close()
        folder = TemporaryDirectory(dir=self._builds, prefix="unfinished-update-")
        copy = Path(self._opened.enter_context(folder)) / "store"
        self._write(copy, added, removed)
        self._start(copy)
        self._seen = added, removed

    def _start(self, snapshot: Path) -> None:
        self._process = self._opened.enter_context(UpdateProcess(snapshot, self._limits, self._deadline))

    def _write(self, copy: Path, added: frozenset[Quad], removed: frozenset[Quad]) -> None:
        """Make a copy, of hard links where files never change, with the quads and their inferences."""
        self._store.backup(str(copy))
        try:
            derived = self._unions.of(self._store, added, removed)
        except CityKgError as error:
            raise UpdateError(error.message, error.hint) from error
        writable = Store(str(copy))
        for quad in removed | derived.removed:
            writable.remove(quad)
        writable.extend(added | derived.added)

    @cached_property
    def _unions(self) -> UnionChanges:
        return UnionChanges(self._store)


class UpdateProcess:
    """A process over one snapshot (kg.programs.update), killed at the deadline; to be closed."""

    def __init__(self, snapshot: Path, limits: QueryLimits, deadline: float) -> None:
        """Start it; `deadline` is a time of time.monotonic. Of the limits, `memory_bytes` counts."""
        self._memory = f"{limits.memory_bytes >> 20:,} MiB"
        seconds = max(0.0, deadline - time.monotonic())
        self._process = WorkerProcess("kg.programs.update", snapshot, limits.memory_bytes, seconds, deadline=deadline)

    def __enter__(self) -> UpdateProcess:
        """Return the process itself."""
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        """End the process."""
        self._process.stop()

    def ask(self, request: dict[str, Any], text: str) -> tuple[dict[str, Any], bytes]:
        """Return the answer to a request. Raises LimitReachedError, UpdateError and WorkerLostError."""
        try:
            self._process.send(request, text.encode())
            message, body = self._process.receive()
        except TimeoutError:
            raise self._late() from None
        except EOFError:
            raise self._cause_of_death() from None
        if message["kind"] == "limit":
            raise LimitReachedError(message["limit"], message["reached"] or self._memory, _HINT)
        if message["kind"] == "refused":
            error = CityKgError.from_json(message)
            raise error if isinstance(error, DataFolderError) else UpdateError(error.message, error.hint)
        return message, body

    def _cause_of_death(self) -> CityKgError:
        """Return why the process ended, by its exit status, standard error and the clock."""
        ending = self._process.stop()
        lacking = ending.exhausted_resource
        if lacking is not None:
            reached = self._memory if lacking == "memory" else "as deep as the stack allows"
            return LimitReachedError(lacking, reached, _HINTS.get(lacking, _HINT))
        if time.monotonic() >= self._process.deadline:
            return self._late()
        return ending.lost_error("update")

    def _late(self) -> LimitReachedError:
        return LimitReachedError("seconds", "the deadline has passed", _HINT)
