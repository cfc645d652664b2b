"""Tables whose columns have names of ours: rows whose cells know their places, and findings about these."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Generic, TypeVar

from pyoxigraph import NamedNode, Store

from kg.findings import Finding
from kg.names import Identifier
from kg.nearest import suggest
from kg.rdf.points import Point
from kg.rdf.positions import Position
from kg.reconciliation import Reason, finding, reason
from kg.tables.cells import CellReader
from kg.tables.mapping import CellMapping, UnfitCellError
from kg.tables.names_in_cells import NamesInCells
from kg.tables.table import CsvCell, Row
from kg.tables.things import parse_identifier

AUTHORITIES = ("wikidata", "geonames")
"""The authorities whose identifiers have a column."""
_LONGEST_CELL = 100_000

Kind = TypeVar("Kind")


class Sheet(Generic[Kind]):
    """A table of a kind: its file, its header, its rows, and what is wrong with its cells."""

    def __init__(self, table: Kind, header: Sequence[CsvCell], findings: list[Finding], file: str = "") -> None:
        self.table = table
        self.header = header
        self.findings = findings
        self.file = file
        self.mappings = {cell.text: CellMapping(cell.text) for cell in header}
        """Its columns as the fields of a mapping of the same names."""
        self.rows: list[SheetRow[Kind]] = []
        """Those that are kept: a table that is read once has them from `read`, one by one."""

    def fits(self, columns: Sequence[str], required: Sequence[str]) -> bool:
        """Return True if the header has required columns and no unknown ones; add a finding for each that is wrong."""
        before, names = len(self.findings), [cell.text for cell in self.header]
        hint = f"The columns are {', '.join(columns)}."
        for at, cell in enumerate(self.header):
            if cell.text in names[:at]:
                self.report(cell, reason("The column {name!r} is there twice.", "Leave out one.", name=cell.text))
            elif cell.text not in columns:
                did_you = suggest(cell.text, columns, hint)
                self.report(cell, reason("There is no column {name!r}.", did_you, name=cell.text))
        first = self.header[0] if self.header else CsvCell("", 1, 1)
        for name in required:
            if name not in names:
                self.report(first, reason("The column {name!r} is missing.", hint, name=name))
        return len(self.findings) == before

    def read(self, records: Iterable[Sequence[CsvCell]], delimiter: str = "the delimiter") -> Iterator[SheetRow[Kind]]:
        """Yield the rows below the header; add a finding for each that has more or fewer cells than that."""
        for record in records:
            if len(record) == len(self.header):
                yield SheetRow(self, record)
            else:
                hint, of_row, of_header = f"Quote a cell that holds {delimiter}.", len(record), len(self.header)
                why = reason("The row has {row} cells, and the header {header}.", hint, row=of_row, header=of_header)
                self.report(record[-1], why)

    def cells(self, store: Store) -> CellReader:
        """Return a reader of the cells of its rows, for values of the graph."""
        return CellReader([cell.text for cell in self.header], store, _LONGEST_CELL)

    def report(self, cell: CsvCell, why: Reason) -> None:
        """Add a finding about a cell."""
        self.findings.append(finding(why, self.file, cell.line, cell.column))


class SheetRow(Generic[Kind]):
    """A row of a table. What cannot be read of it is a finding, and None."""

    def __init__(self, sheet: Sheet[Kind], record: Sequence[CsvCell]) -> None:
        self.sheet = sheet
        self._cells = {name.text: cell for name, cell in zip(sheet.header, record, strict=True)}
        self.line = record[0].line
        self.as_row = Row(0, self.line, tuple(cell.text for cell in record))

    def text(self, column: str) -> str:
        """Return the text of a cell, empty without one."""
        return self._cells[column].text if column in self._cells else ""

    def place(self, *columns: str) -> Position:
        """Return the place of the first of some cells that is there, else of the row."""
        cell = next((self._cells[name] for name in columns if name in self._cells), None)
        return (cell.line, cell.column) if cell is not None else (self.line, 1)

    def refuse(self, column: str, why: Reason) -> None:
        """Add a finding about the cell of a column."""
        self.sheet.report(CsvCell("", *self.place(column)), why)

    def thing(self, column: str, names: NamesInCells, types: Sequence[str]) -> NamedNode | None:
        """Return the thing of one of some types that a cell names; None also for an empty cell."""
        try:
            return names.find(text, types) if (text := self.text(column)) else None
        except UnfitCellError as error:
            self.refuse(column, error.why)
            return None

    def identifiers(self) -> dict[str, Identifier]:
        """Return the identifiers of a place by the columns of their authorities."""
        found = {}
        for authority in AUTHORITIES:
            if text := self.text(authority):
                try:
                    found[authority] = parse_identifier(authority, text)
                except UnfitCellError as error:
                    self.refuse(authority, error.why)
        return found

    def point(self, cells: CellReader) -> Point | None:
        """Return the position of a place."""
        try:
            north, east = (self.sheet.mappings.get(name) for name in ("latitude", "longitude"))
            return cells.point(north, east, self.as_row)
        except UnfitCellError as error:
            self.refuse("latitude", error.why)
            return None

    def are_different(self, parties: Sequence[NamedNode], column: str) -> bool:
        """Return True if the two parties of a relation differ; `column` names the second one."""
        one, other = parties
        if one == other:
            self.refuse(column, reason("Both parties are the same.", "Name two different parties."))
        return one != other
