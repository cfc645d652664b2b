"""The database of tokens, sessions, proposals and idempotency keys: SQLite, beside the store; no query reaches it.

    <data>/desk.sqlite    readable by its owner only; `-wal` and `-shm` beside it belong to it while it is in use

A server and commands may use it at the same time: SQLite lets one of them write while the others read.
"""

from __future__ import annotations

import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

from kg.accounts import seals
from kg.errors import DeskError
from kg.shortage import NOTHING_CHANGED, no_space_error, translating_shortage, write_error

SCHEMA_VERSION = 5
"""3 had no sessions, 4 no notes; these are migrated when first written to. No release had an older one."""
_WITHOUT_SESSIONS, _WITHOUT_NOTES = 3, 4
_ALONE = "PRAGMA locking_mode = EXCLUSIVE"
"""A mode without the file -shm, for which a full disk has no room."""
BUSY_SECONDS = 5.0
"""Seconds for which a writer waits for another writer."""

_ENDS = "ALTER TABLE tokens ADD COLUMN expires TEXT"
_SESSIONS = """CREATE TABLE sessions (
        hash TEXT PRIMARY KEY,
        began TEXT NOT NULL,
        used TEXT NOT NULL
    ) STRICT, WITHOUT ROWID"""
_NOTES = """CREATE TABLE proposal_notes (
        proposal INTEGER NOT NULL,
        position INTEGER NOT NULL,
        author TEXT NOT NULL,
        at TEXT NOT NULL,
        thing TEXT NOT NULL,
        text TEXT NOT NULL,
        change INTEGER,
        PRIMARY KEY (proposal, position)
    ) STRICT"""
_SCHEMA = (
    """CREATE TABLE tokens (
        id TEXT PRIMARY KEY,
        hash TEXT NOT NULL,
        name TEXT NOT NULL,
        folded_name TEXT NOT NULL,
        role TEXT NOT NULL,
        seconds REAL,
        created TEXT NOT NULL,
        last_used TEXT,
        revoked TEXT
    ) STRICT""",
    "CREATE UNIQUE INDEX one_token_a_name ON tokens (folded_name) WHERE revoked IS NULL",
    """CREATE TABLE proposals (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        proposer TEXT NOT NULL,
        summary TEXT NOT NULL,
        source TEXT NOT NULL,
        graph TEXT NOT NULL,
        media_type TEXT NOT NULL,
        body BLOB NOT NULL,
        findings TEXT NOT NULL,
        submitted TEXT NOT NULL,
        state TEXT NOT NULL,
        reviewer TEXT,
        reason TEXT,
        decided TEXT,
        change INTEGER
    ) STRICT""",
    "CREATE INDEX proposals_by_state ON proposals (state, number)",
    """CREATE TABLE idempotency_keys (
        token_id TEXT NOT NULL,
        key TEXT NOT NULL,
        digest TEXT NOT NULL,
        outcome TEXT NOT NULL,
        noted TEXT NOT NULL,
        PRIMARY KEY (token_id, key)
    ) STRICT""",
    seals.SCHEMA,
    _ENDS,
    _SESSIONS,
    _NOTES,
    f"PRAGMA user_version = {SCHEMA_VERSION}",
)

_HINDRANCES = (sqlite3.OperationalError, sqlite3.DatabaseError)
"""The exact classes of errors about files, locks and disks; other subclasses mean a bug in our code."""

_PRIMARY = 0xFF
"""The bits of the primary result code."""


