"""The history of changes: one file a change, in a chain of hashes, written and synced before a change is acknowledged.

    <data>/history/00000001.json    the first change: who, when, why, source, and the exact quads added and removed

The chain makes a record that was altered, lost or put in later show itself (`verify`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kg.errors import BadValueError, CityKgError, DataFolderError, short
from kg.rdf import namespaces as ns
from kg.rdf.serialise import lines_of

CHANGES = ns.BASE + "changes/"
START = "0" * 64
"""What the first record names as the hash of its predecessor."""


@dataclass(frozen=True)
class Record:
    """A change as it was made. `added` and `removed` are N-Quads lines, sorted; `at` is xsd:dateTime in UTC."""

    number: int
    id: str
    kind: str
    summary: str
    source: str
    agent: str
    at: str
    added: tuple[str, ...]
    removed: tuple[str, ...]
    reviewer: str | None = None
    reverts: int | None = None
    acknowledged: tuple[str, ...] = ()
    previous: str = START
    hash: str = ""

    def sealed(self, previous: str) -> Record:
        """Return the record as the successor of the one with that hash."""
        linked = replace(self, previous=previous, hash="")
        return replace(linked, hash=hashlib.sha256(_canonical(linked).encode()).hexdigest())

    def is_intact(self) -> bool:
        """Whether the record is as it was sealed."""
        return self == self.sealed(self.previous)

    def added_quads(self) -> frozenset[Quad]:
        """Return the quads that the change added."""
        return quads_of(self.added)

    def removed_quads(self) -> frozenset[Quad]:
        """Return the quads that the change removed."""
        return quads_of(self.removed)

    def make_in(self, store: Store) -> None:
        """Make the change in a store, whatever of it is there or gone already."""
        added = self.added_quads()
        for quad in self.removed_quads() - added:
            store.remove(quad)
        store.extend(added)

    def names(self, iri: str) -> bool:
        """Tell whether a thing is subject, predicate or object of a statement that the change added or removed."""
        lines = tuple(line for line in (*self.added, *self.removed) if f"<{iri}>" in line)
        return any(NamedNode(iri) in quad.triple for quad in quads_of(lines)) if lines else False

    @property
    def iri(self) -> NamedNode:
        """The name of the change, which its address leads to."""
        return change_iri(self.number)

    @property
    def address(self) -> str:
        """Where the change is, below our own root."""
        return f"/changes/{self.number}"

    def as_dict(self) -> dict[str, Any]:
        """Return what lists say of the change, for JSON; of its quads their numbers."""
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
        }

    def whole(self) -> dict[str, Any]:
        """Return all of the change for JSON; its quads as lines of N-Quads."""
        return self.as_dict() | {
            "added": self.added,
            "removed": self.removed,
            "acknowledged": self.acknowledged,
            "id": self.id,
            "previous": self.previous,
            "hash": self.hash,
        }


def change_iri(number: int) -> NamedNode:
    """Return the name of the change with a number."""
    return NamedNode(f"{CHANGES}{number}")


def quads_of(lines: tuple[str, ...]) -> frozenset[Quad]:
    """Return the quads of N-Quads lines."""
    return frozenset(parse("\n".join(lines).encode(), RdfFormat.N_QUADS))


_NO_BACKUP = "Restore the folder `history` from a backup. Without one: docs/operating/keeping.md says how to go on."


class History:
    """The records of a folder. Many may read; one process appends, holding the data folder's lock."""

    def __init__(self, data: Path) -> None:
        self._folder = data / "history"
        self._last = 0

    def count(self) -> int:
        """Return the number of the last record, 0 if there is none."""
        last = self._last
        if last == 0 or not self._path(last).exists():
            last = max(self._numbers(), default=0)
        while self._path(last + 1).exists():
            last += 1
        self._last = last
        return last

    def get(self, number: int) -> Record | None:
        """Return a record, None if there is none of that number. Raises DataFolderError if it cannot be read."""
        path = self._path(number)
        try:
            stated: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return _record(stated)
        except FileNotFoundError:
            return None
        except (OSError, ValueError, TypeError, AttributeError) as error:
            raise DataFolderError("{place} cannot be read: {cause}", _NO_BACKUP, place=path, cause=error) from error

    def records(self, after: int = 0) -> Iterator[Record]:
        """Yield the records behind a number, in order. Raises DataFolderError where the chain is broken."""
        previous = START if after == 0 else self._required(after).hash
        for number in range(after + 1, self.count() + 1):
            record = self._required(number)
            if record.number != number or record.previous != previous or not record.is_intact():
                raise DataFolderError(
                    "{place} is not what was written: the chain of hashes breaks there.",
                    _NO_BACKUP,
                    place=self._path(number),
                )
            previous = record.hash
            yield record

    @staticmethod
    def thing(name: str) -> str:
        """Return the IRI of a thing by its IRI or prefixed name. Raises BadValueError."""
        iri = ns.expand(name)
        if iri is None or any(char in iri for char in ' <>"{}|\\^`'):
            raise BadValueError(f"about={short(name)!r} does not name a thing.", "For example: about=city:york")
        return iri

    def naming(self, iri: str, last: int) -> Iterator[Record]:
        """Yield the records up to number `last` that added or removed a statement with a thing in it, newest first.

        The name of a graph does not count as part of a statement. Raises DataFolderError where a record cannot be read.
        """
        for number in range(last, 0, -1):
            record = self.get(number)
            if record is not None and record.names(iri):
                yield record

    def append(self, record: Record) -> Record:
        """Add a record to the end and return it sealed, once it is safe on disk."""
        last = self.count()
        sealed = replace(record, number=last + 1).sealed(self._required(last).hash if last else START)
        self._write(sealed)
        return sealed

    def take_over(self, records: Iterable[Record]) -> None:
        """Add records of another folder, as they are; they have to continue the chain."""
        for record in records:
            self._write(record)

    def _write(self, record: Record) -> None:
        if not self._folder.exists():
            self._folder.mkdir(parents=True)
            _sync(self._folder.parent)
        draft = self._folder / "draft"
        try:
            with draft.open("w", encoding="utf-8") as file:
                file.write(_canonical(record))
                file.flush()
                os.fsync(file.fileno())
            draft.rename(self._path(record.number))
        except OSError:
            draft.unlink(missing_ok=True)
            raise
        _sync(self._folder)

    def _required(self, number: int) -> Record:
        record = self.get(number)
        if record is None:
            raise DataFolderError("{place} is missing.", _NO_BACKUP, place=self._path(number))
        return record

    def _numbers(self) -> Iterator[int]:
        return (int(path.stem) for path in self._folder.glob("*.json") if path.stem.isdigit())

    def _path(self, number: int) -> Path:
        return self._folder / f"{number:08d}.json"


def _canonical(record: Record) -> str:
    return json.dumps(asdict(record), ensure_ascii=False, sort_keys=True, indent=1) + "\n"


def _record(stated: dict[str, Any]) -> Record:
    lists = {name: tuple(value) for name, value in stated.items() if isinstance(value, list)}
    return Record(**{**stated, **lists})


def _sync(folder: Path) -> None:
    """Make a renamed file last: its name stands in the folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


class ConflictError(CityKgError):
    """A change does not fit the graph as it is now.

    `quads` are those that are in the way, `changes` those that added or removed them, as far as somebody has looked.
    """

    title = "The change does not fit the graph"

    def __init__(
        self, message: str, hint: str, quads: frozenset[Quad] = frozenset(), changes: Sequence[Record] = ()
    ) -> None:
        super().__init__(message, hint)
        self.quads = quads
        self.changes = changes

    def details(self) -> dict[str, Any]:
        """Return the statements in the way, and the changes that made them so."""
        return {
            "statements": lines_of(self.quads) or None,
            "changes": [change.as_dict() for change in self.changes] or None,
        }
