"""How a concept that curators add is read: who names concepts of an open scheme decides it, and the scheme says so."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import pytest

from kg import resources
from kg.rdf import namespaces as ns
from kg.rdf.parse import read_file
from kg.rdf.vocabulary import SKOS

pytestmark = pytest.mark.drawn

ROOT = Path(__file__).parents[2]
GUIDE = ROOT / "docs/curating/concepts.md"
SCHEMES = resources.ONTOLOGY / "vocabularies"
PREFIX_OF = {iri.removeprefix(ns.VOCABULARY).rstrip("/"): prefix for prefix, iri in ns.PREFIXES.items()}


def open_note(scheme: str) -> str:
    """What an open scheme says of concepts that are added; empty for a closed one."""
    quads = read_file(SCHEMES / f"{scheme}.ttl")
    notes = (quad.object.value for quad in quads if quad.predicate == SKOS.scopeNote)
    return next((note for note in notes if note.startswith("Open: ")), "")


OPEN = {path.stem: note for path in sorted(SCHEMES.glob("*.ttl")) if (note := open_note(path.stem))}


@cache
def texts() -> dict[Path, str]:
    """What decides: rules, shapes and code; questions only show, and their example may be any concept."""
    paths = [*(resources.ONTOLOGY / "rules").glob("*.rq"), *resources.SHAPES.glob("*.ttl")]
    paths += [path for folder in ("kg", "server") for path in (ROOT / folder).rglob("*.py")]
    left_out = ("concepts.py", "ontology-style.ttl")  # the first says how they are read
    return {path: path.read_text(encoding="utf-8") for path in paths if path.name not in left_out}


def naming(scheme: str) -> set[str]:
    name = re.compile(rf"(?<![\w-]){PREFIX_OF[scheme]}:[a-z]|vocabulary/{scheme}/[a-z]|VOCABULARY}}{scheme}/[a-z]")
    return {
        path.name
        for path, text in texts().items()
        if name.search(re.sub(r"(?m)sh:(message|description).*|^#.*", "", text))
    }


@pytest.mark.parametrize("scheme", OPEN)
def test_a_scheme_whose_concepts_are_named_says_how_new_ones_are_read(scheme: str) -> None:
    is_said = OPEN[scheme] != "Open: curators may add concepts."
    assert bool(naming(scheme)) == is_said, naming(scheme)
    rows = [line for line in GUIDE.read_text(encoding="utf-8").splitlines() if line.startswith("| `")]
    (row,) = (row for row in rows if f"`{scheme}`" in row.split("|")[1])
    assert ("like any other" in row) != is_said
