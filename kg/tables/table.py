"""Read tables from files in CSV, TSV or JSON into rows that know their places.

JSON is that of a query service, GeoJSON, or any with an array of objects. A file may be packed by gzip. A table that
cannot be read at all is refused. A row that does not fit is a row with a fault, so that the others are read. CSV
(RFC 4180) is cut into cells here, since the reader of the standard library does not give their lines and columns.
"""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import json
import re
import zlib
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cache
from itertools import islice
from pathlib import Path
from typing import Any, ClassVar, NamedTuple, TextIO

from kg.errors import BadValueError, CityKgError
from kg.findings import RefusedSubmissionError
from kg.nearest import suggest
from kg.reconciliation import Reason, reason, table_refusal
from kg.tables.headings import fields_of

_NEWLINE = re.compile(r"\r\n|\n|\r")


class CsvCell(NamedTuple):
    """The text of a cell without its quotes and surrounding space, and where it begins (line and column from 1)."""

    text: str
    line: int
    column: int


def records(text: str, delimiter: str = ",", file: str = "") -> Iterator[list[CsvCell]]:
    """Yield the rows of a text, without empty ones. Raises RefusedSubmissionError if quotes do not match.

    A quote within a cell that does not begin with one is an ordinary character.
    """
    pattern = _cell(delimiter)
    offset, line, start, row = 0, 1, 0, list[CsvCell]()
    while offset < len(text) or row:
        found = pattern.match(text, offset)
        if not found:
            hint = "Quote a whole cell, close each quote, and write a quote within a cell twice."
            first = row[0].line if row else line
            why = reason("The quotes in the row that begins in line {line} do not match.", hint, line=first)
            raise table_refusal(why, file, line, offset - start + 1)
        value = found[2] if found[1] is None else found[1].replace('""', '"')
        row.append(CsvCell(value.strip(), line, offset - start + 1))
        offset = found.end()
        if found[1] is not None or found[3] != delimiter:
            for newline in _NEWLINE.finditer(text, found.start(), offset):
                line, start = line + 1, newline.end()
        if found[3] != delimiter:
            if any(cell.text for cell in row):
                yield row
            row = []


@cache
def _cell(delimiter: str) -> re.Pattern[str]:
    return re.compile(rf' *+(?:"((?:[^"]|"")*+)" *|(?!")([^{delimiter}\r\n]*+))({delimiter}|\r\n|\n|\r|\Z)')


REASON = "import_reason"
"""The column with the reason in a file of unfit rows; it is skipped when that file is imported again."""
LONGITUDE, LATITUDE, FEATURE = "@longitude", "@latitude", "@id"
"""Columns of GeoJSON besides the properties: the position of the feature, and its id."""

_SUFFIXES = {
    ".csv": "csv",
    ".tsv": "csv",
    ".tab": "csv",
    ".txt": "csv",
    ".json": "json",
    ".srj": "json",
    ".geojson": "json",
}
_SPREADSHEETS = (".xlsx", ".xls", ".ods")
_DELIMITERS = ",;\t"
_MARKS = {codecs.BOM_UTF16_LE: "UTF-16", codecs.BOM_UTF16_BE: "UTF-16"}
_LIKELY = ("gb18030", "shift_jis", "windows-1252")
"""Encodings to suggest for a text that is not UTF-8: the first one in which its first bad line can be read."""


@dataclass(frozen=True)
class TableLimits:
    """Limits of a table, and of the statements that its rows come to."""

    IN_PARTS: ClassVar = "Send it in parts; whole data sets come in as files, with a build."
    """The hint where one is exceeded."""

    bytes: int = 50_000_000
    rows: int = 50_000
    columns: int = 500
    statements: int = 600_000


LIMITS = TableLimits()


