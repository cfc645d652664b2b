"""The history of changes: a file each, in a chain of hashes, written and synced before the change is acknowledged.

    <data>/history/00000001.json    the first change: author, time, reason, source, and the quads added and removed

The quads of a large change are in a file beside its record (kg.history.statements).

The chain reveals a record that was altered, lost or inserted (`verify`).
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import threading
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, ClassVar

from pyoxigraph import NamedNode, Quad, Store

from kg.errors import BadValueError, CityKgError, DataFolderError, shorten
from kg.history.statements import (
    LARGE,
    SUFFIX,
    Lines,
    StatementIndex,
    Statements,
    iris_in,
    sha256,
    stated_source,
    sync_folder,
)
from kg.rdf import namespaces as ns
from kg.rdf.change import Change, ChangeFile
from kg.rdf.serialise import lines_of, quads_of

CHANGES = ns.BASE + "changes/"
START = "0" * 64
"""The hash that the first record names as that of its predecessor."""


@dataclass(frozen=True)
class Record:
    """A change as it was made. `added` and `removed` are sorted lines of N-Quads; `at` is an xsd:dateTime in UTC.

    For a large change, `statements` describes the file that holds its lines, and `file` is that file.
    """

    number: int
    id: str
    kind: str
    summary: str
    source: str
    agent: str
    at: str
    added: Sequence[str]
    removed: Sequence[str]
    reviewer: str | None = None
    reverts: int | None = None
    reverts_too: tuple[int, ...] = ()
    """Later changes that build on the one that it undoes, and are undone with it."""
    acknowledged: tuple[str, ...] = ()
    previous: str = START
    hash: str = ""
    statements: Statements | None = None
    file: ChangeFile | None = field(default=None, compare=False, repr=False)

    @property
    def title(self) -> str:
        """Its summary; that of an undo with the change that it undoes."""
        undo = f"Undo change {self.reverts}"
        return self.summary if self.reverts is None or self.summary == undo else f"{undo}: {self.summary}"

    @property
    def undoes(self) -> tuple[int, ...]:
        """The numbers of the changes that it undoes."""
        return () if self.reverts is None else (self.reverts, *self.reverts_too)

    def seal_after(self, previous: str) -> Record:
        """Return the record with its hash, as the successor of the record with the hash `previous`."""
        linked = replace(self, previous=previous, hash="")
        return replace(linked, hash=hashlib.sha256(_canonical_json(linked).encode()).hexdigest())

    def is_intact(self) -> bool:
        """Return True if the record and the file of its statements match their hashes."""
        if self.statements is not None and self.file is not None and sha256(self.file.path) != self.statements.sha256:
            return False
        return self == self.seal_after(self.previous)

    @property
    def is_large(self) -> bool:
        """True if the change is large: written set by set, with its statements in a file."""
        return len(self.added) + len(self.removed) > History.LARGE

    def graphs(self) -> set[str]:
        """Return the IRIs of the graphs that the change touched."""
        if self.statements is not None:
            return {*self.statements.graphs}
        return {line[line.rindex("<") + 1 : -3] for line in (*self.added, *self.removed)}

    def stated_sources(self) -> list[str]:
        """Return the IRIs of the sources that the change adds."""
        if self.statements is not None:
            return [*self.statements.sources]
        return [source for line in self.added if (source := stated_source(line))]

    def added_quads(self) -> frozenset[Quad]:
        """Return the quads that the change added."""
        return quads_of(self.added)

    def removed_quads(self) -> frozenset[Quad]:
        """Return the quads that the change removed."""
        return quads_of(self.removed)

    def with_file(self, file: ChangeFile) -> Record:
        """Return the record with its statements in a file, which is read for its description."""
        return self.with_statements(file, Statements.of(file))

    def write_index(self) -> None:
        """Write the index that `mentions` reads, and builds if it is missing. Raises OSError, DataFolderError."""
        if self.file is not None:
            StatementIndex(_index_path(self.file), self.file).write()

    def with_statements(self, file: ChangeFile, statements: Statements) -> Record:
        """Return the record with its statements in a file, and the description of that file."""
        return replace(self, added=Lines(file, "A"), removed=Lines(file, "D"), statements=statements, file=file)

    def first_quads(self, most: int) -> list[tuple[Quad, bool]]:
        """Return the quads of the change, each with True if it was added; of a large change only the first ones."""
        until = None if self.file is None else most
        parts = (self.removed[:until], False), (self.added[:until], True)
        return [(quad, is_added) for lines, is_added in parts for quad in quads_of(lines)]

    def of_whole_things(self, most: int) -> tuple[list[str], list[str]]:
        """Return the first lines added and removed, `most` of each, without those of a subject that is cut there."""
        parts = self.added[: most + 1], self.removed[: most + 1]
        end = min((_subject(lines[most]) for lines in parts if len(lines) > most), default=None)
        added, removed = ([line for line in lines if end is None or _subject(line) < end] for lines in parts)
        return added, removed

    def change(self) -> Change:
        """Return the quads that it adds and removes."""
        return Change(self.added_quads(), self.removed_quads())

    def apply_to(self, store: Store) -> None:
        """Make the change in a store, even if a part of it is made already."""
        added = self.added_quads()
        for quad in self.removed_quads() - added:
            store.remove(quad)
        store.extend(added)

    def mentions(self, iri: str) -> bool:
        """Return True if a thing is subject, predicate or object of a statement that the change added or removed."""
        if self.file is not None:
            return StatementIndex(_index_path(self.file), self.file).mentions(iri)
        lines = tuple(line for line in (*self.added, *self.removed) if f"<{iri}>" in line)
        return any(NamedNode(iri) in quad.triple for quad in quads_of(lines)) if lines else False

    @property
    def iri(self) -> NamedNode:
        """The IRI of the change, which its address leads to."""
        return change_iri(self.number)

    @property
    def address(self) -> str:
        """The path of the change, below the root of the service."""
        return f"/changes/{self.number}"

    def as_dict(self) -> dict[str, Any]:
        """Return the description of the change in lists, for JSON, with the numbers of its quads."""
        return {
            "number": self.number,
            "address": self.address,
            "iri": self.iri.value,
            "kind": self.kind,
            "summary": self.summary,
            "source": self.source,
            "agent": self.agent,
            "reviewer": self.reviewer,
            "at": self.at,
            "reverts": self.reverts,
            "added": len(self.added),
            "removed": len(self.removed),
            **({"revertsToo": self.reverts_too} if self.reverts_too else {}),
        }

    def as_full_dict(self) -> dict[str, Any]:
        """Return the whole change for JSON, with its quads as lines of N-Quads."""
        return self.as_dict() | {
            "added": [*self.added],
            "removed": [*self.removed],
            "acknowledged": self.acknowledged,
            "id": self.id,
            "previous": self.previous,
            "hash": self.hash,
        }


def _subject(line: str) -> str:
    return line.partition(" ")[0]


def change_iri(number: int) -> NamedNode:
    """Return the IRI of the change with a number."""
    return NamedNode(f"{CHANGES}{number}")


class _ThingIndex:
    """By the IRIs in the statements of records their numbers; large records, which have an index each, are in all."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.reached = 0
        self._large: list[int] = []
        self._by_iri: dict[str, list[int]] = {}

    def add(self, record: Record) -> None:
        """Add the next record."""
        lines = () if record.file is not None else (*record.added, *record.removed)
        for iri in {iri for line in lines for iri in iris_in(line)}:
            self._by_iri.setdefault(iri, []).append(record.number)
        self._large += [record.number] if record.file is not None else []
        self.reached = record.number

    def numbers(self, iris: Collection[str], last: int) -> list[int]:
        """Return the numbers up to `last` of records that have one of some IRIs, newest first."""
        found = {number for iri in iris for number in self._by_iri.get(iri, ())}.union(self._large)
        return sorted((number for number in found if number <= last), reverse=True)


