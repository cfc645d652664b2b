"""Let the copy in an engine follow the data folder: each change in order and once, whichever side crashes.

A change that the engine lacks is one update, which first compares the revision that the engine says it holds, and then
sets it. What is larger than one update may be goes in parts, and until the last has come the copy is of no revision.
Changes that came while the engine was away, and of which no snapshot is kept, go together. Where the engine holds
nothing yet, or cannot be brought up to date so, the whole is loaded graph by graph.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

from pyoxigraph import BlankNode, DefaultGraph, Quad, Store

from kg.engines.client import Engine, EngineFailedError
from kg.engines.copies import (
    CopyComparison,
    CopyRefusedError,
    CopyState,
    Load,
    RevisionStores,
    changes_of,
    parts,
    read_copy_state,
    update_text,
)
from kg.engines.dialects import union_of
from kg.errors import CityKgError, DataFolderError
from kg.history import History, Record, provenance_of
from kg.rdf.graphs import quad_in
from kg.rdf.scopes import EVERYTHING, REPORT
from kg.rules import UnionChanges
from kg.store import Build, DataFolder

SECONDS = 120.0
"""Seconds that one request to an engine may take."""
IDENTIFIER = "identifier"
"""The file in the data folder by which copies know whose they are."""
_LOOK, _LOOK_AGAIN = 0.1, 10.0
_WAIT, _LONGEST_WAIT = 0.2, 10.0
"""Seconds between looks at the data folder; until the next attempt after a failure, at first and at most."""

Progress = Callable[[str, int], object]


def refuse_other(folder: DataFolder, held: CopyState, address: str) -> None:
    """Raise CopyRefusedError unless what an engine holds is a copy of a data folder, as it is now or was before."""
    if held.identifier != identifier_of(folder):
        raise CopyRefusedError(
            f"The engine {address} holds a copy of another data folder.",
            "Name another engine; or have that copy written over: citykg replicate --anew",
        )
    if held.changes > (changes := folder.require_build().changes):
        raise CopyRefusedError(
            f"The engine {address} is ahead: it has {held.changes} changes, the data folder has {changes}.",
            "Restore the data folder from a later backup; or have the copy written over: citykg replicate --anew",
        )
    if held.change != _hash_of(folder, held.changes):
        raise CopyRefusedError(
            f"The engine {address} has another change {held.changes} than the data folder.",
            "If that was restored from a backup, have the copy written over: citykg replicate --anew",
        )


def identifier_of(folder: DataFolder) -> str:
    """Return the identifier of a data folder for its copies; made once, and not part of backups."""
    path = folder.path / IDENTIFIER
    try:
        with path.open("x", encoding="ascii") as file:
            file.write(uuid4().hex)
    except FileExistsError:
        pass
    except OSError as error:
        raise DataFolderError("{place} cannot be written: {cause}", place=path, cause=error) from error
    return path.read_text(encoding="ascii")


def _hash_of(folder: DataFolder, number: int) -> str:
    """Return the hash of a change, empty for none."""
    record = History(folder.path).get(number) if number else None
    return record.hash if record is not None else ""


class Replica:
    """The copy of a data folder that an engine holds. One thread at a time writes through it."""

    def __init__(self, folder: DataFolder, engine: Engine, *, seconds: float = SECONDS) -> None:
        """Take a data folder and the engine for its copy. Sends no request."""
        self.engine = engine
        self.held: CopyState | None = None
        """The state of the copy when last asked, None if it was not or holds none."""
        self.error: CityKgError | None = None
        """The error that keeps the copy from following, None if there is none."""
        self._folder = folder
        self._history = History(folder.path)
        self._seconds = seconds
        self._rules: dict[str, UnionChanges] = {}
        self._base: RevisionStores | None = None
        self._is_counted = False

    def follow(self, stop: threading.Event, tell: Callable[[str], object] = lambda message: None) -> None:
        """Bring the copy up to date whenever the data folder has changed, until told to stop.

        It also looks now and then whether the engine has lost what it held. A CityKgError is kept in `error`, and it is
        tried again; `tell` gets it once, however often that fails, and when it has gone well again.
        """
        seen: tuple[int, int] | None = None
        wait, looked = _WAIT, 0.0
        while not stop.is_set():
            changed_at = self._folder.current_stamp()
            if changed_at == seen and self.error is None and time.monotonic() - looked < _LOOK_AGAIN:
                stop.wait(_LOOK)
                continue
            try:
                looked = time.monotonic()
                held = self.advance()
                if self.error is not None:
                    tell(f"The copy in the engine {self.engine.address} follows again: it holds {held.revision}.")
                seen, wait, self.error = changed_at, _WAIT, None
            except CityKgError as error:
                if self.error is None or self.error.message != error.message:
                    said = error if isinstance(error, CopyRefusedError) else error.message  # others mend themselves
                    tell(f"A copy does not follow the data folder. {said}")
                self.error = error
                stop.wait(wait)
                wait = min(2 * wait, _LONGEST_WAIT)

    def advance(self, progress: Progress = lambda step, steps: None, *, anew: bool = False) -> CopyState:
        """Bring the copy up to the current revision, and return its state.

        `anew` loads the whole whatever the engine holds, and removes what is not ours. Raises CopyRefusedError,
        EngineFailedError, DataFolderError.
        """
        try:
            return self._advance(progress, anew)
        except EngineFailedError:
            self._is_counted = False  # it may have died, and lost what it had said it holds
            raise

    def compare(self) -> CopyComparison:
        """Compare the copy with the same revision here. Raises as `comparable_state`."""
        held, build = self.comparable_state()
        behind = self._folder.require_build().changes - held.changes
        return Load(self.engine, self._seconds).compare(self._source(build), held.revision, behind)

    def comparable_state(self) -> tuple[CopyState, Build]:
        """Return the state of the copy, and its build here. Raises as `advance`."""
        build = self._folder.require_build()
        held = read_copy_state(self.engine, seconds=self._seconds)
        if held is None or not held.revision:
            raise CopyRefusedError(
                f"The engine {self.engine.address} holds no complete copy.", "Make one: citykg replicate"
            )
        refuse_other(self._folder, held, self.engine.address)
        before = replace(build, changes=held.changes)
        if held.build != build.name or not self._folder.has_snapshot(before):
            raise CopyRefusedError(
                f"The engine holds revision {held.revision}, which is no longer kept here to be compared with.",
                "Bring it up to date: citykg replicate",
            )
        return held, before

    def _advance(self, progress: Progress, anew: bool) -> CopyState:
        build = self._folder.require_build()
        self.held = read_copy_state(self.engine, seconds=self._seconds)
        if anew or self._needs_load(build):
            self._load(progress)
            build = self._folder.require_build()
        while self.held is not None and (not self.held.revision or self.held.changes < build.changes):
            if not self._make_next(self.held, build):
                self._load(progress)
        assert self.held is not None
        return self.held

    def _needs_load(self, build: Build) -> bool:
        """Return True if the copy has to be loaded anew. Raises CopyRefusedError."""
        load = Load(self.engine, self._seconds)
        if self.held is None:
            load.refuse_strangers()
            return True
        refuse_other(self._folder, self.held, self.engine.address)
        if self.held.build != build.name:
            return True
        if self._is_counted or not self.held.revision:
            return False
        self._is_counted = True
        before = replace(build, changes=self.held.changes)
        return self._folder.has_snapshot(before) and not load.is_as_large_as(self._source(before))

    def _load(self, progress: Progress) -> None:
        snapshot = self._folder.current_snapshot()
        build = snapshot.build
        held = CopyState(identifier_of(self._folder), build.name, build.revision, _hash_of(self._folder, build.changes))
        source = RevisionStores(build.name, build.changes, snapshot.store, self._scopes(build))
        Load(self.engine, self._seconds).all_of(source, held, progress)
        self.held, self._is_counted = held, True
        self._base = source
        self._rules.clear()

    def _make_next(self, held: CopyState, build: Build) -> bool:
        """Make the next change, or resume one; return False if it cannot be done by updates."""
        base = self._base_at(build, changes_of(held.revision or held.leaving))
        if base is None:
            return False
        last = changes_of(held.becoming) if held.becoming else self._next(build, base.changes)
        found = (self._history.get(number) for number in range(base.changes + 1, last + 1))
        records = [record for record in found if record is not None]
        if not records or any(record.is_large for record in records):
            return False
        come, gone = self._quads(records, base)
        if any(isinstance(term, BlankNode) for quad in (*come, *gone) for term in (quad.subject, quad.object)):
            return False  # no update can name one
        after = replace(held, revision=build.revision_of(last), change=records[-1].hash, becoming="", leaving="")
        self._make(held, after, come, gone)
        self._base = self._base_at(build, last)
        return True

    def _next(self, build: Build, changes: int) -> int:
        """Return the number of changes of the next snapshot: one more, unless many came meanwhile."""
        if self._folder.has_snapshot(replace(build, changes=changes + 1)):
            return changes + 1
        kept = (
            one.changes for one in self._folder.available_builds() if one.name == build.name and one.changes > changes
        )
        return min(kept, default=build.changes)

    def _base_at(self, build: Build, changes: int) -> RevisionStores | None:
        """Return the stores of a build at a number of changes: the open ones, or snapshots if they are kept."""
        kept = self._base
        if kept is not None and (kept.build, kept.changes) == (build.name, changes):
            return kept
        before = replace(build, changes=changes)
        return self._source(before) if self._folder.has_snapshot(before) else None

    def _make(self, held: CopyState, after: CopyState, come: list[Quad], gone: list[Quad]) -> None:
        """Make a change: in one update if it is small enough, else in parts. All of it may be repeated."""
        size = self.engine.dialect.most_statements
        if held.revision and len(come) + len(gone) <= size:
            self._update(held, after, come, gone)
        else:
            under_way = replace(after, revision="", becoming=after.revision, leaving=held.revision or held.leaving)
            if held != under_way:
                self._update(held, under_way)
            for some in parts(gone, size):
                self._update(under_way, under_way, gone=some)
            for some in parts(come, size):
                self._update(under_way, under_way, come=some)
            self._update(under_way, after)
        self.held = after

    def _update(
        self, before: CopyState, after: CopyState, come: Sequence[Quad] = (), gone: Sequence[Quad] = ()
    ) -> None:
        """Send an update, and check its effect: it changes nothing where the copy is not in its old state."""
        text = update_text(self.engine.dialect, before, after, come, gone)
        self.engine.update(text, seconds=self._seconds)
        self.held = read_copy_state(self.engine, seconds=self._seconds)
        if self.held != after:
            raise EngineFailedError(self.engine.address, "has not made an update, though it did not refuse it")

    def _quads(self, records: Sequence[Record], base: RevisionStores) -> tuple[list[Quad], list[Quad]]:
        """Return the quads that changes and their inferences add and remove together.

        No change comes to the scopes of other works.
        """
        added: set[Quad] = set()
        removed: set[Quad] = set()
        for record in records:
            come, gone = record.added_quads(), record.removed_quads()
            added = (added - gone) | come
            removed = (removed | gone) - come
        derived = self._rules_of(EVERYTHING, base.whole).of(base.whole, added, removed)
        stated = (quad for record in records for quad in provenance_of(record))
        all_come, all_gone = {*added, *derived.added, *stated}, removed | derived.removed
        if not self.engine.dialect.can_answer:
            all_come, all_gone = all_come - {*_in_default(all_come)}, all_gone - {*_in_default(all_gone)}
        elif REPORT in base.scopes:
            report = base.scopes[REPORT]
            apart = self._rules_of(REPORT, report).of(report, added, removed)
            all_come |= {quad_in(quad, union_of(REPORT)) for quad in _in_default(apart.added)}
            all_gone |= {quad_in(quad, union_of(REPORT)) for quad in _in_default(apart.removed)}
        return sorted(all_come, key=str), sorted(all_gone, key=str)

    def _rules_of(self, scope: str, store: Store) -> UnionChanges:
        """Return the rules for the terms of a scope, which stay the same until another build."""
        if scope not in self._rules:
            self._rules[scope] = UnionChanges(store)
        return self._rules[scope]

    def _source(self, build: Build) -> RevisionStores:
        return RevisionStores(build.name, build.changes, _open_store(self._folder.snapshot(build)), self._scopes(build))

    def _scopes(self, build: Build) -> dict[str, Store]:
        if not self.engine.dialect.can_answer:
            return {}
        return {scope: _open_store(self._folder.snapshot_in(scope, build)) for scope in self._folder.scopes(build)}


def _in_default(quads: Iterable[Quad]) -> Iterator[Quad]:
    return (quad for quad in quads if isinstance(quad.graph_name, DefaultGraph))


def _open_store(path: Path) -> Store:
    try:
        return Store.read_only(str(path))
    except DataFolder.ENGINE_ERRORS as error:
        raise DataFolderError("The snapshot cannot be opened: {cause}", place=path, cause=error) from error
