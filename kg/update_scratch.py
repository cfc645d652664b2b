"""What the operations of an update read: the snapshot, or a private copy of it with what earlier ones have changed."""

from __future__ import annotations

from contextlib import ExitStack
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from pyoxigraph import Quad, Store

from kg.errors import CityKgError
from kg.query_workers import Limits
from kg.snapshots import Build, DataFolder
from kg.union_changes import UnionChanges
from kg.update_errors import UpdateError
from kg.update_process import UpdateProcess
from kg.update_state import State


class Evaluator:
    """The process that has the update, over the graph as it is after its operations so far; to be closed.

    `store` is the open snapshot of `build`. Private copies lie beside the builds under a name that a build removes,
    should they be left behind.
    """

    def __init__(self, folder: DataFolder, build: Build, store: Store, limits: Limits, deadline: float) -> None:
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

    def check(self, text: str) -> dict[str, Any]:
        """Return what the process says of the syntax of an operation."""
        return self._current().ask({"kind": "check"}, text)[0]

    def evaluate(self, request: dict[str, Any], state: State | None) -> tuple[dict[str, Any], bytes]:
        """Return what an operation would do to the graph in a state, None where it does not read it."""
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
        """Make a copy, of hard links where files never change, with the quads and what follows from them."""
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
