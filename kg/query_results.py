"""The answer of a query on its way to the client: in memory while it is small, in a temporary file once it is not."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
import time
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

IN_MEMORY = 1 << 20
"""Bytes up to which an answer stays in memory."""

_PREFIX = "citykg-results-"
_SETTLED = 60  # seconds after which a folder that nobody has locked is left over, not just being made


@dataclass(frozen=True)
class Result:
    """A whole answer: either its bytes, or the file that holds them, which the receiver removes after reading."""

    body: bytes | None
    path: Path | None


class Spool:
    """A folder for large answers, locked while its owner lives; what killed owners left behind is removed."""

    def __init__(self) -> None:
        _remove_leftovers()
        self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX))
        self._lock = os.open(self.folder, os.O_RDONLY)
        fcntl.flock(self._lock, fcntl.LOCK_EX)

    def collect(self, parts: Iterable[bytes]) -> Result:
        """Return the parts as one answer. If taking the next part raises, no file stays."""
        kept: list[bytes] = []
        size = 0
        parts = iter(parts)
        for part in parts:
            kept.append(part)
            size += len(part)
            if size > IN_MEMORY:
                return Result(None, self._write(kept, parts))
        return Result(b"".join(kept), None)

    def close(self) -> None:
        """Remove the folder with all answers that are still in it."""
        shutil.rmtree(self.folder, ignore_errors=True)
        os.close(self._lock)

    def _write(self, kept: list[bytes], parts: Iterable[bytes]) -> Path:
        handle, name = tempfile.mkstemp(dir=self.folder)
        try:
            with open(handle, "wb") as file:
                file.writelines(kept)
                kept.clear()
                _copy(parts, file)
        except BaseException:
            os.unlink(name)
            raise
        return Path(name)


def _copy(parts: Iterable[bytes], file: BinaryIO) -> None:
    for part in parts:
        file.write(part)


def _remove_leftovers() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        try:
            about = folder.stat()
            if about.st_uid == os.getuid() and about.st_mtime < time.time() - _SETTLED:
                _remove_unlocked(folder)
        except OSError:
            continue  # somebody else has removed it, or still uses it


def _remove_unlocked(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        shutil.rmtree(folder, ignore_errors=True)
    finally:
        os.close(handle)
