"""The file of ready documents, as those see it who read it.

    <data>/builds/<name>/documents.sqlite    `-wal` and `-shm` beside it belong to it while it is in use

It says of which revision they are. Of each document it has a seal, since SQLite checks the structure of its file, not
what stands in a cell.
"""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from functools import cache
from pathlib import Path

import pyoxigraph

import kg.publish
import kg.rdf
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
        """Return what `write_entity` writes in Turtle of a thing (`city/leeds`) in a build with its changes, if ready.

        It is not where the file is of another revision, is being written, or is damaged.
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
        """Return a connection to the file that is there now: it may have been made anew. Raises FileNotFoundError."""
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
    """Return the digest by which a document that is not as it was written shows itself."""
    whole = hashlib.blake2b(name.encode(), digest_size=_SEAL_BYTES)
    whole.update(b"%d %b%b" % (len(keys), keys, content))
    return whole.digest()


@cache
def program_digest() -> str:
    """Return what tells the programs apart that write documents: what another one has written is not served."""
    whole = hashlib.sha256(pyoxigraph.__version__.encode())
    for package in (kg.publish, kg.rdf):
        for path in sorted(Path(package.__path__[0]).rglob("*.py")):
            whole.update(b"%b %b" % (path.name.encode(), path.read_bytes()))
    return whole.hexdigest()
