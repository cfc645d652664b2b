"""Links between the pages of the repository lead somewhere, and its lists are complete."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.docs import pages
from tests.docs.pages import ROOT

pytestmark = pytest.mark.lint

LINK = re.compile(r"\]\((?!https?:|mailto:)([^)#\s]*)(?:#([^)\s]+))?\)")
MADE_LATER = {
    "kg/facts/curated",  # by folding the history into the files
    "server/bundle",  # by npm, when the project is installed
}


def anchors(text: str) -> set[str]:
    """Return the names of the headings of a page, as GitHub and GitLab make them."""
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def broken(path: Path, text: str) -> list[str]:
    """Return the links of a page that lead nowhere."""
    found = []
    for target, anchor in LINK.findall(text):
        place = path.parent / target if target else path
        is_there = place.exists() and (not anchor or anchor in anchors(place.read_text(encoding="utf-8")))
        found += [] if is_there else [f"{target}#{anchor}"]
    return found


def test_links_between_files_lead_somewhere() -> None:
    everywhere = [
        path
        for path in ROOT.glob("**/*.md")
        if not any(part.startswith(".") or part == "node_modules" for part in path.relative_to(ROOT).parts)
    ]
    found = {str(path.relative_to(ROOT)): broken(path, path.read_text(encoding="utf-8")) for path in everywhere}
    assert {name: links for name, links in found.items() if links} == {}


def test_a_link_that_leads_nowhere_is_seen() -> None:
    text = "[a](CHANGELOG.md) [b](#start) [c](#another) [d](missing.md) [e](https://example.org/missing.md)"
    assert broken(ROOT / "README.md", text) == ["#another", "missing.md#"]


@pytest.mark.parametrize("folder", ["docs/decisions", "docs"])
def test_every_page_is_listed(folder: str) -> None:
    listed = (ROOT / folder / "README.md").read_text(encoding="utf-8")
    for page in (ROOT / folder).glob("*.md"):
        assert page.name == "README.md" or f"({page.name})" in listed, page


def test_files_and_tests_that_a_page_names_are_there() -> None:
    paths = [*ROOT.glob("tests/**/test_*.py")]
    files = {path.name for path in paths}
    tests = {name for path in paths for name in re.findall(r"def (test_\w+)\(", path.read_text(encoding="utf-8"))}
    missing = []
    for path in pages.PAGES:
        text = path.read_text(encoding="utf-8")
        named = re.findall(r"`((?:kg|server|tests|bench|queries|shapes|ontology)/[\w./-]*\w)`", text)
        lost = [name for name in named if not (ROOT / name).exists() and name not in MADE_LATER]
        lost += [name for name in re.findall(r"`(test_\w+)`", text) if name not in tests]
        lost += [name for name in re.findall(r"`(test_\w+\.py)`", text) if name not in files]
        missing += [f"{path.relative_to(ROOT)}: {name}" for name in lost]
    assert missing == []
