"""What is generated in docs/architecture.md: the picture of the layers, and the list of packages.

The picture comes from the contracts of import-linter, the list from the docstrings of packages, and of modules that lie
loose in `kg` or `server`: their first paragraphs, and the decisions that they name.
"""

from __future__ import annotations

import ast
import re
import textwrap
import tomllib
from collections.abc import Iterator
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


def packages(top: str) -> dict[str, str]:
    """Return the docstring of each package of `kg` or `server`, and of each loose module there, by its path."""
    paths = {path.parent: path for path in (ROOT / top).rglob("__init__.py") if path.parent != ROOT / top}
    paths |= {path: path for path in (ROOT / top).glob("*.py") if path.name not in ("__init__.py", "__main__.py")}
    return {
        name.relative_to(ROOT).as_posix(): ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        for name, path in sorted(paths.items())
    }


def package_list(top: str) -> str:
    """Return the list of packages as Markdown, an item each."""
    return "".join(f"{line}\n" for name, text in packages(top).items() for line in _item(name, text))


def _item(name: str, docstring: str) -> Iterator[str]:
    subject = " ".join(docstring.partition("\n\n")[0].split())
    decisions = dict.fromkeys(re.findall(r"docs/decisions/([\w-]+)\.md", docstring))
    reasons = ", ".join(f"[{decision}](decisions/{decision}.md)" for decision in decisions)
    item = f"- **{name}**: {subject}{f' Why: {reasons}.' if reasons else ''}"
    return iter(textwrap.wrap(item, 120, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False))


def page() -> str:
    """Return the page with its picture and its lists as they should be."""
    text = _PICTURE.sub(lambda _: picture(), PAGE.read_text(encoding="utf-8"), count=1)
    for top in contracts():
        text = re.sub(
            rf"(?<=<!-- packages of {top}: made by make reference -->\n\n)[^#]*(?=\n#)",
            lambda _, top=top: package_list(top),  # type: ignore[misc]
            text,
        )
    return text
