"""Verify a data folder: that its store is what the files and the history make, and that all files are intact.

It takes no lock, and looks at a snapshot and at a copy of the live store, so that it can run beside a server. Damage is
found by checksums before a file is read. A table without a checksum is read along every index by a worker: reading a
damaged table may hang, take all memory, or abort.
"""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store

from kg.accounts import Database
from kg.building import sources
from kg.building.conformance import Exemptions, broken_changes
from kg.building.contents import hash_of_stored, replay, scope_parts, stored_quads
from kg.building.ledger_file import LedgerFile
from kg.building.pipeline import Progress
from kg.errors import CityKgError, DataFolderError
from kg.findings import Check
from kg.history import FoldedHistory, History, Record, provenance_of
from kg.jobs import JobFolder
from kg.messages import quantity
from kg.migrations import migrate_records
from kg.rdf import graphs
from kg.rdf.digest import QuadDigest, walk
from kg.rules import infer
from kg.shacl import validate_quads
from kg.shortage import has_room
from kg.store import Build, DataFolder, LiveStore, RevisionGoneError
from kg.workers import QueryLimits, QueryPool

_STEPS = 5
_ATTEMPTS = 3
"""Attempts to read a live store, since the engine may merge its files while they are linked."""

_REBUILD = "Run `citykg build`: it makes the store anew from the files and the history."
_RESTORE = "Restore the folder from a backup: citykg restore FILE --force"


@dataclass(frozen=True)
class _Contents:
    """The contents to compare: the build, its records, the quads of its snapshot and those of the files."""

    build: Build
    records: tuple[Record, ...]
    snapshot: frozenset[Quad]
    files: list[Quad]

    @cached_property
    def _by_graph(self) -> dict[NamedNode | BlankNode | DefaultGraph, frozenset[Quad]]:
        of_graph: defaultdict[NamedNode | BlankNode | DefaultGraph, list[Quad]] = defaultdict(list)
        for quad in self.snapshot:
            of_graph[quad.graph_name].append(quad)
        return {graph: frozenset(quads) for graph, quads in of_graph.items()}

    @cached_property
    def named(self) -> frozenset[Quad]:
        return self.snapshot - self.in_graph(DefaultGraph())

    def in_graph(self, graph: NamedNode | DefaultGraph) -> frozenset[Quad]:
        return self._by_graph.get(graph, frozenset())


def verify(folder: DataFolder, progress: Progress = lambda step, steps: None) -> list[Check]:
    """Return the results of all checks of a data folder; it is intact if each has passed.

    `progress` gets each step in words, and the number of steps. Raises DataFolderError if nothing is built.
    A damaged snapshot is not compared with anything: to read it could take all memory.
    """
    progress("comparing the snapshots with their checksums", _STEPS)
    build = folder.require_build()
    apart = [_check_snapshots(folder, build), check_desk(folder), _check_imports(folder)]
    progress("reading the history", _STEPS)
    history = History(folder.path)
    try:
        LiveStore.refuse_missing_records(folder, build.changes, history)
        records = tuple(history.records())
    except DataFolderError as error:
        return [Check("history", False, error.message, error.hint), *apart]
    upon, waiting = records[: build.changes], len(records) - build.changes
    first = _check_history(upon, waiting)
    try:
        of_works = sources.work_folders(build.works)
    except CityKgError as error:
        return [first, Check("files", False, error.message, error.hint), *apart]
    progress("reading the snapshot", _STEPS)
    if folder.integrity.known_damage(build):
        return [first, *apart]
    if folder.snapshot(build) not in folder.snapshots_with_checksums() and (
        fault := inspect_store(folder.snapshot(build)).fault
    ):
        return [first, Check("snapshot", False, fault, _REBUILD), *apart]
    live = frozenset(Store.read_only(str(folder.snapshot(build))))
    progress("making it again from the files and the history", _STEPS)
    seen, ledger = _Contents(build, upon, live, sources.load(of_works)), LedgerFile(folder)
    checks = [_check_files(ledger, seen), _check_content(seen), *_check_drawn_graphs(seen), _check_counts(seen)]
    checks += [_check_ledger(ledger, seen), _check_changes(folder, seen), *_check_scopes(folder, seen)]
    progress("reading the live store", _STEPS)
    return [first, *checks, _check_live_store(folder, seen), *apart]


