"""Read a store along every index in a process of its own: reading damage may hang, take all memory, or abort."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from kg.shortage import has_room
from kg.workers import WorkerProcess

_PROGRAM = "kg.programs.walk"
_MEMORY_BYTES, _MEMORY_A_BYTE = 1 << 30, 16
_SECONDS, _SECONDS_A_MEGABYTE = 60.0, 10.0
"""What a walk may take, and how much more for what there is to read: several times what it takes on a busy machine."""


@dataclass(frozen=True)
class Walked:
    """What a store holds: how many quads, and their digest (kg.rdf.digest). `fault` says what is wrong with it."""

    quads: int = 0
    digest: str = ""
    fault: str = ""


class Walk:
    """A walk through a store that nobody writes meanwhile; it goes on beside whatever else is done."""

    def __init__(self, store: Path) -> None:
        """Begin."""
        size = sum(path.stat().st_size for path in store.iterdir())
        seconds = _SECONDS + _SECONDS_A_MEGABYTE * size / 1e6
        memory = _MEMORY_BYTES + _MEMORY_A_BYTE * size
        self._process = WorkerProcess(_PROGRAM, store, memory, seconds, deadline=time.monotonic() + seconds)

    def __enter__(self) -> Walk:
        """Return the walk itself."""
        return self

    def __exit__(self, *_: object) -> None:
        """End it, wherever it is."""
        self._process.stop()

    def end(self) -> Walked:
        """Wait for its end, and return what was read."""
        try:
            found, _ = self._process.receive()
        except TimeoutError:
            return Walked(fault="to read it takes too long")
        except EOFError:
            ending = self._process.stop()
            said = ending.said.decode(errors="replace").strip().rpartition("\n")[2]
            return Walked(fault=f"reading ends in: {said or f'status {ending.status}'}")
        other = f"along the index by {', '.join(found['other'])} it holds other statements" if found["other"] else ""
        return Walked(found["quads"], found["digest"], other)


@contextmanager
def held_still(live: Path) -> Iterator[Path]:
    """Give a copy of a store as it is at this moment, though a writer has it open, until the block ends.

    Its tables never change and are linked, where that can be done; what a writer appends to is copied, and first, since
    it names the tables.
    """
    with _folder_beside(live) as beside:
        copy = beside / "store"
        copy.mkdir()
        for path in sorted(live.iterdir(), key=lambda path: path.suffix == ".sst"):
            with suppress(FileNotFoundError):  # the engine drops what it needs no more
                if path.suffix == ".sst":
                    _link(path, copy / path.name)
                elif path.name.startswith(("CURRENT", "MANIFEST", "OPTIONS", "IDENTITY")) or path.suffix == ".log":
                    shutil.copyfile(path, copy / path.name)
        yield copy


@contextmanager
def _folder_beside(live: Path) -> Iterator[Path]:
    """Give a folder on the same disk; elsewhere where nothing can be written there, and so nobody writes the store."""
    writable = os.access(live.parent, os.W_OK) and has_room(live.parent)
    with tempfile.TemporaryDirectory(prefix=".verify-", dir=live.parent if writable else None) as folder:
        yield Path(folder)


def _link(table: Path, link: Path) -> None:
    try:
        os.link(table, link)
    except FileNotFoundError:
        raise
    except OSError:
        link.symlink_to(table.absolute())
