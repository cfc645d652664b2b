"""The folder of a work: its tables are read into quads, and a new one is laid out."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from pyoxigraph import Store

from kg import resources
from kg.errors import BadValueError, CityKgError
from kg.findings import MOST_FINDINGS, Finding, RefusedSubmissionError
from kg.nearest import suggest
from kg.rdf import namespaces as ns
from kg.rdf.namespaces import slug
from kg.rdf.positions import PlacedQuad
from kg.reconciliation import finding, reason
from kg.tables.sheet import Sheet
from kg.tables.table import CsvCell, csv_records, table_file
from kg.tables.works.reader import WorkReader, WorkSheet
from kg.tables.works.templates import WORK_TABLES

_LAID_OUT = (
    *("work", "passages", "places", "organisations", "networks", "activities"),
    *("twinnings", "memberships", "findings", "absences", "statistics"),
)
"""The tables of a new work; others can be added."""


class WorkFolder:
    """The tables of one work."""

    def __init__(self, files: Sequence[Path], name: str = "") -> None:
        """Read the files; `name` is that of the work in IRIs, where another file of it gives it."""
        self._findings: list[Finding] = []
        self._sheets = [sheet for path in sorted(files) if (sheet := self._read(path)) is not None]
        self.name = name or self._name_in_table()

    def _read(self, path: Path) -> WorkSheet | None:
        """Return the table in a file, None if its name or header is not that of one."""
        table = WORK_TABLES.get(path.name.partition(".")[0].partition("-")[0])
        if table is None:
            hint = suggest(path.stem, WORK_TABLES, f"Its tables are: {', '.join(WORK_TABLES)}.")
            self._findings.append(
                finding(reason("{name} is not a table of a work.", hint, name=path.name), str(path), 1)
            )
            return None
        try:
            found = csv_records(table_file(path)[1], str(path))
            header = [CsvCell(slug(cell.text).replace("-", "_"), cell.line, cell.column) for cell in next(found, ())]
            sheet = Sheet(table, header, self._findings, str(path))
            if not sheet.fits(table.names, table.needed):
                return None
            sheet.rows = [*sheet.read(found)]
            return sheet
        except RefusedSubmissionError as error:
            self._findings += error.findings
            return None

    def _name_in_table(self) -> str:
        named = [row.text("work") for sheet in self._sheets if sheet.table is WORK_TABLES["work"] for row in sheet.rows]
        return named[0] if named and ns.SLUG.fullmatch(named[0]) else ""

    def read(self, store: Store) -> dict[Path, list[PlacedQuad]]:
        """Return the quads of each table; `store` has everything else, and gets the names of what the tables bring.

        Raises RefusedSubmissionError with every cell that cannot be read (at most twenty).
        """
        if not self.name and not self._findings:
            hint = "Name it in work.csv, in the column work: citykg work new NAME writes one."
            path = self._sheets[0].file
            self._findings.append(finding(reason("The work has no name.", hint), path, 1))
        found: dict[Path, list[PlacedQuad]] = {}
        if self.name:
            reader = WorkReader(self.name, store, self._sheets)
            found = {Path(sheet.file): list(reader.statements(sheet)) for sheet in self._sheets}
        if self._findings:
            self._findings.sort(key=lambda one: (one.file, one.line or 0, one.column or 0))
            raise RefusedSubmissionError(self._findings[:MOST_FINDINGS], "work")
        return found


def lay_out(folder: Path, title: str = "", kind: str = "report") -> list[Path]:
    """Write the tables of a work whose name is that of the folder, and return their paths.

    It has one passage, its title, which says how it is called. Raises BadValueError for a name that cannot be one,
    CityKgError for a folder that cannot be written or holds something.
    """
    name = folder.name
    if not ns.SLUG.fullmatch(name):
        hint = "It stands in addresses: write small letters and digits, with hyphens between, such as my-notes."
        raise BadValueError(f"{name!r} cannot be the name of a work.", hint)
    if (resources.FACTS / name / "work.trig").exists():
        raise BadValueError(f"A work named {name!r} comes with the project.", "Choose another name.")
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise CityKgError(f"{folder} is there already, and is not empty.", "Choose another name, or empty it.")
    title = title or name
    rows: dict[str, Sequence[Mapping[str, str]]] = {
        "work": [{"work": name, "name": title, "title": title, "kind": kind}],
        "passages": [
            {"passage": "title", "kind": "abstract", "locator": "Title", "paraphrase": "Gives the title of the work."}
        ],
        "findings": [
            {
                "passage": "title",
                "says": f"The work is called “{title}”.",
                "slug": "title",
                "about": f"publication:{name}",
            }
        ],
    }
    try:
        folder.mkdir(parents=True, exist_ok=True)
        return [_write(folder / f"{table}.csv", table, rows.get(table, ())) for table in _LAID_OUT]
    except OSError as error:
        raise CityKgError(f"{folder} cannot be written: {error.strerror}.", "Name another folder.") from error


def _write(path: Path, table: str, rows: Sequence[Mapping[str, str]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, WORK_TABLES[table].names, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path
