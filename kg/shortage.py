"""What cannot be written: the disk is full, a quota is used up, a file may not grow any more, or the disk fails.

What is written by `write_synced` is there as it was before, then.

The system says so by a number (errno(3)); the engine repeats the system's words, without the number.
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
"""Bytes without which no change is begun: more than the store and the snapshot take for a small one."""

NOTHING_CHANGED = " Nothing was changed."
_SHORTAGES = {number: os.strerror(number) for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)}


class WriteFailedError(DataFolderError):
    """What was to be written could not be; `change` is the number of the change that was recorded before that.

    A change that is recorded is made: it appears as soon as the store can be written. One that is not never will.
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
        """Return the address that the change will have."""
        return {"change": f"/changes/{self.change}" if self.change is not None else None}


class NoSpaceError(WriteFailedError):
    """There is no room for what was to be written."""

    title = "There is no space left"


def is_shortage(error: BaseException) -> bool:
    """Tell whether an error of the system or of the engine says that there is no room."""
    return _shortage_number(error) is not None


def write_error(place: Path, error: BaseException, outcome: str = "", change: int | None = None) -> WriteFailedError:
    """Return what is said of an error of the system or of the engine that kept something from being written."""
    shortage = _shortage_number(error)
    if shortage is None:
        return WriteFailedError(place, error, outcome, change)
    return NoSpaceError(place, OSError(shortage, _SHORTAGES[shortage]), outcome, change)


@contextmanager
def translating_shortage(place: Path) -> Iterator[None]:
    """Raise NoSpaceError in the place of an error that says that there is no room; others pass."""
    try:
        yield
    except (OSError, RuntimeError) as error:
        if is_shortage(error):
            raise write_error(place, error) from error
        raise


def refuse_without_room(folder: Path, needed: int = 0) -> None:
    """Raise NoSpaceError if a folder has not the room for a change, and `needed` bytes.

    Raises WriteFailedError if it cannot be written at all, as where it is mounted read-only.
    """
    if hindrance := _refusal_number(folder):
        raise write_error(folder, OSError(hindrance, os.strerror(hindrance)), NOTHING_CHANGED)
    if not has_room(folder, needed):
        raise write_error(folder, no_space_error(), NOTHING_CHANGED)


def has_room(folder: Path, needed: int = 0) -> bool:
    """Tell whether a file system has the room for a change, and `needed` bytes."""
    stated = os.statvfs(folder)
    return stated.f_bavail * stated.f_frsize >= ROOM_BYTES + needed


def require_writable(folder: Path) -> None:
    """Raise OSError if nothing can be written into a folder, or no folder made there."""
    folder.mkdir(parents=True, exist_ok=True)
    draft = folder / "draft.tried"
    draft.touch()
    draft.unlink()


def write_synced(path: Path, text: str) -> None:
    """Write a text in the place of what was there; a reader finds the one or the other, whole."""
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
    """Return the error by which the system says that the disk is full."""
    return OSError(errno.ENOSPC, _SHORTAGES[errno.ENOSPC], *([str(place)] if place else []))


def _refusal_number(folder: Path) -> int:
    """Return the number by which the system would refuse to write to a folder, 0 where it would not."""
    if os.statvfs(folder).f_flag & os.ST_RDONLY:
        return errno.EROFS
    return 0 if os.access(folder, os.W_OK) else errno.EACCES


def _shortage_number(error: BaseException) -> int | None:
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno if error.errno in _SHORTAGES else None
    said = str(error)
    return next((number for number, words in _SHORTAGES.items() if words in said), None)
