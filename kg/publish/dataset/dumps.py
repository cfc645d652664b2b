"""Dumps: the whole data set, its default graph, or one named graph, written as a file.

A dump is called `<name>.<suffix>`, compressed `<name>.<suffix>.gz`. The name is `all` (every named graph; only in
formats that keep graphs), `default` (the default graph), or that of a graph as it stands after `graph/`, such as
`report/table-1`.

Statements are sorted within their graph, so that the bytes depend on the content alone (the order of a store may depend
on how it was filled). One graph at a time is in memory, never the written dump. A compressed dump (RFC 1952) names
neither a time nor a file, so that its bytes depend on the content alone, too.
"""

from __future__ import annotations

import gzip
import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from io import BytesIO
from typing import IO, Any

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, serialize

from kg.errors import UnknownNameError
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMAT, GRAPH_FORMATS, GraphFormat
from kg.rdf.lookup import statements
from kg.readings import Reading, WrittenReading

ALL = "all"
DEFAULT = "default"

_ReadGraph = Callable[[NamedNode | DefaultGraph], list[Quad]]
"""Returns the statements of a graph, sorted."""

_COMPRESSED_SUFFIX = ".gz"
_GZIP_LEVEL = 6  # a higher one takes twice the time for a hundredth of the size


@dataclass(frozen=True)
class Dump:
    """A dump that can be written: its contents (see the module), its format, and whether it is compressed."""

    name: str
    format: GraphFormat
    compressed: bool = False

    @property
    def file(self) -> str:
        """The file's name below /dumps/."""
        return f"{self.name}.{self.format.suffix}" + (_COMPRESSED_SUFFIX if self.compressed else "")

    @staticmethod
    @Reading
    def check(store: Store, file: str) -> None:
        """Raise UnknownNameError that names every dump, in one format each, if there is none of a file name."""
        known = dumps(store)
        if file not in known:
            first_of_each = {dump.name: name for name, dump in reversed(known.items())}
            raise UnknownNameError("dump", file, list(first_of_each.values()))

    @staticmethod
    @WrittenReading
    def write_file(store: Store, output: IO[bytes], file: str) -> None:
        """Write the dump of a file name that `check` has accepted."""
        Dump.from_file_name(file).write(store, output)

    @classmethod
    def from_file_name(cls, file: str) -> Dump:
        """Return the dump of a file name that `check` has accepted."""
        plain = file.removesuffix(_COMPRESSED_SUFFIX)
        name, _, suffix = plain.rpartition(".")
        return cls(name, GRAPH_FORMAT[suffix], plain != file)

    def write(self, store: Store, output: IO[bytes]) -> None:
        """Write it into a binary file, statement by statement, without temporary files."""
        if self.compressed:
            with _gzip_file(output) as packed:
                _write_plain(store, self, _Tee(packed))
        else:
            _write_plain(store, self, output)


@dataclass(frozen=True)
class DumpDigest:
    """The size of a file in bytes, and its SHA-256 in hexadecimal digits, to check a download."""

    size: int
    sha256: str


def dumps(store: Store) -> dict[str, Dump]:
    """Return every dump of a store by its file name, the whole data set first, then the graphs by name."""
    graphs = sorted(graph.value.removeprefix(ns.GRAPH) for graph in named_graphs(store))
    whole = [Dump(ALL, fmt) for fmt in GRAPH_FORMATS if fmt.keeps_graphs]
    parts = [Dump(name, fmt) for name in (DEFAULT, *graphs) for fmt in GRAPH_FORMATS]
    return {dump.file: dump for plain in (*whole, *parts) for dump in (plain, replace(plain, compressed=True))}


def digests(store: Store, known: Iterable[Dump]) -> dict[str, DumpDigest]:
    """Return the digest of each of some plain dumps, and of its compressed form, by file name."""
    found = {}
    stated = lru_cache(maxsize=1)(partial(statements, store))  # a graph is sorted once for formats that follow in line
    for dump in known:
        plain, packed = _DigestSink(), _DigestSink()
        with _gzip_file(packed) as packing:
            _write_plain(store, dump, _Tee(plain, packing), stated)
        found[dump.file] = plain.digest()
        found[replace(dump, compressed=True).file] = packed.digest()
    return found


@Reading
def checksums(store: Store) -> str:
    """Return the SHA-256 of every dump, in the form that `sha256sum --check` reads."""
    plain = (dump for dump in dumps(store).values() if not dump.compressed)
    return "".join(f"{digest.sha256}  {file}\n" for file, digest in digests(store, plain).items())


def _write_plain(store: Store, dump: Dump, output: IO[bytes], stated: _ReadGraph | None = None) -> None:
    quads = _quads(store, dump.name, stated or partial(statements, store))
    prefixes = None if dump.format.engine == RdfFormat.JSON_LD else ns.PREFIXES
    content = quads if dump.format.keeps_graphs else (quad.triple for quad in quads)
    serialize(content, output, dump.format.engine, prefixes=prefixes)


def _gzip_file(output: IO[bytes]) -> gzip.GzipFile:
    return gzip.GzipFile(filename="", mode="wb", compresslevel=_GZIP_LEVEL, fileobj=output, mtime=0)


class _DigestSink(BytesIO):
    """A file that keeps only the size and the SHA-256 of its contents."""

    def __init__(self) -> None:
        super().__init__()
        self._size = 0
        self._hash = hashlib.sha256()

    def write(self, data: Any) -> int:
        self._size += len(data)
        self._hash.update(data)
        return len(data)

    def digest(self) -> DumpDigest:
        """Return the digest of all bytes written so far."""
        return DumpDigest(self._size, self._hash.hexdigest())


class _Tee(BytesIO):
    """Several files written as one and flushed only when they are closed: it would change compressed bytes."""

    def __init__(self, *files: IO[bytes] | gzip.GzipFile) -> None:
        super().__init__()
        self._files = files

    def write(self, data: Any) -> int:
        for file in self._files:
            file.write(data)
        return len(data)


def named_graphs(store: Store) -> list[NamedNode]:
    """Return the names of the graphs of a store."""
    return [graph for graph in store.named_graphs() if isinstance(graph, NamedNode)]


def _quads(store: Store, name: str, stated: _ReadGraph) -> Iterator[Quad]:
    if name == DEFAULT:
        yield from stated(DefaultGraph())
    elif name == ALL:
        for graph in sorted(named_graphs(store), key=str):
            yield from stated(graph)
    else:
        yield from stated(NamedNode(ns.GRAPH + name))