@dataclass(frozen=True, slots=True)
class Row:
    """A row: its number from 1, the line where it begins (0 in JSON), its cells, and why it does not fit its header.

    `unit` names the places of rows: lines, or the kind of entry in JSON.
    """

    number: int
    line: int
    cells: tuple[str, ...]
    fault: Reason | None = None
    unit: str = "line"

    @property
    def place(self) -> str:
        """The place of the row in words, such as "line 3"."""
        return f"{self.unit} {self.line or self.number}"


@dataclass(frozen=True)
class Table:
    """A table; `form` is csv, sparql, geojson or json, `delimiter` that of CSV, `raw` the entries of JSON."""

    file: str
    form: str
    columns: tuple[str, ...]
    rows: Sequence[Row]
    delimiter: str = ","
    raw: Sequence[Any] = ()

    def refuse_without_rows(self) -> None:
        """Raise RefusedSubmissionError for a table of a header alone."""
        if not self.rows:
            hint = "See whether the file was saved whole."
            raise table_refusal(reason("The table has a header and no rows.", hint), self.file)

    def head(self, said: Mapping[str, str], most: int) -> list[dict[str, Any]]:
        """Return each column with its field, as is `said` or guessed of the headings, and the texts of some rows."""
        fields = said or fields_of(self.columns)
        return [
            {"heading": name, "field": fields.get(name, ""), "texts": [row.cells[at] for row in self._whole(most)]}
            for at, name in enumerate(self.columns)
            if name not in ("", REASON)
        ]

    def _whole(self, most: int) -> list[Row]:
        return list(islice((row for row in self.rows if row.fault is None), most))

    def edited(self, cells: Mapping[tuple[int, str], str], left_out: Container[int]) -> Table:
        """Return it with other texts in some cells, by the number of the row and the column, and without some rows.

        Raises BadValueError for a table in JSON, whose entries are more than cells.
        """
        if self.form != "csv":
            raise BadValueError("The cells of a file in JSON are not mended here.", "Mend the file, and send it again.")

        def mended(row: Row) -> Row:
            texts = [cells.get((row.number, name), text) for name, text in zip(self.columns, row.cells, strict=False)]
            return replace(row, cells=(*texts, *row.cells[len(texts) :]))

        return replace(self, rows=[mended(row) for row in self.rows if row.number not in left_out])

    def write(self, file: TextIO, rows: Iterable[tuple[Row, str]]) -> None:
        """Write some rows in the form of the table, each with a reason."""
        (_write_csv if self.form == "csv" else _write_json)(self, file, rows)


def parse_table(body: bytes, file: str, limits: TableLimits = LIMITS) -> Table:
    """Parse the bytes of a file, by the suffix of its name.

    Raises RefusedSubmissionError if they are not a table.
    """
    if len(body) > limits.bytes:
        raise too_large(file, limits)
    suffix = Path(file).suffix.lower()
    if suffix not in _SUFFIXES:
        hint = suggest(suffix, _SUFFIXES, f"Name the file {', '.join(_SUFFIXES)}, by what it holds.")
        hint = "Save the sheet as CSV in UTF-8." if suffix in _SPREADSHEETS else hint
        raise table_refusal(reason("The name of {file} does not say what kind of table it is.", hint, file=file), file)
    text = _decode(body, file)
    return _parse_csv(text, file, limits) if _SUFFIXES[suffix] == "csv" else _parse_json(text, file, limits)


def too_large(file: str, limits: TableLimits) -> RefusedSubmissionError:
    """Return the refusal of a table with too many bytes."""
    why = reason("The table has more than {most:,} bytes.", limits.IN_PARTS, most=limits.bytes)
    return table_refusal(why, file, step="size")


def _too_many_rows(file: str, limits: TableLimits) -> RefusedSubmissionError:
    why = reason("The table has more than {most:,} rows.", limits.IN_PARTS, most=limits.rows)
    return table_refusal(why, file, step="size")


