"""A table of a work: its columns, which have to be those of its kind, and its rows, whose cells know their places."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from kg.findings import Finding
from kg.rdf.namespaces import slug
from kg.rdf.positions import Position
from kg.reconciliation import Reason, finding, reason
from kg.tables.table import CsvCell, Row, csv_records, header_mistakes, table_file
from kg.tables.works.templates import WorkTable


@dataclass
class Sheet:
    """A table of a work: its file, its columns, and its rows."""

    path: Path
    table: WorkTable
    header: Sequence[CsvCell]
    findings: list[Finding]
    rows: list[WorkRow] = field(default_factory=list)

    @classmethod
    def of(cls, path: Path, table: WorkTable, findings: list[Finding]) -> Sheet | None:
        """Read a file; None if its header does not fit. Raises RefusedSubmissionError if it is not CSV."""
        found = csv_records(table_file(path)[1], str(path))
        header = [CsvCell(slug(cell.text).replace("-", "_"), cell.line, cell.column) for cell in next(found, ())]
        sheet = cls(path, table, header, findings)
        mistakes = [*header_mistakes(header, table.names, table.needed)]
        for cell, why in mistakes:
            sheet.report(cell, why)
        if mistakes:
            return None
        for record in found:
            if len(record) == len(header):
                sheet.rows.append(WorkRow(sheet, record))
            else:
                hint, of_row, of_header = "Quote a cell that holds the delimiter.", len(record), len(header)
                why = reason("The row has {row} cells, and the header {header}.", hint, row=of_row, header=of_header)
                sheet.report(record[-1], why)
        return sheet

    def report(self, cell: CsvCell, why: Reason) -> None:
        """Add a finding about a cell."""
        self.findings.append(finding(why, str(self.path), cell.line, cell.column))


class WorkRow:
    """A row of a table."""

    def __init__(self, sheet: Sheet, record: Sequence[CsvCell]) -> None:
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

    @property
    def columns(self) -> list[str]:
        """The names of the columns."""
        return [*self._cells]
