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
import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from tempfile import TemporaryFile
from typing import IO, cast

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from kg import namespaces as ns
from kg.errors import UnknownNameError
from kg.formats import GRAPH_FORMATS, GraphFormat

ALL = "all"
DEFAULT = "default"

_PACKED_SUFFIX = ".gz"
_LEVEL = 6  # a higher one takes twice the time for a hundredth of the size


@dataclass(frozen=True)
class Dump:
    """A dump that can be written: what it holds (see the module), in which format, and whether compressed."""

    name: str
    format: GraphFormat
    packed: bool = False

    @property
    def file(self) -> str:
        """The file's name below /dumps/."""
        return f"{self.name}.{self.format.suffix}" + (_PACKED_SUFFIX if self.packed else "")


@dataclass(frozen=True)
class Digest:
    """What a fetched file can be checked by: its size in bytes, and its SHA-256 as hexadecimal digits."""

    size: int
    sha256: str


def dumps(store: Store) -> dict[str, Dump]:
    """Return every dump of a store by its file name, the whole data set first, then the graphs by name."""
    graphs = sorted(graph.value.removeprefix(ns.GRAPH) for graph in _named_graphs(store))
    whole = [Dump(ALL, fmt) for fmt in GRAPH_FORMATS if fmt.keeps_graphs]
    parts = [Dump(name, fmt) for name in (DEFAULT, *graphs) for fmt in GRAPH_FORMATS]
    return {dump.file: dump for plain in (*whole, *parts) for dump in (plain, replace(plain, packed=True))}


def find(store: Store, file: str) -> Dump:
    """Return a dump by its file name. Raises UnknownNameError that names every dump, in one format each."""
    known = dumps(store)
    if file in known:
        return known[file]
    first_of_each = {dump.name: name for name, dump in reversed(known.items())}
    raise UnknownNameError("dump", file, list(first_of_each.values()))


def write(store: Store, dump: Dump, output: IO[bytes]) -> None:
    """Write a dump into a binary file, statement by statement."""
    if not dump.packed:
        _write_plain(store, dump, output)
        return
    with TemporaryFile() as plain:
        _write_plain(store, dump, plain)
        _pack(plain, output)


def digests(store: Store, known: Iterable[Dump]) -> dict[str, Digest]:
    """Return the digest of each of some plain dumps, and of its compressed form, by file name."""
    found = {}
    for dump in known:
        with TemporaryFile() as plain, TemporaryFile() as packed:
            _write_plain(store, dump, plain)
            _pack(plain, packed)
            found[dump.file] = _digest(plain)
            found[replace(dump, packed=True).file] = _digest(packed)
    return found


def checksums(store: Store) -> str:
    """Return the SHA-256 of every dump, in the form that `sha256sum --check` reads."""
    plain = (dump for dump in dumps(store).values() if not dump.packed)
    return "".join(f"{digest.sha256}  {file}\n" for file, digest in digests(store, plain).items())


def _write_plain(store: Store, dump: Dump, output: IO[bytes]) -> None:
    quads = _quads(store, dump.name)
    prefixes = None if dump.format.engine == RdfFormat.JSON_LD else ns.PREFIXES
    if dump.format.keeps_graphs:
        serialize(quads, output, dump.format.engine, prefixes=prefixes)
    else:
        serialize(_triples(quads), output, dump.format.engine, prefixes=prefixes)


def _pack(plain: IO[bytes], output: IO[bytes]) -> None:
    plain.seek(0)
    with gzip.GzipFile(filename="", mode="wb", compresslevel=_LEVEL, fileobj=output, mtime=0) as packed:
        shutil.copyfileobj(plain, cast(IO[bytes], packed))


def _digest(file: IO[bytes]) -> Digest:
    size = file.tell()
    file.seek(0)
    return Digest(size, hashlib.file_digest(file, "sha256").hexdigest())  # type: ignore[arg-type]


def _named_graphs(store: Store) -> list[NamedNode]:
    return [graph for graph in store.named_graphs() if isinstance(graph, NamedNode)]


def _quads(store: Store, name: str) -> Iterator[Quad]:
    if name == DEFAULT:
        yield from statements(store, DefaultGraph())
    elif name == ALL:
        for graph in sorted(_named_graphs(store), key=str):
            yield from statements(store, graph)
    else:
        yield from statements(store, NamedNode(ns.GRAPH + name))


def statements(store: Store, graph: NamedNode | DefaultGraph) -> list[Quad]:
    """Return what one graph states, sorted: the order of a store depends on how it was filled."""
    return sorted(store.quads_for_pattern(None, None, None, graph), key=str)


def _triples(quads: Iterator[Quad]) -> Iterator[Triple]:
    return (quad.triple for quad in quads)
