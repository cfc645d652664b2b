"""Keep the ledger of validation beside the store: SQLite, so that a change writes what it touched and not all of it.

    <data>/builds/<name>/ledger.sqlite    the findings by target shape and focus node, and of which revision they are

It follows from the store and can be made again at any time. So nothing waits until it is on disk, and one that is
damaged is as good as none.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path

from kg import loading
from kg.snapshots import Build, DataFolder
from kg.validation import Ledger
from kg.validation.findings import Finding
from kg.validation.ledger import Pair

_SCHEMA = """
    CREATE TABLE IF NOT EXISTS findings (pair TEXT PRIMARY KEY, found TEXT NOT NULL) STRICT, WITHOUT ROWID;
    CREATE TABLE IF NOT EXISTS revision (one INTEGER PRIMARY KEY CHECK (one = 1), name TEXT NOT NULL) STRICT;
"""

Findings = Mapping[Pair, tuple[Finding, ...]]


class KeptLedger:
    """The ledger of a data folder. Many may read; one writes, holding the folder's lock."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._written: tuple[str, Ledger] | None = None

    def read(self, build: Build) -> Ledger | None:
        """Return the ledger that was kept for a revision, None if there is none that can be used.

        None as well if the files, and so perhaps the shapes, are no longer those of the build.
        """
        path = self._path(build)
        if not path.exists() or build.fingerprint != loading.fingerprint():
            return None
        try:
            with _opened(path) as connection:
                found = connection.execute("SELECT name FROM revision").fetchone()
                rows = connection.execute("SELECT found FROM findings").fetchall()
            if found != (build.revision,):
                return None
            ledger = Ledger.from_json("[" + ",".join(text[1:-1] for (text,) in rows) + "]")
        except (sqlite3.Error, ValueError, TypeError):
            return None
        self._written = build.name, ledger
        return ledger

    def write(self, build: Build, ledger: Ledger) -> None:
        """Keep the ledger of a revision in the place of the one before. The folder's lock must be held."""
        path = self._path(build)
        try:
            self._write(path, build, ledger)
        except sqlite3.Error:
            for left in path.parent.glob(path.name + "*"):
                left.unlink()
            self._written = None
            self._write(path, build, ledger)

    def _write(self, path: Path, build: Build, ledger: Ledger) -> None:
        before = self._written[1].findings if self._written is not None and self._written[0] == build.name else None
        with _opened(path) as connection:
            connection.executescript(_SCHEMA)
            connection.execute("BEGIN IMMEDIATE")
            if before is None:
                connection.execute("DELETE FROM findings")
            gone = ((_key(pair),) for pair, _ in _not_in(ledger.findings, before or {}))
            connection.executemany("DELETE FROM findings WHERE pair = ?", gone)
            new = (
                (_key(pair), Ledger({pair: found}).to_json()) for pair, found in _not_in(before or {}, ledger.findings)
            )
            connection.executemany("REPLACE INTO findings VALUES (?, ?)", new)
            connection.execute("REPLACE INTO revision VALUES (1, ?)", (build.revision,))
            connection.execute("COMMIT")
        self._written = build.name, ledger

    def _path(self, build: Build) -> Path:
        return self._folder.live(build).parent / "ledger.sqlite"


@contextmanager
def _opened(path: Path) -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(path, timeout=5, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = OFF")
        yield connection


def _not_in(other: Findings, these: Findings) -> list[tuple[Pair, tuple[Finding, ...]]]:
    """Return the findings that are not the very ones of another ledger; a ledger shares with the next what stays."""
    shared = set(map(id, other.values()))
    return [(pair, found) for pair, found in these.items() if id(found) not in shared]


def _key(pair: Pair) -> str:
    return f"{pair[0].n3()} {pair[1].n3()}"
