"""The quads of a large change: a file beside its record, which holds the SHA-256 of that file, read on demand.

<data>/history/00000012.rdfp.gz    the quads that change 12 removed and added, in the format of kg.rdf.change
<data>/history/00000012.names      an index of the things in them: sorted digests of eight bytes; rebuilt if missing
"""

from __future__ import annotations

import hashlib
import os
import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import overload

from kg.errors import DataFolderError
from kg.rdf.change import ChangeFile
from kg.rdf.vocabulary import CD, RDF

LARGE = 5_000
"""The most statements of a change that is written in one update, and whose record holds them."""

SUFFIX = ".rdfp.gz"

_DIGEST_BYTES = 8
_IRI = re.compile(r"<([^>]*)>")
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"\S*')
_IS_A_SOURCE = (f" {RDF.type} {CD.Source} ", f" {RDF.type} {CD.Publication} ")


@dataclass(frozen=True)
class Statements:
    """The description of the file in a record: its SHA-256, its numbers of quads, their graphs, and added sources."""

    sha256: str
    added: int
    removed: int
    graphs: tuple[str, ...]
    sources: tuple[str, ...]

    @classmethod
    def of(cls, file: ChangeFile) -> Statements:
        """Return the description of a file."""
        found_graphs, found_sources = set[str](), list[str]()
        for code in "DA":
            for line in file.lines(code):
                found_graphs.add(line[line.rindex("<") + 1 : -3])
                if code == "A" and (source := stated_source(line)):
                    found_sources.append(source)
        digest = sha256(file.path)
        return cls(digest, file.added, file.removed, tuple(sorted(found_graphs)), tuple(found_sources))


def stated_source(line: str) -> str | None:
    """Return the subject of a line of N-Quads that says it is a source, None for another line."""
    subject, _, _ = line.partition(" ")
    return subject[1:-1] if line.startswith(_IS_A_SOURCE, len(subject)) else None


class Lines(Sequence[str]):
    """The quads that a large change added or removed, as sorted lines of N-Quads, read from the file each time."""

    def __init__(self, file: ChangeFile, code: str) -> None:
        self._file = file
        self._code = code

    def __len__(self) -> int:
        return self._file.added if self._code == "A" else self._file.removed

    def __iter__(self) -> Iterator[str]:
        try:
            yield from self._file.lines(self._code) if len(self) else ()
        except OSError as error:
            raise DataFolderError(
                "{place} cannot be read: {cause}",
                "Restore the folder `history` from a backup.",
                place=self._file.path,
                cause=error,
            ) from error

    @overload
    def __getitem__(self, index: int) -> str: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[str, ...]: ...
    def __getitem__(self, index: int | slice) -> str | tuple[str, ...]:
        if isinstance(index, slice):
            return tuple(islice(self, *index.indices(len(self))))
        return next(islice(self, range(len(self))[index], None))

    def __eq__(self, other: object) -> bool:
        return other is self or (isinstance(other, Sequence) and tuple(self) == tuple(other))

    def __hash__(self) -> int:
        return hash((self._file.path.name, self._code))


def sync_folder(folder: Path) -> None:
    """Sync a folder, so that the names of its files last."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class StatementIndex:
    """An index of the things in the statements of a large change: a file of digests."""

    def __init__(self, path: Path, file: ChangeFile) -> None:
        self._path = path
        self._file = file

    def mentions(self, iri: str) -> bool:
        """Return True if a thing is subject, predicate or object of a statement."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            content = self._rebuild()
        wanted, count = _digest(iri), len(content) // _DIGEST_BYTES
        place = bisect_left(range(count), wanted, key=lambda number: _digest_at(content, number))
        return place < count and _digest_at(content, place) == wanted

    def write(self) -> None:
        """Write the file, replacing an older one. Raises OSError, DataFolderError."""
        self._path.write_bytes(self._content())

    def _rebuild(self) -> bytes:
        """Return the content of the file, and write it if possible."""
        content, draft = self._content(), self._path.with_suffix(f".names-{os.getpid()}")
        try:
            draft.write_bytes(content)
            draft.replace(self._path)
        except OSError:  # then it is rebuilt each time
            draft.unlink(missing_ok=True)
        return content

    def _content(self) -> bytes:
        found = {name for code in "DA" for line in Lines(self._file, code) for name in iris_in(line)}
        return b"".join(sorted(map(_digest, found)))


def iris_in(line: str) -> Iterable[str]:
    """Return the IRIs of the subject, predicate and object of a line, without those of its graph and of datatypes."""
    triple = line[: line.rindex("<")]
    return _IRI.findall(_LITERAL.sub("", triple))


def _digest(iri: str) -> bytes:
    return hashlib.blake2b(iri.encode(), digest_size=_DIGEST_BYTES).digest()


def _digest_at(content: bytes, number: int) -> bytes:
    return content[number * _DIGEST_BYTES : (number + 1) * _DIGEST_BYTES]
