"""Figures on processes from proc(5); zero or nothing where there is no such file system, or a process has ended."""

from __future__ import annotations

import os
import resource
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path


def resident_bytes(pid: int) -> int:
    """Return the bytes of memory that a process has, those that it shares with others among them."""
    with suppress(OSError):
        return int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]) * resource.getpagesize()
    return 0


def open_files() -> int:
    """Return how many files this process has open."""
    with suppress(OSError):
        return len(os.listdir("/proc/self/fd"))
    return 0


def descendants(pid: int) -> Iterator[int]:
    """Yield the processes that a process has started, and those that these have."""
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            for child in map(int, task.read_text(encoding="ascii").split()):
                yield child
                yield from descendants(child)
