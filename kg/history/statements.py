"""The quads of a large change: in a file beside its record, which names the SHA-256 of that file, and read when asked.

<data>/history/00000012.rdfp.gz    the quads that change 12 removed and added, as kg.rdf.change_file has them
<data>/history/00000012.names      which things they name: eight bytes of a digest each, sorted; made anew if gone
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
from kg.rdf.change_file import ChangeFile
from kg.rdf.vocabulary import CD, RDF

LARGE = 5_000
"""Statements up to which a change is written in one go, and its record holds them."""

SUFFIX = ".rdfp.gz"

_DIGEST_BYTES = 8
_IRI = re.compile(r"<([^>]*)>")
_LITERAL = re.compile(r'"(?:[^"\\]|\\.)*"\S*')
_IS_A_SOURCE = (f" {RDF.type} {CD.Source} ", f" {RDF.type} {CD.Publication} ")


@dataclass(frozen=True)
class Statements:
    """What a record says of the file: its SHA-256, how many quads are in it, of which graphs, and stated sources."""

    sha256: str
    added: int
    removed: int
    graphs: tuple[str, ...]
    sources: tuple[str, ...]

    @classmethod
    def of(cls, file: ChangeFile) -> Statements:
        """Return what is to be said of a file."""
        found_graphs, found_sources = set[str](), list[str]()
        for code in "DA":
            for line in file.lines(code):
                found_graphs.add(line[line.rindex("<") + 1 : -3])
                if code == "A" and (source := stated_source(line)):
                    found_sources.append(source)
        digest = sha256(file.path)
        return cls(digest, file.added, file.removed, tuple(sorted(found_graphs)), tuple(found_sources))


def stated_source(line: str) -> str | None:
    """Return the IRI of the source that a line of N-Quads states to be one."""
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
    """Make a renamed file last: its name stands in the folder."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sha256(path: Path) -> str:
    """Return the SHA-256 of a file as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class NameIndex:
    """Which things the statements of a large change name, in a file of digests."""

    def __init__(self, path: Path, file: ChangeFile) -> None:
        self._path = path
        self._file = file

    def mentions(self, iri: str) -> bool:
        """Say whether a thing is subject, predicate or object of a statement."""
        try:
            content = self._path.read_bytes()
        except FileNotFoundError:
            content = self._rebuild()
        wanted, count = _digest(iri), len(content) // _DIGEST_BYTES
        place = bisect_left(range(count), wanted, key=lambda number: _digest_at(content, number))
        return place < count and _digest_at(content, place) == wanted

    def write(self) -> None:
        """Write the file, in the place of what was there. Raises OSError, DataFolderError."""
        self._path.write_bytes(self._content())

    def _rebuild(self) -> bytes:
        """Write the file if that can be done, and return what is in it."""
        content, draft = self._content(), self._path.with_suffix(f".names-{os.getpid()}")
        try:
            draft.write_bytes(content)
            draft.replace(self._path)
        except OSError:  # it is made each time then
            draft.unlink(missing_ok=True)
        return content

    def _content(self) -> bytes:
        found = {name for code in "DA" for line in Lines(self._file, code) for name in _iris_in(line)}
        return b"".join(sorted(map(_digest, found)))


def _iris_in(line: str) -> Iterable[str]:
    """Return the IRIs of the subject, the predicate and the object of a line; not that of the graph, nor datatypes."""
    triple = line[: line.rindex("<")]
    return _IRI.findall(_LITERAL.sub("", triple))


def _digest(iri: str) -> bytes:
    return hashlib.blake2b(iri.encode(), digest_size=_DIGEST_BYTES).digest()


def _digest_at(content: bytes, number: int) -> bytes:
    return content[number * _DIGEST_BYTES : (number + 1) * _DIGEST_BYTES]