def _decode(body: bytes, file: str) -> str:
    """Decode a body in UTF-8, which may begin with a byte order mark."""
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, encoding = body.count(b"\n", 0, error.start) + 1, _encoding(body, error.start)
        raise table_refusal(
            reason(
                "Line {line} is not UTF-8; it looks like {encoding}.",
                f"Save it as CSV in UTF-8 where it was made, or convert it: iconv -f {encoding} -t utf-8 {file}",
                line=line,
                encoding=encoding,
            ),
            file,
            line,
        ) from None
    if (at := text.find("\0")) >= 0:
        line = text.count("\n", 0, at) + 1
        hint = "Take it out, or save the file as UTF-8: one in UTF-16 is full of them."
        raise table_refusal(reason("Line {line} holds a NUL character.", hint, line=line), file, line)
    return text


def _encoding(body: bytes, at: int) -> str:
    if body[:2] in _MARKS:
        return _MARKS[body[:2]]
    begin = body.rfind(b"\n", 0, at) + 1
    end = body.find(b"\n", at)
    line = body[begin : end if end >= 0 else len(body)]
    for encoding in _LIKELY[:-1]:
        with suppress(UnicodeDecodeError):
            if _is_of_east_asia(line.decode(encoding)):
                return encoding
    return _LIKELY[-1]


def _is_of_east_asia(text: str) -> bool:
    """Return True if all letters of a text outside ASCII, more than one, are Chinese or Japanese."""
    signs = [char for char in text if not char.isascii()]
    return len(signs) > 1 and all("\u3040" <= char <= "\u9fff" for char in signs)


def csv_records(body: bytes, file: str) -> Iterator[list[CsvCell]]:
    """Yield the rows of CSV, the header first, as `records` does. Raises RefusedSubmissionError if it is not CSV."""
    text = _decode(body, file)
    return records(text, _delimiter(text), file)


def _delimiter(text: str) -> str:
    """Return the delimiter that gives a header most cells."""
    return max(_DELIMITERS, key=lambda one: _width(text, one))


def _parse_csv(text: str, file: str, limits: TableLimits) -> Table:
    delimiter = _delimiter(text)
    found = records(text, delimiter, file)
    header = next(found, [])
    columns = tuple(cell.text for cell in header)
    _refuse_header(columns, file, header[0].line if header else 1, limits)
    rows = list(islice(_rows(found, len(columns)), limits.rows + 1))
    if len(rows) > limits.rows:
        raise _too_many_rows(file, limits)
    return Table(file, "csv", columns, rows, delimiter)


def _width(text: str, delimiter: str) -> int:
    """Return the number of cells in the first line with a delimiter."""
    with suppress(RefusedSubmissionError):
        return len(next(records(text, delimiter), ()))
    return 0


def _refuse_header(columns: Sequence[str], file: str, line: int, limits: TableLimits) -> None:
    if not columns:
        raise table_refusal(reason("The table is empty.", "See whether the file was saved whole."), file, 1)
    if len(columns) > limits.columns:
        raise table_refusal(reason("The header has more than {most} cells.", most=limits.columns), file, line)
    if "" in columns[: len(columns) - 1 if columns[-1] == "" else len(columns)]:
        hint = "Name each column in the first line."
        raise table_refusal(reason("Column {number} has no name.", hint, number=columns.index("") + 1), file, line)
    for name in columns:
        if name and columns.count(name) > 1:
            hint = "Two columns may not have one name: rename one of them."
            raise table_refusal(reason("The column {name!r} is there twice.", hint, name=name), file, line)


def _rows(found: Iterable[Sequence[CsvCell]], width: int) -> Iterator[Row]:
    for number, record in enumerate(found, start=1):
        fault = None
        if len(record) != width:
            hint = "Quote a cell that holds the delimiter; leave empty what is not known, between two delimiters."
            fault = reason("The row has {row} cells, and the header {header}.", hint, row=len(record), header=width)
        yield Row(number, record[0].line, tuple(cell.text for cell in record), fault)