def _check_history(records: tuple[Record, ...], waiting: int) -> Check:
    more = f"; {waiting} more not in the store yet: the next writer puts them in" if waiting else ""
    last = f", the last one {records[-1].hash[:12]}" if records else ""
    return Check("history", True, f"{quantity(len(records), 'change')} in an unbroken chain{last}{more}")


def _check_files(ledger: LedgerFile, seen: _Contents) -> Check:
    if ledger.is_of_these_files(seen.build):
        beside = f"; works beside the report: {', '.join(seen.build.works)}" if seen.build.works else ""
        return Check("files", True, f"those of the build{beside}")
    return Check("files", False, "not those that the build was made from", _REBUILD)


def _check_content(seen: _Contents) -> Check:
    changes = FoldedHistory().unfolded_records(migrate_records(seen.records, seen.build.withheld_numbers))
    here, again = hash_of_stored(seen.named), hash_of_stored(replay(seen.files, changes))
    if here == again:
        return Check("content", True, f"files and history make {again}")
    return Check("content", False, f"files and history make {again[:12]}, the store holds {here[:12]}", _REBUILD)


def _check_drawn_graphs(seen: _Contents) -> Iterator[Check]:
    """Check the graphs that are drawn from others."""
    inferred, history = seen.in_graph(graphs.INFERRED), seen.in_graph(graphs.HISTORY)
    yield _compare("default graph", seen.in_graph(DefaultGraph()), graphs.default_graph_once(seen.named))
    yield _compare("graph/inferred", inferred, infer(seen.named - inferred))
    yield _compare("graph/history", history, (quad for record in seen.records for quad in provenance_of(record)))


def _check_changes(folder: DataFolder, seen: _Contents) -> Check:
    """Check that every change that counts conforms to the present rules, or is exempt."""
    try:
        exempt = Exemptions(folder.path).all()
        broken = broken_changes(folder, seen.build, seen.files, seen.records) if seen.records else ()
    except DataFolderError as error:
        return Check("changes", False, error.message, error.hint)
    by_number = {record.number: record.hash for record in seen.records}
    astray = [number for number, one in exempt.items() if by_number.get(number) != one.change]
    if astray:
        return Check("changes", False, f"exemptions of changes that are not there: {_join_numbers(astray)}", _RESTORE)
    bad = [one.record.number for one in broken if one.record.number not in exempt]
    said = f"; do not count: {_join_numbers(seen.build.withheld_numbers)}" if seen.build.withheld else ""
    said += f"; exempt: {_join_numbers(exempt)}" if exempt else ""
    if not bad:
        return Check("changes", True, f"{len(seen.records)}, as the rules are by now{said}")
    hint = (
        f"See what is wrong by `citykg build`; take a change back (citykg revert {bad[-1]} --summary TEXT), or let it "
        f"stand (citykg exempt {bad[-1]} --reason TEXT)."
    )
    return Check("changes", False, f"no longer conform: {_join_numbers(bad)}{said}", hint)


def _check_scopes(folder: DataFolder, seen: _Contents) -> Iterator[Check]:
    """Check that the store of each scope is what its files and the changes make."""
    for part in scope_parts(seen.build.works, seen.records, withheld=seen.build.withheld_numbers):
        name = f"scope {part.scope}"
        try:
            here = frozenset(Store.read_only(str(folder.snapshot_in(part.scope, seen.build))))
        except (DataFolderError, RevisionGoneError, *DataFolder.ENGINE_ERRORS) as error:
            yield Check(name, False, f"it cannot be opened: {error}", _REBUILD)
        else:
            yield _compare(name, here, stored_quads(part) | _quads_of_measures(here))


