"""The lock of a data folder, which names the process that holds it."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from kg.errors import DataFolderError
from kg.shortage import translating_shortage


class LockedError(DataFolderError):
    """Another process writes to the data folder."""

    title = "Another process writes"


@contextmanager
def hold_lock(path: Path, builds: Path, address: str) -> Iterator[None]:
    """Hold the lock of a data folder, and make the folder of its builds if it is missing.

    `address` is the server's, shown to others who want the lock. Raises DataFolderError if the folder is not writable,
    LockedError if another process holds the lock.
    """
    try:
        with translating_shortage(path):
            builds.mkdir(parents=True, exist_ok=True)
            file = (path / "lock").open("a+", encoding="utf-8")
    except OSError as error:
        raise DataFolderError(
            "{place} cannot be written: {cause}.",
            "Name another folder with --data or CITYKG_DATA.",
            place=path,
            cause=error,
        ) from error
    with file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.seek(0)
            holder, _, server = file.read().partition("\n")
            raise LockedError(
                "{place} is locked by {holder}.",
                f"Act through it (--server {server}), or stop it."
                if server
                else "Wait until it has finished, or stop it.",
                place=path,
                holder=holder or "another process",
            ) from None
        file.truncate(0)
        who = f"the server at {address}" if address else "citykg"
        with suppress(OSError):  # a full disk; the lock needs no text
            os.write(
                file.fileno(),
                f"{who}, process {os.getpid()}, since {time.strftime('%H:%M:%S')}\n{address}".encode(),
            )
        yield
