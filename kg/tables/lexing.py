"""Cut a CSV text (RFC 4180) into cells that know where they stand; the standard library's reader does not say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

from kg.reconciliation import reason, table_refusal

_NEWLINE = re.compile(r"\r\n|\n|\r")


class CsvCell(NamedTuple):
    """The text of a cell without quotes and without space around it, and where it begins (from 1)."""

    text: str
    line: int
    column: int


def records(text: str, delimiter: str = ",", file: str = "") -> Iterator[list[CsvCell]]:
    """Yield the rows of a text, empty ones left out. Raises RefusedSubmissionError where quotes do not fit.

    A quote within a cell that does not begin with one is a character as any other.
    """
    pattern = _cell(delimiter)
    offset, line, start, row = 0, 1, 0, list[CsvCell]()
    while offset < len(text) or row:
        found = pattern.match(text, offset)
        if not found:
            hint = "Quote a whole cell, close each quote, and write a quote within a cell twice."
            first = row[0].line if row else line
            why = reason("The quotes of the row that begins in line {line} do not fit.", hint, line=first)
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
