"""Tables in Markdown, to be read on a terminal and pasted into a page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich import box
from rich.console import Console
from rich.table import Table

_WIDTH = 200


def show(columns: Sequence[str], rows: Iterable[Sequence[str | int]]) -> None:
    """Print a table. Whole numbers get separators of thousands; columns of numbers are aligned to the right."""
    table, rows = Table(box=box.MARKDOWN), list(rows)
    for place, column in enumerate(columns):
        is_text = not rows or any(_is_text(row[place]) for row in rows)
        table.add_column(column, justify="left" if is_text else "right", no_wrap=True)
    for row in rows:
        table.add_row(*(f"{cell:,}" if isinstance(cell, int) else cell for cell in row))
    Console(width=_WIDTH).print(table)


def _is_text(cell: str | int) -> bool:
    return isinstance(cell, str) and bool(cell) and not (cell[0].isdigit() or cell[0] in "×–-")
