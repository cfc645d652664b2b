"""Dumps: the whole data set, its default graph, or one named graph, written as a file.

A dump is called `<name>.<suffix>`: `all` (every named graph; only in formats that keep graphs), `default` (the default
graph), or the name of a graph as it stands after `graph/`, such as `report/table-1`.

Statements are sorted within their graph, so that the bytes depend on the content alone (the order of a store may depend
on how it was filled). One graph at a time is in memory, never the written dump.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, Triple, serialize

from kg import namespaces as ns
from kg.errors import UnknownNameError
from kg.formats import GRAPH_FORMATS, GraphFormat

ALL = "all"
DEFAULT = "default"


@dataclass(frozen=True)
class Dump:
    """A dump that can be written: what it holds (see the module) and in which format."""

    name: str
    format: GraphFormat

    @property
    def file(self) -> str:
        """The file's name below /dumps/."""
        return f"{self.name}.{self.format.suffix}"


def dumps(store: Store) -> dict[str, Dump]:
    """Return every dump of a store by its file name, the whole data set first, then the graphs by name."""
    graphs = sorted(graph.value.removeprefix(ns.GRAPH) for graph in _named_graphs(store))
    whole = [Dump(ALL, fmt) for fmt in GRAPH_FORMATS if fmt.keeps_graphs]
    parts = [Dump(name, fmt) for name in (DEFAULT, *graphs) for fmt in GRAPH_FORMATS]
    return {dump.file: dump for dump in (*whole, *parts)}


def find(store: Store, file: str) -> Dump:
    """Return a dump by its file name. Raises UnknownNameError that names every dump, in one format each."""
    known = dumps(store)
    if file in known:
        return known[file]
    first_of_each = {dump.name: name for name, dump in reversed(known.items())}
    raise UnknownNameError("dump", file, list(first_of_each.values()))


def write(store: Store, dump: Dump, output: IO[bytes]) -> None:
    """Write a dump into a binary file, statement by statement."""
    quads = _quads(store, dump.name)
    prefixes = None if dump.format.engine == RdfFormat.JSON_LD else ns.PREFIXES
    if dump.format.keeps_graphs:
        serialize(quads, output, dump.format.engine, prefixes=prefixes)
    else:
        serialize(_triples(quads), output, dump.format.engine, prefixes=prefixes)


def checksums(store: Store) -> str:
    """Return the SHA-256 of every dump, in the form that `sha256sum --check` reads."""
    return "".join(f"{_sha256(store, dump)}  {dump.file}\n" for dump in dumps(store).values())


def _sha256(store: Store, dump: Dump) -> str:
    with TemporaryFile() as file:
        write(store, dump, file)
        file.seek(0)
        return hashlib.file_digest(file, "sha256").hexdigest()


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