class Database:
    """The database of a data folder, made when first used. Safe for use by many threads.

    Each transaction has a connection of its own (0.1 ms), so that a database can be restored at any time.
    `clock` returns the seconds since 1970.
    """

    def __init__(self, folder: Path, clock: Callable[[], float] = time.time) -> None:
        self._folder = folder
        self._path = folder / "desk.sqlite"
        self._clock = clock
        self._mine = threading.local()
        self._has_failed = False

    def now(self, ago: float = 0) -> str:
        """Return the time in UTC, or that of some seconds ago, as an xsd:dateTime; such texts sort in time order."""
        return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(self._clock() - ago))

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Open a read transaction, which sees one state of the database until it ends. Raises DeskError.

        Within a block of `writing` in the same thread, it sees what that block has written.
        """
        outer = self._open_transaction()
        if outer is not None:
            yield outer
            return
        with self._translating_errors(), self._transaction("BEGIN") as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[sqlite3.Connection]:
        """Open a write transaction, committed to disk when the block ends, rolled back if it raises. Raises DeskError.

        Nested blocks in the same thread are one transaction.
        """
        outer = self._open_transaction()
        if outer is not None:
            yield outer
            return
        with self._translating_errors(), self._transaction("BEGIN IMMEDIATE") as connection:
            self._seal_writes(connection)
            self._mine.written = connection
            try:
                yield connection
            finally:
                self._mine.written = None
        self._has_failed = False

    def retry_failed_write(self) -> None:
        """If the database could not be used before, try an empty write. Raises DeskError if that fails, too."""
        if self._has_failed:
            with self.writing() as connection:  # BEGIN succeeds on a read-only file
                connection.execute("DELETE FROM tokens WHERE FALSE")

    def _open_transaction(self) -> sqlite3.Connection | None:
        return getattr(self._mine, "written", None)

    @contextmanager
    def _transaction(self, begin: str) -> Iterator[sqlite3.Connection]:
        with closing(self._connect()) as connection:  # one that is closed without COMMIT is rolled back
            connection.execute(begin)
            yield connection
            connection.execute("COMMIT")

    def _seal_writes(self, connection: sqlite3.Connection) -> None:
        """Migrate an older version, and let the connection seal all rows that it writes."""
        version = _version(connection)
        if version <= _WITHOUT_SESSIONS:
            connection.execute(_SESSIONS)
        if version <= _WITHOUT_NOTES:
            connection.execute(_NOTES)
        if version != SCHEMA_VERSION:
            connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION}")
        seals.seal_writes(connection)

    def exists(self) -> bool:
        """Return True if the file has been made."""
        return self._path.exists()

    def damage(self) -> str:
        """Return a description of the damage in the file, "" if it is intact or missing.

        Takes no lock, and creates no file.
        """
        if not self._path.exists():
            return ""
        uri = self._path.absolute().as_uri()
        try:
            return _damage(f"{uri}?mode=ro")
        except (sqlite3.DatabaseError, UnicodeError) as error:
            if getattr(error, "sqlite_errorcode", None) != sqlite3.SQLITE_IOERR_SHMSIZE:
                return str(error)
        return _damage(uri, _ALONE)

    def _connect(self) -> sqlite3.Connection:
        if not self._path.exists():
            self._create()
        try:
            return self._open()
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_IOERR_SHMSIZE:
                raise
            return self._open(_ALONE)

    def _open(self, *settings: str) -> sqlite3.Connection:
        connection = sqlite3.connect(self._path, timeout=BUSY_SECONDS, isolation_level=None)
        try:
            connection.row_factory = sqlite3.Row
            for setting in settings:
                connection.execute(setting)
            connection.execute("PRAGMA synchronous = FULL")  # in WAL mode, NORMAL may lose what was committed last
            self._refuse_other_versions(connection)
        except BaseException:
            connection.close()
            raise
        return connection

    def _create(self) -> None:
        """Create the file aside and link it into its place once it is whole, unless another process was quicker.

        So others can never read it (-wal and -shm get the same mode), and a process never meets a half-made file:
        SQLite does not wait for others when it changes to WAL.
        """
        draft = self._folder / f"desk-{os.getpid()}-{threading.get_ident()}.draft"
        try:
            with translating_shortage(self._folder):
                self._folder.mkdir(parents=True, exist_ok=True)
                os.close(os.open(draft, os.O_CREAT | os.O_TRUNC | os.O_WRONLY, 0o600))
                with closing(sqlite3.connect(draft, isolation_level=None)) as connection:
                    for statement in ("PRAGMA journal_mode = WAL", "BEGIN", *_SCHEMA, "COMMIT"):
                        connection.execute(statement)
                with suppress(FileExistsError):
                    os.link(draft, self._path)
        except OSError as error:
            raise DeskError(
                "{place} cannot be made: {cause}.",
                "Name another folder with --data or CITYKG_DATA.",
                place=self._path,
                cause=error,
            ) from error
        finally:
            with suppress(OSError):
                draft.unlink(missing_ok=True)

    def _refuse_other_versions(self, connection: sqlite3.Connection) -> None:
        version = _version(connection)
        if not _WITHOUT_SESSIONS <= version <= SCHEMA_VERSION:
            way_out = "Update citykg, or name another folder with --data."
            raise DeskError.of_other_version(self._path, version, SCHEMA_VERSION, way_out)

    @contextmanager
    def _translating_errors(self) -> Iterator[None]:
        """Raise DeskError, with the way out, for an error of SQLite about files, locks and disks."""
        try:
            yield
        except DeskError:
            self._has_failed = True
            raise
        except sqlite3.DatabaseError as error:
            if type(error) not in _HINDRANCES:
                raise
            self._has_failed = True
            if error.sqlite_errorcode & _PRIMARY == sqlite3.SQLITE_FULL:
                raise write_error(self._path, no_space_error(), NOTHING_CHANGED) from error
            raise DeskError("{place} cannot be used: {why}.", _way_out(error), place=self._path, why=error) from error


def schema_statements(version: int) -> list[str]:
    """Return the statements that create the tables of a version, without its number."""
    since = {_SESSIONS: _WITHOUT_SESSIONS + 1, _NOTES: _WITHOUT_NOTES + 1}
    return [statement for statement in _SCHEMA[:-1] if version >= since.get(statement, 0)]


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _damage(uri: str, *settings: str) -> str:
    with closing(sqlite3.connect(uri, uri=True)) as connection:
        for setting in settings:
            connection.execute(setting)
        connection.execute("BEGIN")
        return _structural_damage(connection) or seals.find_damage(connection)


def _structural_damage(connection: sqlite3.Connection) -> str:
    """Return the damage that SQLite finds, or a difference in the tables themselves, which no seal covers."""
    (found,) = connection.execute("PRAGMA integrity_check").fetchone()
    if found != "ok":
        return str(found)
    with closing(sqlite3.connect(":memory:")) as wanted:
        for statement in schema_statements(_version(connection)):
            wanted.execute(statement)
        return "" if _tables(wanted) == _tables(connection) else "its tables are not those that were made"


def _tables(connection: sqlite3.Connection) -> set[tuple[str, ...]]:
    return set(connection.execute("SELECT type, name, tbl_name, coalesce(sql, '') FROM sqlite_schema"))


def _way_out(error: sqlite3.DatabaseError) -> str:
    code = error.sqlite_errorcode & _PRIMARY
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return "Another process is writing to it; try again in a moment."
    if code in (sqlite3.SQLITE_NOTADB, sqlite3.SQLITE_CORRUPT):
        return "Put it back from a backup, or move it away: a new one begins without tokens and proposals."
    if code == sqlite3.SQLITE_IOERR:
        return "See to the disk: it may be failing, or a quota may be used up."
    return "Let the user that runs citykg write to the folder and to the file, or name another folder with --data."
