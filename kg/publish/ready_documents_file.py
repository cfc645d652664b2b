"""The file of documents made in advance: reading it, and keeping it up to date with the revision.

    <data>/builds/<name>/documents.sqlite    with `-wal` and `-shm` beside it while it is in use

The file names its revision. A change makes those documents again that it touches, a restart none. What is still to be
made is listed in the file, so that another process can go on after a kill. Each step is a transaction: no document is
ever there together with a revision that it is not of. Each document has a seal, since SQLite checks the structure of
its file, not the contents of a cell.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pyoxigraph
from pyoxigraph import NamedNode, Quad, Store

import kg.publish
import kg.rdf
from kg.errors import CityKgError
from kg.history import History, Record, provenance_of
from kg.publish.ready_documents import keys_of_change, share_a_key
from kg.rdf import namespaces as ns
from kg.rules import UnionChanges
from kg.store import Build, DataFolder

_FIND = """SELECT keys, content, seal FROM documents, state
    WHERE name = ? AND state.changes = ? AND state.program = ?"""
_SEAL_BYTES = 16


class ReadyDocuments:
    """The ready documents of a data folder. Safe for use by many threads."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._open: tuple[Path, int, sqlite3.Connection] | None = None

    def find(self, build: Build, name: str) -> bytes | None:
        """Return the document about a thing (`city/leeds`) in Turtle, as `write_entity` writes it, if it is ready.

        It is not if the file is of another revision, is being written, or is damaged.
        """
        try:
            with self._lock:
                file = self._connection(self._folder.documents_path(build))
                row = file.execute(_FIND, (name, build.changes, program_digest())).fetchone()
        except (OSError, sqlite3.Error):
            return None
        if row is None or seal(name, row[0], row[1]) != row[2]:
            return None
        content: bytes = row[1]
        return content

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            if self._open is not None:
                self._open[2].close()
            self._open = None

    def _connection(self, path: Path) -> sqlite3.Connection:
        """Return a connection to the current file, which may have been replaced. Raises FileNotFoundError."""
        inode = path.stat().st_ino
        if self._open is None or self._open[:2] != (path, inode):
            if self._open is not None:
                self._open[2].close()
                self._open = None
            uri = f"{path.absolute().as_uri()}?mode=ro"
            connection = sqlite3.connect(uri, uri=True, timeout=0, isolation_level=None, check_same_thread=False)
            self._open = path, inode, connection
        return self._open[2]


def seal(name: str, keys: bytes, content: bytes) -> bytes:
    """Return the digest by which a damaged document is detected."""
    whole = hashlib.blake2b(name.encode(), digest_size=_SEAL_BYTES)
    whole.update(b"%d %b%b" % (len(keys), keys, content))
    return whole.digest()


@cache
def program_digest() -> str:
    """Return a digest of the code that writes documents: documents of another version are not served."""
    whole = hashlib.sha256(pyoxigraph.__version__.encode())
    for package in (kg.publish, kg.rdf):
        for path in sorted(Path(package.__path__[0]).rglob("*.py")):
            whole.update(b"%b %b" % (path.name.encode(), path.read_bytes()))
    return whole.hexdigest()


_SCHEMA = (
    "CREATE TABLE state (changes INTEGER NOT NULL, program TEXT NOT NULL, most_bytes INTEGER NOT NULL) STRICT",
    """CREATE TABLE documents (
        name TEXT PRIMARY KEY,
        keys BLOB NOT NULL,
        seal BLOB NOT NULL,
        content BLOB NOT NULL
    ) STRICT""",
    "CREATE TABLE pending (place INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
)
_INSERT_PENDING = "INSERT OR IGNORE INTO pending (name) VALUES (?)"


class _Difference(NamedTuple):
    """The effect of changes: keys of documents, and names of things whose statements change."""

    keys: set[bytes]
    things: set[str]