_NO_BACKUP = "Restore the folder `history` from a backup. If there is none, see docs/operating/keeping.md."


class History:
    """The records of a data folder. Many may read; the process that holds the folder's lock appends."""

    LARGE: ClassVar = LARGE

    def __init__(self, data: Path) -> None:
        self.folder = data / "history"
        self._last = 0
        self._index = _ThingIndex()

    def __reduce__(self) -> tuple[type[History], tuple[Path]]:
        """Travel to another process as the folder alone: what was read of it is read anew there."""
        return type(self), (self.folder.parent,)

    def count(self) -> int:
        """Return the number of the last record, 0 if there is none."""
        last = self._last
        if last == 0 or not self._path(last).exists():
            numbers = (int(path.stem) for path in self.folder.glob("*.json") if path.stem.isdigit())
            last = max(numbers, default=0)
        while self._path(last + 1).exists():
            last += 1
        self._last = last
        return last

    def get(self, number: int) -> Record | None:
        """Return a record, None if there is none of that number. Raises DataFolderError if it cannot be read."""
        path = self._path(number)
        try:
            stated: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return _parse_record(stated, self.statements_path(number))
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise DataFolderError("{place} cannot be read: {cause}", _NO_BACKUP, place=path, cause=error) from error

    def records(self, after: int = 0) -> Iterator[Record]:
        """Yield the records after a number, in order. Raises DataFolderError where the chain is broken."""
        previous = START if after == 0 else self._require(after).hash
        for number in range(after + 1, self.count() + 1):
            record = self._require(number)
            if record.number != number or record.previous != previous or not self._is_intact(record):
                raise DataFolderError(
                    "{place} is not what was written: the chain of hashes breaks there.",
                    _NO_BACKUP,
                    place=self._path(number),
                )
            previous = record.hash
            yield record

    @staticmethod
    def thing_iri(name: str) -> str:
        """Return the IRI of a thing by its IRI or prefixed name. Raises BadValueError."""
        iri = ns.expand(name)
        if iri is None or any(char in iri for char in ' <>"{}|\\^`'):
            raise BadValueError(f"about={shorten(name)!r} does not name a thing.", "For example: about=city:york")
        return iri

    def records_about(self, iris: Collection[str], last: int | None = None) -> Iterator[Record]:
        """Yield the records up to number `last` that added or removed a statement about things, newest first.

        A thing may be its subject, predicate or object, not its graph. Raises DataFolderError where a record cannot
        be read.
        """
        for number in self.numbers_about(iris, self.count() if last is None else last):
            record = self.get(number)
            if record is not None and any(map(record.mentions, iris)):
                yield record

    def numbers_about(self, iris: Collection[str], last: int) -> list[int]:
        """Return the numbers up to `last` of the records that may be about things, newest first: no other one is.

        Each record is read once for it. Raises DataFolderError where one cannot be read.
        """
        if self._index.reached > self.count():  # of a history that was here before a restore
            self._index = _ThingIndex()
        index = self._index
        with index.lock:
            while index.reached < last and (record := self.get(index.reached + 1)) is not None:
                index.add(record)
        return index.numbers(iris, last)

    def seal_next(self, record: Record) -> Record:
        """Return a record with the number and the hash that it would have as the next one."""
        last = self.count()
        return replace(record, number=last + 1).seal_after(self._require(last).hash if last else START)

    def append(self, record: Record) -> Record:
        """Append a record, sync it to disk, and return it with its hash; the file of a large change is moved."""
        sealed = self.seal_next(record)
        if sealed.statements is None and sealed.is_large:
            sealed = self.seal_next(self._write_draft(record))
        self._write(sealed)
        if sealed.file is None or sealed.statements is None:
            return sealed
        return sealed.with_statements(replace(sealed.file, path=self.statements_path(sealed.number)), sealed.statements)

    def adopt(self, records: Iterable[Record]) -> None:
        """Append records of another folder as they are; they must continue the chain."""
        for record in records:
            if record.file is None:
                self._write(record)
                continue
            self._make_folder()
            copy = shutil.copyfile(record.file.path, self.folder / f"draft{SUFFIX}")
            self._write(replace(record, file=replace(record.file, path=copy)))

    def statements_path(self, number: int) -> Path:
        """Return the path of the statements of a large change."""
        return self.folder / f"{number:08d}{SUFFIX}"

    def drop_drafts(self) -> None:
        """Remove the drafts of a writer that died. The data folder's lock must be held."""
        for left in (*self.folder.glob("draft*"), *self.folder.glob(f"*{SUFFIX}"), *self.folder.glob("*.names*")):
            if left.name.startswith("draft") or not (self.folder / f"{left.name.partition('.')[0]}.json").exists():
                left.unlink(missing_ok=True)

    def _write_draft(self, record: Record) -> Record:
        """Write the statements of a record into a draft file, and return the record with it."""
        self._make_folder()
        file = ChangeFile.write_lines(self.folder / f"draft{SUFFIX}", record.added, record.removed)
        return record.with_file(file)

    def _is_intact(self, record: Record) -> bool:
        try:
            return record.is_intact()
        except OSError:  # the file of its statements is missing
            return False

    def _make_folder(self) -> None:
        if not self.folder.exists():
            self.folder.mkdir(parents=True)
            sync_folder(self.folder.parent)

    def _move_statements(self, record: Record, file: ChangeFile) -> None:
        """Sync the file of a record's statements, and move it to its place with its index."""
        with file.path.open("rb") as written:
            os.fsync(written.fileno())
        place = self.statements_path(record.number)
        _index_path(replace(file, path=place)).unlink(missing_ok=True)
        if _index_path(file).exists():
            _index_path(file).rename(_index_path(replace(file, path=place)))
        file.path.rename(place)

    def _write(self, record: Record) -> None:
        self._make_folder()
        if record.file is not None:
            self._move_statements(record, record.file)
        else:
            self.statements_path(record.number).unlink(missing_ok=True)  # of a writer that died
        draft = self.folder / "draft"
        try:
            with draft.open("w", encoding="utf-8") as file:
                file.write(_canonical_json(record))
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._path(record.number))
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        sync_folder(self.folder)

    def _require(self, number: int) -> Record:
        record = self.get(number)
        if record is None:
            raise DataFolderError("{place} is missing.", _NO_BACKUP, place=self._path(number))
        return record

    def _path(self, number: int) -> Path:
        return self.folder / f"{number:08d}.json"


