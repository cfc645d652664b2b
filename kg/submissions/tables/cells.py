"""Cut a CSV text (RFC 4180) into cells that know where they stand; the standard library's reader does not say it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from kg.findings import RefusedSubmissionError
from kg.rdf.lexers import place_at
from kg.submissions.rdf import syntax_finding

_CELL = re.compile(r'(?:[ \t]*"((?:[^"]|"")*+)"[ \t]*|([^",\r\n]*+))(,|\r\n|\n|\r|\Z)')


@dataclass(frozen=True)
class Cell:
    """The text of a cell without quotes and without space around it, and where it begins (from 1)."""

    text: str
    line: int
    column: int


def rows(text: str) -> Iterator[list[Cell]]:
    """Yield the rows of a text, empty ones left out. Raises RefusedSubmissionError where quotes do not fit."""
    offset, line, start, row = 0, 1, 0, list[Cell]()
    while offset < len(text) or row:
        found = _CELL.match(text, offset)
        if not found:
            message = "A quote does not fit: quote the whole cell, and write a quote within it twice."
            raise RefusedSubmissionError([syntax_finding(message, *place_at(text, offset))])
        value = found[2] if found[1] is None else found[1].replace('""', '"')
        row.append(Cell(value.strip(), line, offset - start + 1))
        if newlines := len(re.findall(r"\r\n|\n|\r", found[0])):
            line += newlines
            start = found.end() - len(found[0]) + _last_line(found[0])
        offset = found.end()
        if found[3] != ",":
            if any(cell.text for cell in row):
                yield row
            row = []


def _last_line(text: str) -> int:
    return max(text.rfind("\n"), text.rfind("\r")) + 1
