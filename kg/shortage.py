"""Failed writes: the disk is full, a quota is used up, a file may not grow any more, or the disk fails.

A file that `write_synced` could not write stays as it was before.

The system reports the cause as a number (errno(3)); the engine repeats the system's message without the number.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kg.errors import DataFolderError

ROOM_BYTES = 2 << 20
"""Free bytes without which no change is begun: more than the store and the snapshot need for a small one."""

NOTHING_CHANGED = " Nothing was changed."
_SHORTAGES = {number: os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)}


class WriteFailedError(DataFolderError):
    """A write failed; `change` is the number of the change that was recorded before it, if one was.

    A recorded change is made: it appears as soon as the store can be written. A change that is not recorded never does.
    """

    title = "The data folder cannot be written"

    def __init__(self, place: Path, cause: BaseException | str, outcome: str, change: int | None) -> None:
        if change is not None:
            outcome = f" Change {change} is recorded, and appears as soon as it can be written."
        super().__init__(
            "{place} cannot be written: {cause}.{outcome}",
            "Have the operator see to the disk, then send the same again, with its Idempotency-Key if it had one.",
            place=place,
            cause=cause,
            outcome=outcome,
        )
        self.change = change

    def details(self) -> dict[str, Any]:
        """Return the address that the recorded change will have."""
        return {"change": f"/changes/{self.change}" if self.change is not None else None}


class NoSpaceError(WriteFailedError):
    """A write failed because there is no room."""

    title = "There is no space left"


def is_shortage(error: BaseException) -> bool:
    """Return True if an error of the system or of the engine reports that there is no room."""
    return _shortage_number(error) is not None


def write_error(place: Path, error: BaseException, outcome: str = "", change: int | None = None) -> WriteFailedError:
    """Return the error to raise for an error of the system or of the engine that made a write fail."""
    shortage = _shortage_number(error)
    if shortage is None:
        return WriteFailedError(place, error, outcome, change)
    return NoSpaceError(place, OSError(shortage, _SHORTAGES[shortage]), outcome, change)


@contextmanager
def translating_shortage(place: Path) -> Iterator[None]:
    """Raise NoSpaceError instead of an error which reports that there is no room; others pass."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        if is_shortage(error):
            raise write_error(place, error) from error
        raise


def refuse_without_room(folder: Path, needed: int = 0) -> None:
    """Raise NoSpaceError if a folder has no room for a change and `needed` bytes.

    Raises WriteFailedError if it cannot be written at all, for example if it is mounted read-only.
    """
    if hindrance := _refusal_number(folder):
        raise write_error(folder, OSError(hindrance, os.strerror(hindrance)), NOTHING_CHANGED)
    if not has_room(folder, needed):
        raise write_error(folder, no_space_error(), NOTHING_CHANGED)


def has_room(folder: Path, needed: int = 0) -> bool:
    """Return True if the file system of a folder has room for a change and `needed` bytes."""
    stated = os.statvfs(folder)
    return stated.f_bavail * stated.f_frsize >= ROOM_BYTES + needed


def require_writable(folder: Path) -> None:
    """Raise OSError if a folder cannot be created or written."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "draft.tried"
    draft.touch()
    draft.unlink()


def write_synced(path: Path, text: str) -> None:
    """Replace the content of a file atomically, and sync it."""
    draft = path.with_suffix(".draft")
    try:
        with draft.open("w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(path)
    except OSError:
        draft.unlink(missing_ok=True)
        raise


def no_space_error(place: Path | None = None) -> OSError:
    """Return the error by which the system reports a full disk."""
    return OSError(errno.ENOSPC, _SHORTAGES[errno.ENOSPC], *([str(place)] if place else []))


def _refusal_number(folder: Path) -> int:
    """Return the errno with which the system would refuse to write to a folder, 0 if it would not."""
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return errno.EROFS
    return 0 if os.access(folder, os.W_OK) else errno.EACCES


def _shortage_number(error: BaseException) -> int | None:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno if error.errno in _SHORTAGES else None
    said = str(error)
    return next((number for number, words in _SHORTAGES.items() if words in said), None)
