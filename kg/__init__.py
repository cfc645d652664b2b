"""The City Diplomacy Knowledge Graph as a library: load, validate, infer, query. It knows no web framework."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from kg.notebook import Graph


def open(data: Path | str | None = None) -> Graph:
    """Return a built graph to be asked from Python, as kg.notebook.Graph has it; needs the extra `notebook`.

    Without a folder it is that of the variable CITYKG_DATA, else `data` below the current folder. Raises
    DataFolderError if nothing is built there, CityKgError where pandas is not installed.
    """
    from kg.notebook import Graph  # noqa: PLC0415 – imports of a part of the library do not load the rest

    return Graph(data)