def _canonical_json(record: Record) -> str:
    stated = asdict(replace(record, added=(), removed=(), file=None))
    del stated["file"]
    if not record.reverts_too:  # as all were until 1 December 2026
        del stated["reverts_too"]
    if record.statements is None:  # as all were until 27 November 2026
        del stated["statements"]
        stated |= {"added": record.added, "removed": record.removed}
    return json.dumps(stated, ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def _parse_record(stated: dict[str, Any], path: Path) -> Record:
    record = Record(**_with_tuples(stated))
    if not isinstance(record.statements, dict):
        return record
    statements = Statements(**_with_tuples(record.statements))
    return record.with_statements(ChangeFile(path, statements.added, statements.removed), statements)


def _with_tuples(stated: dict[str, Any]) -> dict[str, Any]:
    return stated | {name: tuple(value) for name, value in stated.items() if isinstance(value, list)}


def _index_path(file: ChangeFile) -> Path:
    return file.path.with_name(file.path.name.replace(SUFFIX, ".names"))


class ConflictError(CityKgError):
    """A change does not fit the graph as it is now.

    `quads` are the statements in the way, `changes` those that added or removed them, if they were looked up.
    """

    title = "The change does not fit the graph"

    def __init__(
        self, message: str, hint: str, quads: frozenset[Quad] = frozenset(), changes: Sequence[Record] = ()
    ) -> None:
        super().__init__(message, hint)
        self.quads = quads
        self.changes = changes

    def details(self) -> dict[str, Any]:
        """Return the statements in the way, and the changes that added or removed them."""
        return {
            "statements": lines_of(self.quads) or None,
            "changes": [change.as_dict() for change in self.changes] or None,
        }
