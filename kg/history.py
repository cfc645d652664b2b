"""The history of changes: one file a change, in a chain of hashes, written and synced before a change is acknowledged.

    <data>/history/00000001.json    the first change: who, when, why, source, and the exact quads added and removed

The chain makes a record that was altered, lost or put in later show itself (`verify`).
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from pyoxigraph import Quad, RdfFormat, parse

from kg.errors import DataFolderError

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


def lines_of(quads: frozenset[Quad]) -> tuple[str, ...]:
    """Return quads as N-Quads lines, sorted."""
    return tuple(sorted(f"{quad} ." for quad in quads))


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
            raise DataFolderError(f"{path} cannot be read: {error}", _NO_BACKUP) from error

    def records(self, after: int = 0) -> Iterator[Record]:
        """Yield the records behind a number, in order. Raises DataFolderError where the chain is broken."""
        previous = START if after == 0 else self._required(after).hash
        for number in range(after + 1, self.count() + 1):
            record = self._required(number)
            if record.number != number or record.previous != previous or not record.is_intact():
                raise DataFolderError(
                    f"{self._path(number)} is not what was written: the chain of hashes breaks there.", _NO_BACKUP
                )
            previous = record.hash
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
        with draft.open("w", encoding="utf-8") as file:
            file.write(_canonical(record))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._path(record.number))
        _sync(self._folder)

    def _required(self, number: int) -> Record:
        record = self.get(number)
        if record is None:
            raise DataFolderError(f"{self._path(number)} is missing.", _NO_BACKUP)
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
