"""Fold a history into files: write the outcome of its changes so that a maintainer can add it to the project's files.

    kg/facts/curated/<source>.trig                the content of graph/curated/<source> after the last folded change
    kg/facts/curated/history/00000001.json …      the folded changes, as they are in the data folder

A folded change keeps its number and its place in the chain, and is not replayed: the files hold its outcome, including
later corrections by hand. A data folder that lacks the change adopts its record.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import NamedNode, Quad, RdfFormat, Store

from kg import resources
from kg.errors import CityKgError, DataFolderError
from kg.history.chain import History, Record
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.serialise import to_bytes

_HEAD = "# Folded from the history by `citykg history --export`: {graph} up to change {number}.\n"


@dataclass(frozen=True)
class FoldedFiles:
    """The files that were written, the number of statements in them, and the number of changes folded."""

    files: tuple[Path, ...]
    statements: int
    changes: int


class FoldedHistory:
    """The changes that are folded into files, by default those in kg/facts/curated."""

    def __init__(self, directory: Path | None = None) -> None:
        self._directory = directory or resources.FACTS / "curated"

    def write(self, store: Store, records: Sequence[Record]) -> FoldedFiles:
        """Write the curated graphs of a store into the directory, and the changes that made them.

        `records` are all changes in the store. A graph that has become empty gets an empty file, which replaces an
        older one. Raises CityKgError if the directory cannot be written, or if a change is to a graph that the gate
        does not write.
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
        """Return the changes of a history that come after the folded ones, and are to be replayed upon the files."""
        folded = self._records()
        return records[len(folded) :] if _begins_with(records, folded) else records

    def records_missing_from(self, records: Sequence[Record]) -> Sequence[Record]:
        """Return the folded changes that continue a history and are missing from it."""
        folded = self._records()
        return folded[len(records) :] if _begins_with(folded, records) else ()

    def _records(self) -> tuple[Record, ...]:
        try:
            return tuple(History(self._directory).records())
        except DataFolderError as error:
            raise CityKgError(error.message, "Fold anew: citykg history --export kg/facts/curated") from error


def _begins_with(records: Sequence[Record], first: Sequence[Record]) -> bool:
    """Return True if a chain begins with another one; the hash of a record covers those before it."""
    return not first or (len(records) >= len(first) and records[len(first) - 1].hash == first[-1].hash)


def _graphs(store: Store, records: Iterable[Record]) -> set[NamedNode]:
    """Return the curated graphs of a store, and those that the changes emptied."""
    changed = {quad for record in records for quad in record.added_quads() | record.removed_quads()}
    for quad in changed:
        if not graphs.is_curated_graph(quad.graph_name):
            raise CityKgError(f"A change was made to {quad.graph_name}, which only files write.", "Fold it in by hand.")
    named = {*store.named_graphs(), *(quad.graph_name for quad in changed)}
    return {graph for graph in named if isinstance(graph, NamedNode) and graphs.is_curated_graph(graph)}


def _write(directory: Path, graph: NamedNode, quads: list[Quad], number: int) -> Path:
    path = directory / f"{quote(graph.value.removeprefix(ns.GRAPH + 'curated/'), safe='')}.trig"
    head = _HEAD.format(graph=ns.compact(graph.value), number=number)
    lines = to_bytes(quads, RdfFormat.TRIG).decode().splitlines(keepends=True)
    lines.sort(key=lambda line: line if line.startswith("@prefix") else "~")  # the engine writes them in any order
    path.write_text(head + "".join(lines), encoding="utf-8")
    return path
