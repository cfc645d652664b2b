"""Parts of the text of a canned query that are put in only where they are asked for, and the columns of its answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_BLOCK = re.compile(r"(?m)^[ \t]*#\? +(?P<names>[\w ]+)\n(?P<lines>(?:(?![ \t]*#\?).*\n)*)[ \t]*#\?[ \t]*\n")

_COUNT = ".count"

Columns = tuple[tuple[str, str], ...]
"""Columns that are chosen, each with the name that it has in the answer."""


def names_of_blocks(text: str) -> set[str]:
    """Return the names of the optional parameters and columns for which a text has blocks."""
    return {name for block in _BLOCK.finditer(text) for name in block["names"].split()}


def with_blocks(text: str, wanted: Collection[str]) -> str:
    """Return a text with the blocks of which a name is wanted, without the other blocks and all lines that mark them.

    A block begins with a line `#? country`, the names of optional parameters or columns, and ends with a line `#?`.
    """
    return _BLOCK.sub(lambda block: block["lines"] if {*block["names"].split()} & {*wanted} else "", text)


def in_columns(text: str, chosen: Columns, own: Collection[str]) -> str:
    """Return a SELECT with the columns that are chosen, in their order and by their names; `own` are all that it has.

    A new name that another column of its own has goes by way of a name that none has.
    """
    if any(shown != name and shown in own for name, shown in chosen):
        passed = [(name, f"_{number}") for number, (name, _) in enumerate(chosen)]
        text, chosen = (
            _select(text, passed),
            tuple((by, shown) for (_, by), (_, shown) in zip(passed, chosen, strict=True)),
        )
    return _select(text, chosen)


def counted(name: str) -> str:
    """Return the column whose values a column such as `city.count` counts, empty for any other."""
    return name.removesuffix(_COUNT) if name.endswith(_COUNT) else ""


def _select(text: str, chosen: Sequence[tuple[str, str]]) -> str:
    items = " ".join(_item(name, shown) for name, shown in chosen)
    counts = [shown for name, shown in chosen if counted(name)]
    groups = [name for name, _ in chosen if not counted(name)]
    grouped = "GROUP BY " + " ".join(f"?{name}" for name in groups) + "\n" if counts and groups else ""
    order = [*(f"DESC(?{shown})" for shown in counts), *(f"?{name}" for name in groups)]
    return f"SELECT {items} WHERE {{\n{{\n{text.rstrip()}\n}}\n}}\n{grouped}" + (
        f"ORDER BY {' '.join(order)}\n" if counts else ""
    )


def _item(name: str, shown: str) -> str:
    if of := counted(name):
        return f"(COUNT(DISTINCT ?{of}) AS ?{shown})"
    return f"?{name}" if name == shown else f"(?{name} AS ?{shown})"
