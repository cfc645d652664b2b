"""Checksums of the files of a snapshot and of its JSON description, which never change once written.

    <data>/builds/<name>/snapshots/7.sha256    SHA-256 of each file below snapshots/7, and of snapshots/7.json

The format is that of sha256sum(1), with paths relative to the list: `cd snapshots && sha256sum -c 7.sha256` checks them
without this program. The engine does not always notice a flipped bit in a table: a query that meets it may take all
memory. So a snapshot is compared with its checksums before it is trusted.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from kg.shortage import write_synced

SUFFIX = ".sha256"
_LINE = re.compile(r"([0-9a-f]{64})  ([^/\0]+(?:/[^/\0]+)?)")
Inode = tuple[int, int]


def write_checksums(folder: Path, before: Path | None = None) -> None:
    """Write the checksums of the files in a folder, and of the JSON file that describes it.

    A file that is linked from the folder `before` too keeps its checksum from there: it is not read again, and later
    damage does not come to count as correct.
    """
    of_before = {before / name: found for name, found in checksums(before).items()} if before else {}
    known = {_inode(path): found for path, found in of_before.items() if path.exists()}
    stated = folder.with_suffix(".json")
    files = [*sorted(folder.iterdir()), *([stated] if stated.exists() else [])]
    sums = {path.relative_to(folder.parent): known.get(_inode(path)) or sha256(path) for path in files}
    write_synced(folder.with_suffix(SUFFIX), "".join(f"{found}  {name}\n" for name, found in sums.items()))


def checksums(folder: Path) -> dict[str, str]:
    """Return the checksums of the files in a folder by name; empty if it has no readable list."""
    try:
        stated = _read_list(folder.with_suffix(SUFFIX)) or {}
    except FileNotFoundError:
        return {}
    return {path.name: found for path, found in stated.items() if path.parent == folder}


def altered_files(folder: Path, known: dict[Inode, str] | None = None) -> list[Path]:
    """Return the files of a folder that do not match their checksums. Raises FileNotFoundError if it has none.

    `known` holds the checksums of files read before, and gets those read now: several snapshots link to one file.
    """
    list_of, known = folder.with_suffix(SUFFIX), {} if known is None else known
    stated = _read_list(list_of)
    if stated is None:
        return [list_of]
    altered = [path for path, should in stated.items() if _current_checksum(path, known) != should]
    return altered + sorted(path for path in folder.iterdir() if path not in stated)


def _current_checksum(path: Path, known: dict[Inode, str]) -> str | None:
    try:
        inode = _inode(path)
        if inode not in known:
            known[inode] = sha256(path)
        return known[inode]
    except OSError:
        return None


def _read_list(path: Path) -> dict[Path, str] | None:
    """Return the checksums in a list, None if the list is damaged. Raises FileNotFoundError."""
    lines = path.read_text(encoding="utf-8", errors="replace").removesuffix("\n").split("\n")
    found = [_LINE.fullmatch(line) for line in lines]
    return None if None in found else {path.parent / match[2]: match[1] for match in found if match}


def _inode(path: Path) -> Inode:
    stated = path.stat()
    return stated.st_dev, stated.st_ino


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
