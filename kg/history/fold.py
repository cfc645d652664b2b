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

from kg import resources
from kg.errors import CityKgError, DataFolderError
from kg.history.records import History, Record
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.serialise import to_bytes

_HEAD = "# Folded from the history by `citykg history --export`: {graph} up to change {number}.\n"


@dataclass(frozen=True)
class FoldedFiles:
    """What was written: the files, how many statements are in them, and up to which change."""

    files: tuple[Path, ...]
    statements: int
    changes: int


class FoldedHistory:
    """The changes that are folded into the files; by default those of kg/facts/curated."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or resources.FACTS / "curated"

    def write(self, store: Store, records: Sequence[Record]) -> FoldedFiles:
        """Write the curated graphs of a store into the directory, and the changes that made them.

        `records` are all changes that the store holds. A graph that states nothing any more gets a file that says so,
        which takes the place of an older one. Raises CityKgError if the directory cannot be written, or a change is of
        a graph that the gate does not write.
        """
        history = History(self._directory)
        before = tuple(history.records())
        if not _begins_with(records, before):
            raise CityKgError(f"{self._directory} holds changes of another history.", "Name another one, or empty it.")
        number, statements, files = len(records), 0, []
        try:
            self._directory.mkdir(parents=True, exist_ok=True)
            for graph in sorted(_graphs(store, records), key=str):
                quads = sorted(match(store, graph=graph), key=str)
                statements += len(quads)
                files.append(_write(self._directory, graph, quads, number))
            history.adopt(records[len(before) :])  # last: without its record a change is made again
        except OSError as error:
            raise CityKgError(f"{self._directory} cannot be written: {error}", "Name another directory.") from error
        return FoldedFiles(tuple(files), statements, number)

    def unfolded_records(self, records: Sequence[Record]) -> Sequence[Record]:
        """Return the changes of a history that are to be made upon the files: those behind the folded ones."""
        folded = self._records()
        return records[len(folded) :] if _begins_with(records, folded) else records

    def records_missing_from(self, records: Sequence[Record]) -> Sequence[Record]:
        """Return the folded changes that continue a history which has not got them."""
        folded = self._records()
        return folded[len(records) :] if _begins_with(folded, records) else ()

    def _records(self) -> tuple[Record, ...]:
        try:
            return tuple(History(self._directory).records())
        except DataFolderError as error:
            raise CityKgError(error.message, "Fold anew: citykg history --export kg/facts/curated") from error


def _begins_with(records: Sequence[Record], first: Sequence[Record]) -> bool:
    """Tell whether a chain begins with another one; each record vouches for those before it."""
    return not first or (len(records) >= len(first) and records[len(first) - 1].hash == first[-1].hash)


def _graphs(store: Store, records: Iterable[Record]) -> set[NamedNode]:
    """Return the curated graphs of a store, and those that the changes have emptied."""
    changed = {quad for record in records for quad in record.added_quads() | record.removed_quads()}
    for quad in changed:
        if not _is_curated(quad.graph_name):
            raise CityKgError(f"A change is of {quad.graph_name}, which only files write.", "Fold it in by hand.")
    named = {*store.named_graphs(), *(quad.graph_name for quad in changed)}
    return {graph for graph in named if isinstance(graph, NamedNode) and _is_curated(graph)}


def _is_curated(graph: object) -> bool:
    return isinstance(graph, NamedNode) and graphs.is_curated(graph.value)


def _write(directory: Path, graph: NamedNode, quads: list[Quad], number: int) -> Path:
    path = directory / f"{quote(graph.value.removeprefix(ns.GRAPH + 'curated/'), safe='')}.trig"
    head = _HEAD.format(graph=ns.compact(graph.value), number=number)
    lines = to_bytes(quads, RdfFormat.TRIG).decode().splitlines(keepends=True)
    lines.sort(key=lambda line: line if line.startswith("@prefix") else "~")  # the engine writes them in any order
    path.write_text(head + "".join(lines), encoding="utf-8")
    return path
