"""A change kept in a file, since it is too large to be passed about: an import, say, or what a large change did.

Each line is one of RDF Patch: `D` and a quad that is removed, or `A` and one that is added, as N-Quads in the engine's
form; first all that are removed, each kind sorted. The file is compressed by gzip.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from kg.rdf.change import Change
from kg.rdf.serialise import lines_of, quads_of

_AT_A_TIME = 1 << 20
"""Characters that are compressed at a time."""


@dataclass(frozen=True)
class ChangeFile:
    """Where a change lies, and how many quads it adds and removes."""

    path: Path
    added: int
    removed: int = 0

    @classmethod
    def write(cls, path: Path, change: Change) -> ChangeFile:
        """Write a change into a file, whatever was there. Raises OSError."""
        return cls.write_lines(path, lines_of(change.added), lines_of(change.removed))

    @classmethod
    def write_lines(cls, path: Path, added: Iterable[str], removed: Iterable[str]) -> ChangeFile:
        """Write quads that are given as sorted lines of N-Quads. Raises OSError."""
        counts = []
        with path.open("wb") as raw, gzip.GzipFile("", "wb", compresslevel=6, fileobj=raw, mtime=0) as file:
            for code, lines in (("D", removed), ("A", added)):
                count = 0
                for text in _texts(code, lines):
                    file.write(text.encode())
                    count += text.count("\n")
                counts.append(count)
        return cls(path, counts[1], counts[0])

    @classmethod
    def from_file(cls, path: Path) -> ChangeFile:
        """Return the change that a file holds, whose quads are counted. Raises OSError, also for damage."""
        whole = cls(path, 0)
        return cls(path, *(sum(1 for _ in whole.lines(code)) for code in "AD"))

    @property
    def size(self) -> int:
        """How many quads the change adds and removes."""
        return self.added + self.removed

    def lines(self, code: str) -> Iterator[str]:
        """Yield the quads that are added (A) or removed (D), as lines of N-Quads. Raises OSError, also for damage."""
        try:
            with gzip.open(self.path, "rt", encoding="utf-8", newline="\n") as file:
                for line in file:
                    if line[0] == code:
                        yield line[2:-1]
                    elif code == "D":  # those that are added come behind
                        return
        except (gzip.BadGzipFile, EOFError, zlib.error, UnicodeDecodeError) as error:
            raise OSError(f"it is damaged ({error})") from error

    def read(self) -> Change:
        """Return the change. Raises OSError, SyntaxError; CityKgError for quads that no change may hold."""
        return Change.of(quads_of(self.lines("A")), quads_of(self.lines("D")))


def _texts(code: str, lines: Iterable[str]) -> Iterator[str]:
    """Yield lines with their code, many in one text."""
    parts: list[str] = []
    size = 0
    for line in lines:
        parts.append(f"{code} {line}\n")
        size += len(line)
        if size > _AT_A_TIME:
            yield "".join(parts)
            parts, size = [], 0
    yield "".join(parts)