def _quads_of_measures(here: frozenset[Quad]) -> frozenset[Quad]:
    """Return the measures in a store, of whichever revision, in their own graph and in the default graph."""
    measured = frozenset(quad for quad in here if quad.graph_name == graphs.MEASURES)
    return measured | frozenset(graphs.default_graph_quads(measured))


def _join_numbers(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _compare(name: str, here: frozenset[Quad], wanted: Iterable[Quad]) -> Check:
    should = frozenset(wanted)
    if here == should:
        return Check(name, True, f"{len(here)} quads, as they should be")
    return Check(name, False, f"{len(should - here)} quads missing, {len(here - should)} too many", _REBUILD)


def _check_counts(seen: _Contents) -> Check:
    counted = len(seen.named), len(seen.in_graph(graphs.INFERRED))
    stated = seen.build.quads, seen.build.inferred
    found = f"{counted[0]} quads in named graphs, {counted[1]} of them inferred"
    if counted == stated:
        return Check("counts", True, found)
    return Check("counts", False, f"{found}; the build says {stated[0]} and {stated[1]}", _REBUILD)


def _check_ledger(kept: LedgerFile, seen: _Contents) -> Check:
    if not kept.is_whole(seen.build):
        return Check("ledger", False, "ledger.json is not as it was written", _REBUILD)
    ledger = kept.read(seen.build)
    if ledger is None:
        return Check("ledger", True, "none of this revision: the next change makes it")
    found = validate_quads(seen.named, files=[]).ledger
    if ledger.rows() == found.rows():
        return Check("ledger", True, f"{len(ledger.rows())} findings, as validating all of it has them")
    return Check("ledger", False, "it has other findings than validating all of it", _REBUILD)


def _check_live_store(folder: DataFolder, seen: _Contents) -> Check:
    """Compare the live store with the snapshot; it may have later changes of a writer, but must be readable."""
    for _ in range(_ATTEMPTS):
        found = inspect_live_store(folder, seen.build)
        if not found.fault:
            break
    if found.fault:
        return Check("live store", False, found.fault, _REBUILD)
    if found.quads == len(seen.snapshot) and (not found.digest or found.digest == str(QuadDigest(seen.snapshot))):
        how = "along every index" if found.digest else "in tables"
        return Check("live store", True, f"{found.quads} quads {how}, as in the snapshot")
    if folder.current() != seen.build or History(folder.path).count() > seen.build.changes:
        return Check("live store", True, f"{found.quads} quads; a writer is changing it")
    return Check("live store", False, "it holds other statements than the snapshot", _REBUILD)


def _check_snapshots(folder: DataFolder, current: Build) -> Check:
    by_snapshot = folder.integrity.compare_all()
    of_current = folder.snapshot(current).with_suffix(".json")
    damaged = [path for files in by_snapshot.values() for path in files]
    if damaged:
        names = ", ".join(str(path.relative_to(folder.path)) for path in damaged)
        return Check("snapshots", False, f"not as they were written: {names}", _REBUILD)
    if _read_json(folder.path / "current.json") != _read_json(of_current) and folder.current() == current:
        return Check("snapshots", False, "current.json is not as it was written", _REBUILD)
    without = sum(folder.snapshot(build) not in by_snapshot for build in folder.available_builds())
    older = f"; {without} from an older version have none" if without else ""
    return Check("snapshots", True, f"{len(by_snapshot)}, each file as its checksum says{older}")


def _read_json(path: Path) -> object:
    """Return the content of a JSON file, None if it is missing."""
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else None


def check_desk(folder: DataFolder) -> Check:
    """Check that the tokens and proposals of a data folder are intact."""
    path = folder.path / "desk.sqlite"
    if not path.exists():
        return Check("desk", True, "none: no tokens and no proposals")
    damage = Database(folder.path).damage()
    if damage:
        return Check("desk", False, f"desk.sqlite: {damage}", _RESTORE)
    return Check("desk", True, "each row as it was written")


def _check_imports(folder: DataFolder) -> Check:
    """Check that the files of imports are intact."""
    imports = JobFolder(folder.path / "imports", "import")
    numbers = imports.numbers()
    for number in numbers:
        try:
            with suppress(FileNotFoundError):
                imports.refuse_damaged(number)
        except DataFolderError as error:
            return Check("imports", False, error.public_message(folder.path), error.hint)
    return Check("imports", True, f"{quantity(len(numbers), 'import')}, each file as it was written")


_MEMORY_BYTES, _MEMORY_A_BYTE = 1 << 30, 16
_SECONDS, _SECONDS_A_MEGABYTE = 60.0, 10.0
"""Limits of a walk, fixed and by size: several times what it needs on a busy machine."""


@dataclass(frozen=True)
class StoreInspection:
    """The number of quads in a store, their digest (kg.rdf.digest) if it was walked, or its `fault`."""

    quads: int = 0
    digest: str = ""
    fault: str = ""


def inspect_store(store: Path) -> StoreInspection:
    """Read a store along every index; it must not be written meanwhile."""
    if not store.is_dir():
        return StoreInspection(fault="it is not there")
    size = sum(path.stat().st_size for path in store.iterdir())
    seconds, memory = _SECONDS + _SECONDS_A_MEGABYTE * size / 1e6, _MEMORY_BYTES + _MEMORY_A_BYTE * size
    try:
        with closing(QueryPool(store, QueryLimits(seconds, memory_bytes=memory, workers=1))) as pool:
            found = json.loads(pool.read(store, walk).read_all())
    except CityKgError as error:
        return StoreInspection(fault=error.message)
    other = f"along the index by {', '.join(found['other'])} it holds other statements" if found["other"] else ""
    return StoreInspection(found["quads"], found["digest"], other)


def inspect_live_store(folder: DataFolder, build: Build) -> StoreInspection:
    """Inspect the live store of a build; it is walked if one of its tables has no checksum in the snapshot."""
    live = folder.live_store_path(build)
    if not (live / "CURRENT").is_file():
        return StoreInspection(fault="it is not there")
    with _frozen_copy(live) as copy:
        damaged, has_same_tables = folder.integrity.compare_live(copy, build)
        if damaged:
            return StoreInspection(fault=f"not as they were written: {', '.join(damaged)}")
        if not has_same_tables:
            return inspect_store(copy)
        try:
            return StoreInspection(len(Store.read_only(str(copy))))
        except DataFolder.ENGINE_ERRORS as error:
            return StoreInspection(fault=f"it cannot be opened: {error}")


@contextmanager
def _frozen_copy(live: Path) -> Iterator[Path]:
    """Make a temporary copy of a store as it is at this moment, even if a writer has it open.

    Tables never change and are linked if possible; files that a writer appends to are copied, and first, since they
    name the tables.
    """
    writable = os.access(live.parent, os.W_OK) and has_room(live.parent)
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=live.parent if writable else None) as beside:
        copy = Path(beside) / "store"
        copy.mkdir()
        for path in sorted(live.iterdir(), key=lambda path: path.suffix == ".sst"):
            with suppress(FileNotFoundError):  # the engine removes files that it no longer needs
                if path.suffix == ".sst":
                    _link(path, copy / path.name)
                elif not path.name.startswith(("LOCK", "LOG")):
                    shutil.copyfile(path, copy / path.name)
        yield copy


def _link(table: Path, link: Path) -> None:
    try:
        os.link(table, link)
    except FileNotFoundError:
        raise
    except OSError:
        link.symlink_to(table.absolute())
