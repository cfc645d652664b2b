"""Runs the notebooks of `docs/notebooks` by Jupyter's own command and kernel, each in a folder of its own.

`python -m tests.docs.notebooks` runs them anew over a graph that it builds, and writes what they print into them.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import nbformat

from kg.building import build
from kg.rdf.scopes import DEFAULT_WORKS
from kg.store import DataFolder
from tests.docs.pages import ROOT

NOTEBOOKS = sorted(ROOT.glob("docs/notebooks/*.ipynb"))


def read(path: Path) -> Any:
    """Return a notebook as it is in its file."""
    return nbformat.read(path, as_version=4)


def executed(path: Path, data: Path) -> Any:
    """Return a notebook with what its cells print over a data folder. Raises CalledProcessError if one fails."""
    with tempfile.TemporaryDirectory() as home:
        ran = Path(home) / path.name
        nbformat.write(_without_outputs(read(path)), ran)
        kept = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}  # other tests draw nowhere
        subprocess.run(
            [Path(sys.executable).parent / "jupyter-execute", "--inplace", "--kernel_name=python3", ran.name],
            cwd=home,
            env={**kept, "CITYKG_DATA": str(data), "HOME": home, "IPYTHONDIR": home},
            check=True,
            capture_output=True,
            timeout=600,
        )
        notebook = read(ran)
    for cell in notebook.cells:
        cell.metadata.pop("execution", None)  # when it ran
    return notebook


def outputs(notebook: Any) -> list[tuple[str, Any]]:
    """Return what a notebook prints: text as it is; of a picture that there is one, since fonts differ."""
    return [
        (kind, None if kind.startswith("image/") else content)
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        for kind, content in sorted(
            (output.data if "data" in output else {output.output_type: output.get("text")}).items()
        )
    ]


def _without_outputs(notebook: Any) -> Any:
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    return notebook


def _write() -> None:
    with tempfile.TemporaryDirectory() as place:
        build(DataFolder(Path(place)), works=DEFAULT_WORKS)
        for path in NOTEBOOKS:
            nbformat.write(executed(path, Path(place)), path)


if __name__ == "__main__":
    _write()
