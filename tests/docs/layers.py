"""The picture of the layers, drawn in Mermaid from the contracts of import-linter."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from tests.docs.pages import ROOT

PAGE = ROOT / "docs" / "architecture.md"
DATA = "ontology/ · shapes/ · queries/ · kg/facts/"
_PICTURE = re.compile(r"(?<=```mermaid\n)[^`]*(?=```)")


def contracts(settings: Path = ROOT / "pyproject.toml") -> dict[str, list[list[str]]]:
    """Return the layers of each top-level package, from the uppermost down, each with what lies in it."""
    stated = tomllib.loads(settings.read_text(encoding="utf-8"))["tool"]["importlinter"]["contracts"]
    return {
        container: [re.findall(r"\w+", layer) for layer in contract["layers"]]
        for contract in stated
        if contract["type"] == "layers"
        for container in contract["containers"]
    }


def drawn(picture: str) -> dict[str, list[list[str]]]:
    """Return the layers that a picture shows, in the order in which its arrows lead down."""
    found: dict[str, list[list[str]]] = {}
    for top, inside in re.findall(r"subgraph (\w+)\n(.*?)\n    end", picture, re.DOTALL):
        boxes = {name: label.split(" · ") for name, label in re.findall(r'^ +(\w+)\["(.*)"\]$', inside, re.MULTILINE)}
        found[top] = [boxes[name] for name in re.findall(r"\w+", inside.splitlines()[-1])]
    return found


def picture() -> str:
    """Return the text of the picture: the service above the library above the data."""
    tops = sorted(contracts().items(), reverse=True)
    lines = ["flowchart TB"]
    for top, layers in tops:
        names = [f"{top}{len(layers) - place}" for place in range(len(layers))]
        boxes = [f'        {name}["{" · ".join(layer)}"]' for name, layer in zip(names, layers, strict=True)]
        lines += [f"    subgraph {top}", *boxes, f"        {' --> '.join(names)}", "    end"]
    lines += [f'    data[("{DATA}")]', f"    {' --> '.join([*(top for top, _ in tops), 'data'])}"]
    return "".join(f"{line}\n" for line in lines)


def shown() -> str:
    """Return the picture of the page."""
    found = _PICTURE.search(PAGE.read_text(encoding="utf-8"))
    assert found
    return found[0]


def page() -> str:
    """Return the page with the picture as it should be."""
    return _PICTURE.sub(lambda _: picture(), PAGE.read_text(encoding="utf-8"), count=1)
