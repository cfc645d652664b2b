"""Bits that flip in files as they lie, and what is found amiss in a data folder."""

from __future__ import annotations

from pathlib import Path

from kg.building.verification import verify
from kg.store import DataFolder


def flip(path: Path, place: int | None = None, bit: int = 4) -> None:
    """Flip a bit of a file in its place, in the middle if no other is given."""
    with path.open("r+b") as file:
        file.seek(path.stat().st_size // 2 if place is None else place)
        (byte,) = file.read(1)
        file.seek(-1, 1)
        file.write(bytes([byte ^ (1 << bit)]))


def failures(folder: DataFolder) -> list[str]:
    """Return the names of the checks that a data folder does not pass."""
    return [check.name for check in verify(folder) if not check.passed]
