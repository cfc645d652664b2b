"""The words of docs/style-words.md: what its first column lists is in no message, docstring or comment."""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from functools import cache

import pytest

from tests.docs.pages import ROOT

pytestmark = pytest.mark.lint

PAGE = (ROOT / "docs" / "style-words.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| (?P<phrase>[^|]+?) \|[^|]*\| ?(?P<exceptions>[^|]*?) ?\|$", re.MULTILINE)
CODE = sorted([*ROOT.glob("kg/**/*.py"), *ROOT.glob("server/**/*.py")])
OTHERS = [path for glob in ("server/**/*.html", "server/**/*.yaml", "kg/**/*.po") for path in sorted(ROOT.glob(glob))]


@cache
def listed() -> dict[str, list[str]]:
    """Return the phrases to avoid, in lower case, each with the longer ones in which it may stand."""
    rows = {row["phrase"]: row["exceptions"] for row in ROW.finditer(PAGE)}
    return {
        phrase: [one for one in exceptions.split("; ") if one]
        for phrase, exceptions in rows.items()
        if phrase not in {"not", "---"}
    }


def avoided(text: str) -> list[str]:
    """Return the phrases to avoid that a text has."""
    plain = re.sub(r"\s+", " ", text).lower()
    found = []
    for phrase, exceptions in listed().items():
        left = plain if phrase in plain else ""
        for exception in exceptions:
            left = left.replace(exception, "")
        found += [phrase] * bool(re.search(rf"(?<!\w){re.escape(phrase)}" + r"\b" * phrase[-1].isalnum(), left))
    return found


def texts(source: str) -> Iterator[tuple[int, str]]:
    """Return the string literals (in f-strings `{}` for values) and comments of a program, each with its line."""
    tree = ast.parse(source)
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield node.lineno, "".join(p.value if isinstance(p, ast.Constant) else "{}" for p in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield node.lineno, node.value
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def test_messages_and_docstrings_avoid_them() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{line}: {phrase!r} in {text!r}"
        for path in CODE
        for line, text in texts(path.read_text(encoding="utf-8"))
        for phrase in avoided(text)
    ]
    assert not found, "\n".join(["docs/style-words.md has other words:", *found])


def test_pages_and_tables_of_messages_avoid_them() -> None:
    found = {str(path.relative_to(ROOT)): avoided(path.read_text(encoding="utf-8")) for path in OTHERS}
    assert {name: phrases for name, phrases in found.items() if phrases} == {}


@pytest.mark.parametrize(
    ("program", "found"),
    [
        ('raise ValueError("1980s is no date.")', ["is no"]),
        ('raise ValueError(f"{value} is no "\n f"date.")', ["is no"]),
        ('raise ValueError(f"{value} is"\n " no date.")', ["is no"]),
        ('def f():\n    """Say what whoever runs\n    the service should know."""', ["whoever"]),
        ("x = 1  # it is so now", ["it is so now"]),
        ('hint("There is no city of this name; the page is no longer kept.")', []),
        ('hint("The default is a desktop.")', []),
    ],
)
def test_planted_words_are_found(program: str, found: list[str]) -> None:
    assert [phrase for _, text in texts(program) for phrase in avoided(text)] == found


def test_the_page_is_short() -> None:
    assert 20 <= len(listed()) <= 30
    assert len(PAGE.splitlines()) <= 40
