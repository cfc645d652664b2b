"""Write what becomes of the rows of a table, as CSV or JSON."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, TextIO

RowReport = Mapping[str, Any]
"""What `Plan.as_dict` says of a row."""


def write_csv(file: TextIO, things: Sequence[str], rows: Iterable[RowReport]) -> None:
    """Write a line for each row, with three columns for each of the things that a row has."""
    writer = csv.writer(file, lineterminator="\n")
    columns = [f"{name}{what}" for name in things for what in ("", "_outcome", "_candidates")]
    writer.writerow(["place", "outcome", *columns, "relation", "reason", "hint"])
    for row in rows:
        cells = [cell for name in things for cell in _cells(row["things"].get(name, {}))]
        reasons, hints = (" ".join(dict.fromkeys(one[what] for one in row["reasons"])) for what in ("message", "hint"))
        writer.writerow([row["place"], row["outcome"], *cells, row.get("relation", ""), reasons, hints])


def _cells(thing: RowReport) -> tuple[str, str, str]:
    candidates = zip(thing.get("candidates", ()), thing.get("labels", ()), strict=True)
    return thing.get("thing", ""), thing.get("outcome", ""), "; ".join(f"{iri} “{label}”" for iri, label in candidates)


def write_json(file: TextIO, of_all: RowReport, rows: Iterable[RowReport]) -> None:
    """Write one object: what is said of all, and the rows, each on a line."""
    file.write(json.dumps(of_all, ensure_ascii=False, indent=1).rstrip("\n}") + ',\n "rows": [')
    between = "\n  "
    for row in rows:
        file.write(between + json.dumps(row, ensure_ascii=False))
        between = ",\n  "
    file.write("\n ]\n}\n")
