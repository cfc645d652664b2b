"""docs/architecture.md: its picture is the contract of import-linter, and what it names is there."""

from __future__ import annotations

import re
from importlib import import_module

from tests.docs import layers
from tests.docs.pages import ROOT

TEXT = layers.PAGE.read_text(encoding="utf-8")
PACKAGES = {
    str(path.parent.relative_to(ROOT))
    for top in ("kg", "server")
    for path in ROOT.glob(f"{top}/**/__init__.py")
    if path.parent != ROOT / top
}


def test_the_picture_is_the_contract() -> None:
    assert layers.drawn(layers.shown()) == layers.contracts(), "run: make reference"
    assert layers.shown() == layers.picture()


def test_a_picture_that_says_something_else_is_seen() -> None:
    turned = re.sub(r"(kg\d+) --> (kg\d+)", r"\2 --> \1", layers.picture(), count=1)
    assert layers.drawn(turned) != layers.contracts()
    assert layers.drawn(layers.picture().replace("rdf", "rdfs")) != layers.contracts()


def test_the_contract_has_every_package() -> None:
    for top, stated in layers.contracts().items():
        direct = {name.split("/")[1] for name in PACKAGES if name.startswith(f"{top}/")}
        assert direct <= {name for layer in stated for name in layer}


def test_every_package_has_its_paragraph() -> None:
    assert len(PACKAGES) > 20
    assert set(re.findall(r"^\*\*((?:kg|server)/[\w/]+)\*\* ", TEXT, re.MULTILINE)) == PACKAGES


def test_every_module_that_is_named_is_there() -> None:
    names = set(re.findall(r"`((?:kg|server)(?:\.\w+)+)`", TEXT))
    assert len(names) > 20
    for name in names:
        import_module(name)


def test_the_words_of_the_project_are_explained() -> None:
    glossary = TEXT[TEXT.index("## Glossary") :]
    for word in ("Account", "Passage", "Finding", "Gate", "Ledger", "Revision", "Curated graph"):
        assert f"- **{word}**" in glossary
