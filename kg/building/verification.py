"""Verify a data folder: whether its store is what the files and the history make, and whether all of it is whole.

It takes no lock, and looks at a snapshot and at a copy of the live store, so that it can be asked beside a running
server. What is damaged is found by checksums before it is read, and the live store is read in a process of its own: a
query that meets a flipped bit may take all memory.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.accounts import Database
from kg.building import sources
from kg.building.conformance import Exemptions, broken_of
from kg.building.contents import content_hash, held, parts
from kg.building.ledger_file import LedgerFile
from kg.building.pipeline import Progress
from kg.building.replay import replayed
from kg.building.walks import Walk, Walked, held_still
from kg.errors import CityKgError, DataFolderError
from kg.history import FoldedHistory, History, HistoryGraph, Record, provenance_of
from kg.messages import counted
from kg.migrations import in_terms_of_today
from kg.rdf import graphs
from kg.rdf.digest import Digest
from kg.rules import infer
from kg.shacl import validate_quads
from kg.store import Build, Damage, DataFolder, LiveStore, RevisionGoneError

_STEPS = 5
_ATTEMPTS = 3
"""Times that a live store is read, of which the engine may put files together while they are linked."""

_REBUILD = "Run `citykg build`: it makes the store anew from the files and the history."
_RESTORE = "Restore the folder from a backup: citykg restore FILE --force"


@dataclass(frozen=True)
class Check:
    """One thing looked at. `found` says what was seen, `hint` what to do where it is not as it should be."""

    name: str
    passed: bool
    found: str
    hint: str = ""


@dataclass(frozen=True)
class _Folder:
    """What is compared: the build, its records, the quads of its snapshot and those that the files now state."""

    build: Build
    records: tuple[Record, ...]
    live: frozenset[Quad]
    files: list[Quad]

    @cached_property
    def named(self) -> frozenset[Quad]:
        return frozenset(quad for quad in self.live if isinstance(quad.graph_name, NamedNode))

    def of(self, graph: NamedNode | DefaultGraph) -> frozenset[Quad]:
        return frozenset(quad for quad in self.live if quad.graph_name == graph)


def verify(folder: DataFolder, progress: Progress = lambda step, steps: None) -> list[Check]:
    """Return all checks of a data folder; it is whole if each has passed.

    `progress` gets each step in words, and how many there are in all. Raises DataFolderError where nothing is built.
    A snapshot that is damaged, or that cannot be read, is not compared with anything: to read it could take all memory.
    """
    progress("comparing the snapshots with their checksums", _STEPS)
    build = folder.built()
    damage = Damage(folder)
    apart = [_snapshots(folder, build, damage), desk_check(folder)]
    progress("reading the history", _STEPS)
    try:
        records = _records(folder, build)
    except DataFolderError as error:
        return [Check("history", False, error.message, error.hint), *apart]
    upon, waiting = records[: build.changes], len(records) - build.changes
    first = _history(upon, waiting)
    try:
        of_works = sources.folders(build.works)
    except CityKgError as error:
        return [first, Check("files", False, error.message, error.hint), *apart]
    progress("reading the snapshot", _STEPS)
    if damage.of(build):
        return [first, *apart]
    if snapshot_fault := _fault_of(folder, build):
        return [first, Check("snapshot", False, snapshot_fault, _REBUILD), *apart]
    with _walk(folder, build) as walk:
        live = frozenset(Store.read_only(str(folder.snapshot(build))))
        progress("making it again from the files and the history", _STEPS)
        seen = _Folder(build, upon, live, sources.load(of_works))
        checks = [check(seen) for check in (_files, _content, _default_graph, _inferred, _record, _counts)]
        checks += [_ledger(LedgerFile(folder), seen), _changes(folder, seen), *_scopes(folder, seen)]
        progress("reading the live store along every index", _STEPS)
        walked = walk.end() if walk else Walked(fault="it is not there")
    return [first, *checks, _live_store(folder, seen, walked), *apart]


def _records(folder: DataFolder, build: Build) -> tuple[Record, ...]:
    history = History(folder.path)
    LiveStore.refuse_missing_records(folder, build.changes, history)
    return tuple(history.records())


def _history(records: tuple[Record, ...], waiting: int) -> Check:
    more = f"; {waiting} more not in the store yet: the next writer puts them in" if waiting else ""
    last = f", the last one {records[-1].hash[:12]}" if records else ""
    return Check("history", True, f"{counted(len(records), 'change')} in an unbroken chain{last}{more}")


def _files(seen: _Folder) -> Check:
    if sources.is_up_to_date(seen.build):
        beside = f"; works beside the report: {', '.join(seen.build.works)}" if seen.build.works else ""
        return Check("files", True, f"those of the build{beside}")
    return Check("files", False, "not those that the build was made from", _REBUILD)


def _content(seen: _Folder) -> Check:
    changes = FoldedHistory().not_in(in_terms_of_today(seen.records, seen.build.not_counting))
    here, again = content_hash(seen.named), content_hash(replayed(seen.files, changes))
    if here == again:
        return Check("content", True, f"files and history make {again}")
    return Check("content", False, f"files and history make {again[:12]}, the store holds {here[:12]}", _REBUILD)


def _default_graph(seen: _Folder) -> Check:
    return _same("default graph", seen.of(DefaultGraph()), graphs.set_union(seen.named))


def _inferred(seen: _Folder) -> Check:
    return _same("graph/inferred", seen.of(graphs.INFERRED), infer(seen.named - seen.of(graphs.INFERRED)))


def _record(seen: _Folder) -> Check:
    stated = (quad for record in seen.records for quad in provenance_of(record))
    return _same("graph/history", seen.of(graphs.HISTORY), stated)


def _changes(folder: DataFolder, seen: _Folder) -> Check:
    """Return whether every change that counts conforms by what is asked today, or was exempted."""
    try:
        exempt = Exemptions(folder.path).all()
        broken = broken_of(folder, seen.build, seen.files, seen.records) if seen.records else ()
    except DataFolderError as error:
        return Check("changes", False, error.message, error.hint)
    by_number = {record.number: record.hash for record in seen.records}
    astray = [number for number, one in exempt.items() if by_number.get(number) != one.change]
    if astray:
        return Check("changes", False, f"exemptions of changes that are not there: {_listed(astray)}", _RESTORE)
    bad = [one.record.number for one in broken if one.record.number not in exempt]
    said = f"; do not count: {_listed(seen.build.not_counting)}" if seen.build.withheld else ""
    said += f"; exempt: {_listed(exempt)}" if exempt else ""
    if not bad:
        return Check("changes", True, f"{len(seen.records)}, as the rules are by now{said}")
    hint = (
        f"See what is wrong by `citykg build`; take a change back (citykg revert {bad[-1]} --summary TEXT), or let it "
        f"stand (citykg exempt {bad[-1]} --reason TEXT)."
    )
    return Check("changes", False, f"no longer conform: {_listed(bad)}{said}", hint)


def _scopes(folder: DataFolder, seen: _Folder) -> Iterator[Check]:
    """Yield whether the store of each scope is what its files and the changes make."""
    for part in parts(seen.build.works, seen.records, withheld=seen.build.not_counting):
        name = f"scope {part.scope}"
        try:
            here = frozenset(Store.read_only(str(folder.snapshot_in(part.scope, seen.build))))
        except (DataFolderError, RevisionGoneError, *DataFolder.ENGINE_ERRORS) as error:
            yield Check(name, False, f"it cannot be opened: {error}", _REBUILD)
        else:
            yield _same(name, here, held(part) | _measures(here))


def _measures(here: frozenset[Quad]) -> frozenset[Quad]:
    """Return the measures of a store, of whichever revision they are, and what they come to in the default graph."""
    measured = frozenset(quad for quad in here if quad.graph_name == graphs.MEASURES)
    return measured | frozenset(graphs.in_union(measured))


def _listed(numbers: Iterable[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))


def _same(name: str, here: frozenset[Quad], wanted: Iterable[Quad]) -> Check:
    should = frozenset(wanted)
    if here == should:
        return Check(name, True, f"{len(here)} quads, as they should be")
    return Check(name, False, f"{len(should - here)} quads missing, {len(here - should)} too many", _REBUILD)


def _counts(seen: _Folder) -> Check:
    counted = len(seen.named), len(seen.of(graphs.INFERRED))
    stated = seen.build.quads, seen.build.inferred
    found = f"{counted[0]} quads in named graphs, {counted[1]} of them inferred"
    if counted == stated:
        return Check("counts", True, found)
    return Check("counts", False, f"{found}; the build says {stated[0]} and {stated[1]}", _REBUILD)


def _ledger(kept: LedgerFile, seen: _Folder) -> Check:
    if not kept.is_whole(seen.build):
        return Check("ledger", False, "not as it was written", _REBUILD)
    ledger = kept.read(seen.build)
    if ledger is None:
        return Check("ledger", True, "none of this revision: the next change makes it")
    found = validate_quads(seen.named, files=[]).ledger
    if ledger.rows() == found.rows():
        return Check("ledger", True, f"{len(ledger.rows())} findings, as validating all of it has them")
    return Check("ledger", False, "it has other findings than validating all of it", _REBUILD)


@contextmanager
def _walk(folder: DataFolder, build: Build) -> Iterator[Walk | None]:
    """Begin to read the live store of a build; None where there is none."""
    live = folder.live(build)
    if not (live / "CURRENT").is_file():
        yield None
        return
    with held_still(live) as copy, Walk(copy) as walk:
        yield walk


def _live_store(folder: DataFolder, seen: _Folder, walked: Walked) -> Check:
    """Compare the live store with the snapshot; one that a writer is at is further on, and must be readable."""
    should = str(Digest(seen.live))
    for _ in range(_ATTEMPTS - 1):
        if not walked.fault:
            break
        with _walk(folder, seen.build) as walk:
            walked = walk.end() if walk else walked
    if walked.fault:
        return Check("live store", False, walked.fault, _REBUILD)
    if walked.digest == should:
        return Check("live store", True, f"{walked.quads} quads along every index, as in the snapshot")
    if _is_ahead(folder, seen.build):
        return Check("live store", True, f"{walked.quads} quads along every index; a writer is changing it")
    return Check("live store", False, "it holds other statements than the snapshot", _REBUILD)


def _is_ahead(folder: DataFolder, build: Build) -> bool:
    return folder.current() != build or History(folder.path).count() > build.changes


def _snapshots(folder: DataFolder, current: Build, damage: Damage) -> Check:
    by_snapshot = damage.by_snapshot()
    damaged = [path for files in by_snapshot.values() for path in files]
    if damaged:
        names = ", ".join(str(path.relative_to(folder.path)) for path in damaged)
        return Check("snapshots", False, f"not as they were written: {names}", _REBUILD)
    without = [build for build in folder.kept() if folder.snapshot(build) not in by_snapshot]
    if broken := [build.revision for build in without if not _opens(folder, build) and build in folder.kept()]:
        return Check("snapshots", False, f"cannot be opened: {', '.join(broken)}", _REBUILD)
    if folder.build_of(folder.snapshot(current)) != current and folder.current() == current:
        return Check("snapshots", False, "current.json is not as it was written", _REBUILD)
    older = f"; {len(without)} from an older version have none, and open" if without else ""
    return Check("snapshots", True, f"{len(by_snapshot)}, each file as its checksum says{older}")


def _fault_of(folder: DataFolder, build: Build) -> str:
    """Return what is wrong with a snapshot that has no checksums; one that has them has been compared already."""
    if folder.snapshot(build) in folder.with_checksums():
        return ""
    try:
        with Walk(folder.snapshot(build)) as walk:
            return walk.end().fault
    except FileNotFoundError:
        return "it is not there"


def _opens(folder: DataFolder, build: Build) -> bool:
    try:
        store = Store.read_only(str(folder.snapshot(build)))
    except DataFolder.ENGINE_ERRORS:
        return False
    return build.changes == 0 or HistoryGraph(store).has(build.changes)


def desk_check(folder: DataFolder) -> Check:
    """Return whether the tokens and proposals of a data folder are whole."""
    path = folder.path / "desk.sqlite"
    if not path.exists():
        return Check("desk", True, "none: no tokens and no proposals")
    damage = Database(folder.path).damage()
    return Check("desk", not damage, damage or "each row as it was written", _RESTORE if damage else "")
