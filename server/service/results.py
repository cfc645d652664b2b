"""Results of queries that are kept for a while, so that they are sorted, filtered and counted without running again.

They are files below the data folder, which all processes of the service read. One is found by the client, the snapshot
and all that its rows depend on; it is never served for another revision. Whatever becomes of it, the address of a page
has all that is needed to run the query again. See docs/decisions/results.md.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict
from io import BytesIO
from pathlib import Path
from typing import IO, Any, BinaryIO, ClassVar, NamedTuple

from flask import g

from kg.greenlets import run_outside_loop
from kg.readings import WrittenReading
from kg.results import KeptResult
from kg.sparql import Hint
from kg.workers import WorkerResult
from server.service.clients import Clients
from server.service.revisions import Revisions
from server.service.workers import Workers

_DATABASE, _BESIDE = ".sqlite", ".json"
_MOST_REMOVALS = 3
"""So often a folder is made again that another process has removed."""


class Results:
    """The results that are kept in a data folder, within bounds in all and for each client, the oldest go first."""

    SECONDS: ClassVar = 15 * 60
    """How long a result is kept."""
    MOST_BYTES: ClassVar = 256 << 20
    MOST_BYTES_OF_CLIENT: ClassVar = 64 << 20
    LEAST_BYTES: ClassVar = 64 << 10
    """Bytes that a small result counts, so that there are not too many files."""

    def __init__(self, data: Path, revisions: Revisions, workers: Workers, clients: Clients) -> None:
        """Take the data folder, and what requests read and who asks."""
        self.folder = data / "results"
        self._revisions = revisions
        self._workers = workers
        self._clients = clients

    def result(
        self, asked: Sequence[object], run: Callable[[], tuple[WorkerResult, float]], *, anew: bool = False
    ) -> KeptResult:
        """Return the result for what is `asked`, all that decides its rows but the snapshot, kept or run now.

        `run` returns the answer as ResultWriter.MEDIA_TYPE, and the seconds it took. If `anew` a kept one does not
        count. Where nothing can be written it is not kept, and is for this request alone. Raises what `run` raises.
        """

        def make() -> KeptResult:
            result, seconds = run()
            path = self._path(asked)  # of the revision that has answered
            with result.as_file() as content:
                try:
                    run_outside_loop(self._keep, path, content, result, seconds)
                except OSError:  # there is no room, or the disk is read-only
                    g.is_not_kept = True  # the next answer may be another one, and no cache keeps this one
                    content.seek(0)
                    return KeptResult(content.read(), result.hints, result.prepared, seconds, self._read, make)
            return KeptResult(path, result.hints, result.prepared, seconds, self._read, make)

        return (None if anew else self._find(self._path(asked), make)) or make()

    def _path(self, asked: Sequence[object]) -> Path:
        """Return where the result is kept that the current client gets at the revision that it reads."""
        named = json.dumps([str(self._revisions.snapshot_path()), *asked], default=str)
        return self.folder / _hash(self._clients.current()) / f"{_hash(named)}{_DATABASE}"

    def _find(self, path: Path, again: Callable[[], KeptResult]) -> KeptResult | None:
        """Return the result in a file, None if there is none or its time is over."""
        try:
            if path.stat().st_mtime < time.time() - self.SECONDS:
                return None
            said = json.loads(path.with_suffix(_BESIDE).read_text(encoding="utf-8"))
            hints = tuple(Hint(**hint) for hint in said["hints"])
            return KeptResult(path, hints, said["prepared"], said["seconds"], self._read, again)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def _read(self, reading: WrittenReading[...], arguments: tuple[Any, ...]) -> WorkerResult:
        return self._workers.write(reading, *arguments)

    def _keep(self, path: Path, content: BinaryIO, result: WorkerResult, seconds: float) -> None:
        """Write the content of a result and what is beside it, each aside first; remove what there is no room for."""
        said = {"hints": [asdict(hint) for hint in result.hints], "prepared": result.prepared, "seconds": seconds}
        _write(path, content)
        _write(path.with_suffix(_BESIDE), BytesIO(json.dumps(said).encode()))
        self.evict()

    def evict(self) -> None:
        """Remove what is older than it may be, and the oldest of what is too much."""
        now, whole = time.time(), 0
        of_client: dict[Path, int] = {}
        for kept in sorted(self._files(), key=lambda one: one.written, reverse=True):
            size = max(kept.size, self.LEAST_BYTES)
            whole += size
            mine = of_client[kept.path.parent] = of_client.get(kept.path.parent, 0) + size
            if kept.written < now - self.SECONDS or mine > self.MOST_BYTES_OF_CLIENT or whole > self.MOST_BYTES:
                whole, of_client[kept.path.parent] = whole - size, mine - size
                for path in (kept.path.with_suffix(_BESIDE), kept.path):
                    path.unlink(missing_ok=True)

    def _files(self) -> Iterator[_File]:
        """Yield the results that there are, and drafts that were left behind; folders that are empty go."""
        for folder in self.folder.iterdir():
            try:
                entries = list(os.scandir(folder))
            except FileNotFoundError:  # another process has just removed it
                continue
            for entry in entries:
                if entry.name.endswith(_BESIDE):
                    continue
                with suppress(FileNotFoundError):  # another process has just removed it
                    stated = entry.stat()
                    yield _File(Path(entry.path), stated.st_mtime, stated.st_size)
            if not entries:
                with suppress(OSError):  # another process has just put something there
                    folder.rmdir()


class _File(NamedTuple):
    path: Path
    written: float
    size: int


def _write(path: Path, content: BinaryIO) -> None:
    with _open_draft(path.parent) as draft:
        try:
            shutil.copyfileobj(content, draft)
            draft.flush()
            os.replace(draft.name, path)
        except OSError:
            Path(draft.name).unlink(missing_ok=True)
            raise


def _open_draft(folder: Path) -> IO[bytes]:
    """Return a new file in a folder, which another process may remove as long as it is empty."""
    for _ in range(_MOST_REMOVALS):
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            return tempfile.NamedTemporaryFile(dir=folder, delete=False)
    raise FileNotFoundError(folder)


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:32]
