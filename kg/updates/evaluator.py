"""The workers that evaluate one update, over the snapshot or a private copy of it.

The copy has what earlier operations have changed.
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, closing
from dataclasses import replace
from functools import cached_property
from typing import Any, Self

from pyoxigraph import NamedNode, Quad, Store

from kg.errors import CityKgError
from kg.rdf.change import Change
from kg.rdf.lookup import match
from kg.readings import Reading
from kg.rules import UnionChanges
from kg.store import Build, DataFolder
from kg.store.staging import changed_copy
from kg.updates.errors import UpdateError
from kg.updates.evaluation import HINT, Fault, OperationEffect, first_fault, operation_effect
from kg.workers import LimitReachedError, QueryPool


class GraphState:
    """Named graphs with the changes so far; the store is only read. Quads are in the engine's canonical form.

    None of `added` is in the store, all of `removed` are.
    """

    def __init__(self, store: Store) -> None:
        self.store = store
        self.added: set[Quad] = set()
        self.removed: set[Quad] = set()

    def change(self, removed: Iterable[Quad], added: Iterable[Quad]) -> None:
        """Remove quads, then add others, where that changes something."""
        for quad in removed:
            self.added.discard(quad)
            if quad in self.store:
                self.removed.add(quad)
        for quad in added:
            self.removed.discard(quad)
            if quad not in self.store:
                self.added.add(quad)

    def quads(self, graph: str) -> Iterator[Quad]:
        """Yield the quads of a named graph."""
        name = NamedNode(graph)
        yield from (quad for quad in self.added if quad.graph_name == name)
        yield from (quad for quad in match(self.store, graph=name) if quad not in self.removed)


class Evaluator:
    """Has the operations of an update evaluated over the graph after those before them; to be closed.

    `store` is the open snapshot of `build`, which the workers of `pool` read. A private copy has a worker of its own.
    """

    def __init__(self, folder: DataFolder, build: Build, store: Store, pool: QueryPool, seconds: float) -> None:
        self._folder = folder
        self._snapshot = folder.snapshot(build)
        self._store = store
        self._pool = pool
        self._limits = pool.limits
        self._deadline = time.monotonic() + seconds
        self._opened = ExitStack()
        self._seen: tuple[frozenset[Quad], frozenset[Quad]] = frozenset(), frozenset()

    def __enter__(self) -> Self:
        """Return the evaluator itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """Remove the private copy, and end its worker."""
        self._opened.close()

    def check(self, operations: Sequence[tuple[str, str]]) -> Fault | None:
        """Return what is wrong with the syntax of the first operation that is not well-formed."""
        fault: Fault | None = self._read(first_fault, operations)
        return fault

    def evaluate(self, request: dict[str, Any], state: GraphState | None) -> OperationEffect:
        """Return the effect of an operation on a state, None where it does not read the graph."""
        if state is not None:
            self._catch_up(frozenset(state.added), frozenset(state.removed))
        effect: OperationEffect = self._read(operation_effect, request)
        return effect

    def _read(self, reading: Reading[..., Any], *arguments: Any) -> Any:
        left = self._deadline - time.monotonic()
        late = LimitReachedError("seconds", "the deadline has passed", HINT, "update")
        if left <= 0:
            raise late
        try:
            found = self._pool.update(self._snapshot, reading, *arguments, seconds=left, hint=HINT)
            return json.loads(found.read_all())
        except LimitReachedError as error:
            raise late if error.limit == "seconds" else error from None

    def _catch_up(self, added: frozenset[Quad], removed: frozenset[Quad]) -> None:
        """Have what follows evaluated over a copy, of hard links where files never change, with changes so far."""
        if (added, removed) == self._seen:
            return
        self._opened.close()
        whole = self._with_what_follows(added, removed)
        copy = self._snapshot = self._opened.enter_context(changed_copy(self._folder, self._store, whole))
        self._pool = self._opened.enter_context(closing(QueryPool(copy, replace(self._limits, workers=1))))
        self._seen = added, removed

    def _with_what_follows(self, added: frozenset[Quad], removed: frozenset[Quad]) -> Change:
        try:
            derived = self._unions.of(self._store, added, removed)
        except CityKgError as error:
            raise UpdateError(error.message, error.hint) from error
        return Change(added | derived.added, removed | derived.removed)

    @cached_property
    def _unions(self) -> UnionChanges:
        return UnionChanges(self._store)
