"""Parts of the text of a canned query that are put in only where they are asked for, and the columns of its answer."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

_MARK = re.compile(r"[ \t]*#\?(?P<names>[\w ]*)\n?")
_NOT = "not"
_GATHERED = {".count": "COUNT(DISTINCT {})", ".list": 'GROUP_CONCAT(DISTINCT {}; SEPARATOR=", ")'}
"""What a column of a group gathers of its rows, by the end of its name: the number of different values, or these."""

Columns = tuple[tuple[str, str], ...]
"""Columns that are chosen, each with the name that it has in the answer."""


def names_of_blocks(text: str) -> set[str]:
    """Return the names of the optional parameters and columns for which a text has blocks."""
    marks = map(_MARK.fullmatch, text.splitlines())
    return {name for mark in marks if mark for name in mark["names"].split() if name != _NOT}


def with_blocks(text: str, wanted: Collection[str]) -> str:
    """Return a text with the blocks of which a name is wanted, without the other blocks and all lines that mark them.

    A block begins with a line `#? country`, the names of optional parameters or columns, and ends with a line `#?`; it
    may have others within. One that begins with `#? not country` is there where none of its names is wanted; its lines
    are comments in the file.
    """
    kept, around = [], list[tuple[bool, bool]]()
    for line in text.splitlines(keepends=True):
        mark = _MARK.fullmatch(line)
        if mark and (names := mark["names"].split()):
            is_absence = names[0] == _NOT
            around.append((is_absence == {*names[is_absence:]}.isdisjoint(wanted), is_absence))
        elif mark:
            around.pop()
        elif all(is_wanted for is_wanted, _ in around):
            kept.append(line.replace("# ", "", 1) if around and around[-1][1] else line)
    return "".join(kept)


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


def gathered(name: str) -> str:
    """Return the column whose values one such as `city.count` or `city.list` gathers, empty for any other."""
    return next((name.removesuffix(end) for end in _GATHERED if name.endswith(end)), "")


def _select(text: str, chosen: Sequence[tuple[str, str]]) -> str:
    items = " ".join(_item(name, shown) for name, shown in chosen)
    groups = [name for name, _ in chosen if not gathered(name)]
    counts, lists = ([one for one in chosen if one[0].endswith(end)] for end in _GATHERED)
    grouped = "GROUP BY " + " ".join(f"?{name}" for name in groups) + "\n" if (counts or lists) and groups else ""
    order = [*(f"DESC(?{shown})" for _, shown in counts), *(f"?{name}" for name in groups)]
    sorted_first = " ".join(f"?{gathered(name)}" for name, _ in lists)
    rows = f"SELECT * WHERE {{\n{{\n{text.rstrip()}\n}}\n}}\nORDER BY {sorted_first}" if lists else text.rstrip()
    return f"SELECT {items} WHERE {{\n{{\n{rows}\n}}\n}}\n{grouped}" + (
        f"ORDER BY {' '.join(order)}\n" if counts or lists else ""
    )


def _item(name: str, shown: str) -> str:
    if of := gathered(name):
        return f"({_GATHERED[name.removeprefix(of)].format(f'?{of}')} AS ?{shown})"
    return f"?{name}" if name == shown else f"(?{name} AS ?{shown})"