class Upkeep:
    """Makes the ready documents of a data folder, in one thread; to be closed.

    This is meant for one process. If another one does the same, documents of an outdated revision are discarded.
    """

    def __init__(self, folder: DataFolder, most_bytes: int) -> None:
        """Take a data folder, and the size in bytes that all documents together may have."""
        self._folder = folder
        self._most_bytes = most_bytes
        self._rules: tuple[str, UnionChanges] | None = None
        self._file: sqlite3.Connection | None = None
        self._bytes = 0
        self.count = 0
        """The number of documents that are ready, once it has begun."""

    def begin(self, build: Build, things: Callable[[], Iterable[str]]) -> None:
        """Bring the file to a build with its changes; remove the documents that no longer hold.

        If the file cannot follow, it starts without documents, and those about all `things` are pending, in their
        order. Raises sqlite3.Error and OSError if the file cannot be written.
        """
        place = self._folder.documents_path(build)
        for path in place.parent.parent.glob(f"*/{place.name}*"):
            if path.parent != place.parent:
                path.unlink(missing_ok=True)
        if not self._try_to_follow(build):
            self._drop(build)
            with self._transaction(build) as file:
                for statement in _SCHEMA:
                    file.execute(statement)
                file.execute("INSERT INTO state VALUES (?, ?, ?)", (build.changes, program_digest(), self._most_bytes))
                file.executemany(_INSERT_PENDING, ((name,) for name in things()))
        sizes = self._connection().execute("SELECT count(*), total(length(content)) FROM documents").fetchone()
        self.count, self._bytes = map(int, sizes)

    def next_pending(self) -> str | None:
        """Return the name of the thing whose document is next, None if no document is pending."""
        row = self._connection().execute("SELECT name FROM pending ORDER BY place LIMIT 1").fetchone()
        return None if row is None else str(row[0])

    def save(self, build: Build, name: str, written: bytes) -> None:
        """Save a document written by `write_ready` from a build; if the file is full, nothing is pending any more."""
        digits, _, content = written.partition(b"\n")
        keys = bytes.fromhex(digits.decode())
        with self._transaction(build) as file:
            if not self._is_of(file, build):
                return
            file.execute("DELETE FROM pending WHERE name = ?", (name,))
            row = (name, keys, seal(name, keys, content), content)
            file.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?, ?)", row)
            if self._bytes + len(content) >= self._most_bytes:
                file.execute("DELETE FROM pending")
        self.count += 1
        self._bytes += len(content)

    def skip(self, build: Build, name: str) -> None:
        """Drop a pending document: its thing does not exist any more, or cannot be described now."""
        with self._transaction(build) as file:
            if self._is_of(file, build):
                file.execute("DELETE FROM pending WHERE name = ?", (name,))

    def close(self) -> None:
        """Close the file."""
        if self._file is not None:
            self._file.close()
            self._file = None

    def _try_to_follow(self, build: Build) -> bool:
        """Bring the file up to a build with its changes, if possible; return True on success."""
        if not self._folder.documents_path(build).exists():
            return False
        try:
            with self._transaction(build) as file:
                return self._follow(file, build)
        except (sqlite3.Error, CityKgError, *DataFolder.ENGINE_ERRORS):  # it, or a snapshot, is damaged or half made
            return False

    def _follow(self, file: sqlite3.Connection, build: Build) -> bool:
        state = file.execute("SELECT changes, program, most_bytes FROM state").fetchone()
        if state is None or state[1:] != (program_digest(), self._most_bytes):
            return False
        if state[0] == build.changes:  # a start: after a change each reading is check enough, and all are 16 MB
            return not self._is_damaged(file)
        found = self._difference(build, state[0])
        if found is None:
            return False
        rows = file.execute("SELECT name, keys FROM documents")
        touched = [name for name, keys in rows if share_a_key(keys, found.keys)]
        file.executemany("DELETE FROM documents WHERE name = ?", ((name,) for name in touched))
        ready = {name for (name,) in file.execute("SELECT name FROM documents")}
        file.executemany(_INSERT_PENDING, ((name,) for name in sorted({*touched, *found.things} - ready)))
        file.execute("UPDATE state SET changes = ?", (build.changes,))
        return True

    def _difference(self, build: Build, changes: int) -> _Difference | None:
        """Return the effect of the changes after a number; None if it cannot be determined any more."""
        found = _Difference(set(), set())
        history = History(self._folder.path)
        for number in range(changes + 1, build.changes + 1):
            record, before = history.get(number), replace(build, changes=number - 1)
            if record is None or record.is_large or not self._folder.has_snapshot(before):
                return None
            quads = self._quads(record, before)
            found.keys.update(keys_of_change(quads))
            subjects = (quad.subject.value for quad in quads if isinstance(quad.subject, NamedNode))
            found.things.update(iri.removeprefix(ns.ID) for iri in subjects if iri.startswith(ns.ID))
        return found if changes <= build.changes else None

    def _quads(self, record: Record, before: Build) -> set[Quad]:
        """Return the quads that a change adds and removes, those inferred from them, and those about the change."""
        store = Store.read_only(str(self._folder.snapshot(before)))
        if self._rules is None or self._rules[0] != before.name:
            self._rules = before.name, UnionChanges(store)
        added, removed = record.added_quads(), record.removed_quads()
        derived = self._rules[1].of(store, added, removed)
        return {*added, *removed, *derived.added, *derived.removed, *provenance_of(record)}

    @staticmethod
    def _is_of(file: sqlite3.Connection, build: Build) -> bool:
        """Return True if the file is still of a build with its changes."""
        state = file.execute("SELECT changes, program FROM state").fetchone()
        return bool(state == (build.changes, program_digest()))

    @staticmethod
    def _is_damaged(file: sqlite3.Connection) -> bool:
        """Return True if the file or a document in it is damaged."""
        rows = file.execute("SELECT name, keys, content, seal FROM documents")
        if any(seal(name, keys, content) != sealed for name, keys, content, sealed in rows):
            return True
        return bool(file.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok")

    @contextmanager
    def _transaction(self, build: Build) -> Iterator[sqlite3.Connection]:
        """Open a transaction on the file of a build; roll back if the block raises."""
        if self._file is None:
            self._file = sqlite3.connect(self._folder.documents_path(build), isolation_level=None)
            self._file.execute("PRAGMA journal_mode = WAL")
            self._file.execute("PRAGMA synchronous = NORMAL")
        self._file.execute("BEGIN IMMEDIATE")
        try:
            yield self._file
        except BaseException:
            self._file.execute("ROLLBACK")
            raise
        self._file.execute("COMMIT")

    def _connection(self) -> sqlite3.Connection:
        assert self._file is not None, "begin comes first"
        return self._file

    def _drop(self, build: Build) -> None:
        self.close()
        path = self._folder.documents_path(build)
        for left in path.parent.glob(f"{path.name}*"):
            left.unlink(missing_ok=True)
