"""Fold a history into files: what its changes made, so written that a maintainer can make it part of the files.

    kg/facts/curated/<source>.trig                what graph/curated/<source> states, up to the last folded change
    kg/facts/curated/history/00000001.json …      the folded changes, just as they are in the data folder

A folded change keeps its number and its place in the chain, and is not made again: the files say what came of it, also
where a maintainer has mended that by hand. A data folder that has not got it takes its record over.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from kg import namespaces as ns
from kg import resources
from kg.errors import CityKgError, DataFolderError
from kg.history import History, Record
from kg.writing import to_bytes

CURATED = ns.GRAPH + "curated/"

_HEAD = "# Folded from the history by `citykg history --export`: {graph} up to change {number}.\n"


@dataclass(frozen=True)
class Folded:
    """What was written: the files, how many statements are in them, and up to which change."""

    files: tuple[Path, ...]
    statements: int
    changes: int


def is_curated(quad: Quad) -> bool:
    """Tell whether a quad stands in a graph that the gate writes."""
    return isinstance(quad.graph_name, NamedNode) and quad.graph_name.value.startswith(CURATED)


def fold(store: Store, records: Sequence[Record], directory: Path) -> Folded:
    """Write the curated graphs of a store, and the changes that made them, into a directory such as kg/facts/curated.

    `records` are all changes that the store holds. A graph that states nothing any more gets a file that says so, which
    takes the place of an older one. Raises CityKgError if the directory cannot be written, or a change is of a graph
    that the gate does not write.
    """
    history = History(directory)
    before = tuple(history.records())
    if not _begins_with(records, before):
        raise CityKgError(f"{directory} holds changes of another history.", "Name another directory, or empty it.")
    graphs = sorted(_graphs(store, records), key=str)
    number = len(records)
    statements = 0
    files = []
    try:
        directory.mkdir(parents=True, exist_ok=True)
        for graph in graphs:
            quads = sorted(store.quads_for_pattern(None, None, None, graph), key=str)
            statements += len(quads)
            files.append(_write(directory, graph, quads, number))
        history.take_over(records[len(before) :])  # last: without its record a change is made again, which does no harm
    except OSError as error:
        raise CityKgError(f"{directory} cannot be written: {error}", "Name another directory.") from error
    return Folded(tuple(files), statements, number)


def not_folded(records: Sequence[Record]) -> Sequence[Record]:
    """Return the changes of a history that are to be made upon the files: those behind the ones folded into them."""
    folded = _folded()
    return records[len(folded) :] if _begins_with(records, folded) else records


def to_take_over(records: Sequence[Record]) -> Sequence[Record]:
    """Return the folded changes that continue a history which has not got them."""
    folded = _folded()
    return folded[len(records) :] if _begins_with(folded, records) else ()


def _folded() -> tuple[Record, ...]:
    try:
        return tuple(History(resources.FACTS / "curated").records())
    except DataFolderError as error:
        raise CityKgError(error.message, "Fold anew: citykg history --export kg/facts/curated") from error


def _begins_with(records: Sequence[Record], first: Sequence[Record]) -> bool:
    """Tell whether a chain begins with another one; each record vouches for those before it."""
    return not first or (len(records) >= len(first) and records[len(first) - 1].hash == first[-1].hash)


def _graphs(store: Store, records: Iterable[Record]) -> set[NamedNode]:
    """Return the curated graphs of a store, and those that the changes have emptied."""
    changed = {quad for record in records for quad in record.added_quads() | record.removed_quads()}
    for quad in changed:
        if not is_curated(quad):
            raise CityKgError(f"A change is of {quad.graph_name}, which only files write.", "Fold it in by hand.")
    graphs = {*store.named_graphs(), *(quad.graph_name for quad in changed)}
    return {graph for graph in graphs if isinstance(graph, NamedNode) and graph.value.startswith(CURATED)}


def _write(directory: Path, graph: NamedNode, quads: list[Quad], number: int) -> Path:
    path = directory / f"{quote(graph.value.removeprefix(CURATED), safe='')}.trig"
    head = _HEAD.format(graph=ns.compact(graph.value), number=number)
    lines = to_bytes(quads, RdfFormat.TRIG).decode().splitlines(keepends=True)
    lines.sort(key=lambda line: line if line.startswith("@prefix") else "~")  # the engine writes them in any order
    path.write_text(head + "".join(lines), encoding="utf-8")
    return path
