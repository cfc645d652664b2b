"""docs/architecture.md: its picture is the contract of import-linter, and what it names is there."""

from __future__ import annotations

import re
from importlib import import_module

from tests.docs import architecture
from tests.docs.pages import ROOT

TEXT = architecture.PAGE.read_text(encoding="utf-8")
PACKAGES = {
    str(path.parent.relative_to(ROOT))
    for top in ("kg", "server")
    for path in ROOT.glob(f"{top}/**/__init__.py")
    if path.parent != ROOT / top
}


def test_the_picture_is_the_contract() -> None:
    assert architecture.drawn(architecture.shown()) == architecture.contracts(), "run: make reference"
    assert architecture.shown() == architecture.picture()


def test_a_picture_that_says_something_else_is_seen() -> None:
    turned = re.sub(r"(kg\d+) --> (kg\d+)", r"\2 --> \1", architecture.picture(), count=1)
    assert architecture.drawn(turned) != architecture.contracts()
    assert architecture.drawn(architecture.picture().replace("rdf", "rdfs")) != architecture.contracts()


def test_the_contract_has_every_package() -> None:
    for top, stated in architecture.contracts().items():
        direct = {name.split("/")[1] for name in PACKAGES if name.startswith(f"{top}/")}
        assert direct <= {name for layer in stated for name in layer}


def test_every_package_has_its_item() -> None:
    assert len(PACKAGES) > 20
    assert set(re.findall(r"^- \*\*((?:kg|server)/[\w/]+)\*\*: ", TEXT, re.MULTILINE)) >= PACKAGES


def test_the_page_is_that_of_the_code() -> None:
    assert architecture.page() == TEXT, "run: make reference"


def test_an_item_has_the_first_paragraph_of_its_docstring_and_leads_to_its_decisions() -> None:
    found = architecture.packages("kg")
    assert all(found.values()), "a package without a docstring"
    decisions = {name for text in found.values() for name in re.findall(r"docs/decisions/([\w-]+)\.md", text)}
    assert len(decisions) > 10
    assert all(f"](decisions/{name}.md)" in TEXT for name in decisions)


def test_every_module_that_is_named_is_there() -> None:
    names = set(re.findall(r"`((?:kg|server)(?:\.\w+)+)`", TEXT))
    assert len(names) > 20
    for name in names:
        import_module(name)


def test_the_words_of_the_project_are_explained() -> None:
    glossary = TEXT[TEXT.index("## Glossary") :]
    for word in ("Account", "Passage", "Finding", "Gate", "Ledger", "Revision", "Curated graph"):
        assert f"- **{word}**" in glossary