def _parse_json(text: str, file: str, limits: TableLimits) -> Table:
    """Parse JSON: results of SPARQL 1.1, features of GeoJSON, or an array of objects wherever it stands.

    A value within a value is in the column of its path: `place.name`, `position.0`.
    """
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise table_refusal(reason("This is not JSON: {problem}.", problem=error.msg), file, error.lineno) from None
    except RecursionError:
        raise table_refusal(reason("The JSON is nested too deep."), file) from None
    found = _entries(data, file)
    form, raw = found
    if len(raw) > limits.rows:
        raise _too_many_rows(file, limits)
    read = [_cells(one, _READERS[form]) for one in raw]
    columns = tuple(dict.fromkeys((*_select_variables(data), *(name for cells in read for name in cells or ()))))
    if len(columns) > limits.columns:
        hint = "Keep what the mapping needs; each value within a value is a column of its own."
        raise table_refusal(reason("The table has more than {most} columns.", hint, most=limits.columns), file)
    rows = [_row(at, cells, columns, _UNITS[form]) for at, cells in enumerate(read, start=1)]
    return Table(file, form, columns, rows, raw=raw)


def _entries(data: Any, file: str) -> tuple[str, list[Any]]:
    """Return the form of a table in JSON and its entries.

    Raises RefusedSubmissionError if there are none, or several arrays of them.
    """
    with suppress(KeyError, TypeError):
        if isinstance(bindings := data["results"]["bindings"], list):
            return "sparql", [*bindings]
    with suppress(KeyError, TypeError):
        if data["type"] in ("FeatureCollection", "Feature"):
            return "geojson", [*data["features"]] if data["type"] == "FeatureCollection" else [data]
    arrays = dict(_arrays(data))
    if len(arrays) == 1:
        return "json", next(iter(arrays.values()))
    if not arrays:
        hint = 'Write an array with an object for each row: [{"city": "Leeds"}], or {"members": [{"city": "Leeds"}]}.'
        raise table_refusal(reason("The JSON holds no rows.", hint), file)
    why = reason("The JSON holds several arrays: {names}.", "Keep the one to be imported.", names=", ".join(arrays))
    raise table_refusal(why, file)


def _arrays(data: Any, path: str = "") -> Iterator[tuple[str, list[Any]]]:
    """Yield the arrays of objects in a value, each with its path; what is in a row is none."""
    if isinstance(data, list) and any(isinstance(one, dict) for one in data):
        yield path, data
    for name, value in data.items() if isinstance(data, dict) else ():
        yield from _arrays(value, f"{path}.{name}" if path else name)


def _select_variables(data: Any) -> list[str]:
    """Return the variables that an answer to a SELECT declares, also those without a value in any row."""
    with suppress(KeyError, TypeError):
        return [str(name) for name in data["head"]["vars"]]
    return []


def _cells(entry: Any, reader: Callable[[Any], dict[str, str]]) -> dict[str, str] | None:
    """Return the cells of an entry by column, None if the entry is malformed."""
    try:
        return reader(entry)
    except (KeyError, TypeError, AttributeError, ValueError):
        return None


def _row(number: int, cells: Mapping[str, str] | None, columns: Sequence[str], unit: str) -> Row:
    if cells is None:
        hint = "A binding has a value for each name, a feature properties and a geometry; any other row is an object."
        return Row(number, 0, (), reason("The entry is malformed.", hint), unit)
    return Row(number, 0, tuple(cells.get(name, "").strip() for name in columns), unit=unit)


def _binding(binding: Mapping[str, Mapping[str, str]]) -> dict[str, str]:
    return {name: str(term["value"]) for name, term in binding.items()}


def _feature(feature: Mapping[str, Any]) -> dict[str, str]:
    """Return the properties of a feature, with its position if it is a point, and its id."""
    cells = dict(_values(feature["properties"] or {}))
    geometry = feature.get("geometry") or {}
    if geometry.get("type") == "Point":
        longitude, latitude, *_ = geometry["coordinates"]
        cells |= {LONGITUDE: _as_text(longitude), LATITUDE: _as_text(latitude)}
    return cells | {FEATURE: _as_text(feature.get("id"))}


def _values(value: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Yield what an object holds as text, by the path to it."""
    if not isinstance(value, (dict, list)):
        yield path, _as_text(value)
        return
    for name, one in value.items() if isinstance(value, dict) else enumerate(value):
        yield from _values(one, f"{path}.{name}" if path else str(name))


def _object(entry: Mapping[str, Any]) -> dict[str, str]:
    if not isinstance(entry, dict):
        raise TypeError
    return dict(_values(entry))


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


_READERS: dict[str, Callable[[Any], dict[str, str]]] = {
    "sparql": _binding,
    "geojson": _feature,
    "json": _object,
}
_UNITS = {"sparql": "binding", "geojson": "feature", "json": "entry"}


def _write_csv(table: Table, file: Any, rows: Iterable[tuple[Row, str]]) -> None:
    kept = [at for at, name in enumerate(table.columns) if name and name != REASON]
    writer = csv.writer(file, delimiter=table.delimiter, lineterminator="\n")
    writer.writerow([*(table.columns[at] for at in kept), REASON])
    for row, why in rows:
        is_whole = len(row.cells) == len(table.columns)  # any other stays as it was, to be corrected
        writer.writerow([*([row.cells[at] for at in kept] if is_whole else row.cells), why])


def _write_json(table: Table, file: Any, rows: Iterable[tuple[Row, str]]) -> None:
    """Write entries of JSON as they came, each with its reason where it has a place for one."""
    entries = [_with_reason(table.raw[row.number - 1], why, table.form) for row, why in rows]
    whole: Any = entries
    if table.form == "sparql":
        names = [*(name for name in table.columns if name != REASON), REASON]
        whole = {"head": {"vars": names}, "results": {"bindings": entries}}
    elif table.form == "geojson":
        whole = {"type": "FeatureCollection", "features": entries}
    json.dump(whole, file, ensure_ascii=False, indent=1)


def _with_reason(entry: Any, why: str, form: str) -> Any:
    if not isinstance(entry, dict):
        return entry
    if form == "geojson":
        properties = entry.get("properties")
        return entry | {"properties": properties | {REASON: why}} if isinstance(properties, dict) else entry
    return entry | {REASON: {"type": "literal", "value": why} if form == "sparql" else why}


_GZIP_SUFFIX = ".gz"


def table_file(path: Path, limits: TableLimits = LIMITS) -> tuple[str, bytes]:
    """Return the name and the bytes of a table within limits, decompressed if the name ends with `.gz`.

    Raises CityKgError for a file that cannot be read, RefusedSubmissionError for one that is too large or broken.
    """
    try:
        if path.stat().st_size > limits.bytes:
            raise too_large(path.name, limits)
        body = path.read_bytes()
    except OSError as error:
        raise CityKgError(f"{path} cannot be read: {error.strerror}.", "Name a file that you may read.") from error
    return (
        (path.stem, _decompress(body, path.name, limits)) if path.suffix.lower() == _GZIP_SUFFIX else (path.name, body)
    )


def read_table(path: Path, limits: TableLimits = LIMITS, named: str = "") -> Table:
    """Return the table in a file, of the kind that the suffix of its name says, or of another name (`named`).

    Raises what `table_file` raises, and RefusedSubmissionError if it is not a table.
    """
    name, body = table_file(path, limits)
    return parse_table(body, named or name, limits)


def _decompress(body: bytes, file: str, limits: TableLimits) -> bytes:
    """Decompress a table, and stop at the limit of bytes."""
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(body)) as packed:
            found = packed.read(limits.bytes + 1)
    except (OSError, EOFError, zlib.error):
        hint = "Pack it again, or unpack it and name the table itself."
        raise table_refusal(reason("{file} is not a gzip file, or it is incomplete.", hint, file=file), file) from None
    if len(found) > limits.bytes:
        raise too_large(file, limits)
    return found
