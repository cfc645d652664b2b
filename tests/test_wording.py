"""What code does is decided by kinds, never by the words of our own messages: a reworded message changes nothing."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

pytestmark = pytest.mark.lint

ROOT = Path(__file__).parent.parent
MODULES = sorted([*ROOT.glob("kg/**/*.py"), *ROOT.glob("server/**/*.py")])
TEMPLATES = sorted(ROOT.glob("server/templates/**/*.html"))
WORDS = {"brief", "detail", "failure", "hint", "message", "reason", "sentence", "trouble"}
LOOKS = {"count", "endswith", "find", "index", "islower", "isupper", "partition", "removeprefix", "removesuffix"}
LOOKS |= {"replace", "rpartition", "split", "startswith"}
OF_OTHERS = {
    "kg/errors.py": "the engine has no exception of its own for a damaged file",
    "kg/updates/evaluation.py": "the engine's, for the graph that a check is made over",
    "kg/rdf/parse.py": "the engine's, on a place in a text",
    "kg/sparql/evaluation/mistakes.py": "the engine's, on a text that it cannot read",
    "kg/store/live.py": "the engine's, while a store is still open",
    "kg/updates/reading.py": "the engine's, repeated",
}
"""Modules that read words which are not ours."""
IN_TEMPLATES = re.compile(
    rf"\b(?:{'|'.join(sorted(WORDS))})\s*\.(?:{'|'.join(sorted(LOOKS))})\(|[\"'] in (?:{'|'.join(sorted(WORDS))})\b"
)


def is_message(node: ast.expr) -> bool:
    if isinstance(node, ast.Subscript):
        return is_message(node.value)
    if isinstance(node, ast.Call):
        return isinstance(node.func, ast.Name) and node.func.id == "str" and any(
            isinstance(one, ast.Name) and one.id == "error" for one in node.args
        )  # fmt: skip
    return (isinstance(node, ast.Attribute) and node.attr in WORDS) or (isinstance(node, ast.Name) and node.id in WORDS)


def decided_by_words(tree: ast.AST) -> Iterator[int]:
    """Yield the lines that look into a message."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            tidies = node.func.attr == "split" and not node.args  # spaces alone
            if node.func.attr in LOOKS and not tidies and is_message(node.func.value):
                yield node.lineno
        elif isinstance(node, ast.Compare):
            looks = any(isinstance(sign, ast.In | ast.NotIn) for sign in node.ops)
            if looks and any(is_message(one) for one in node.comparators):
                yield node.lineno


def test_nothing_is_decided_by_the_words_of_a_message() -> None:
    found = {str(path.relative_to(ROOT)): list(decided_by_words(ast.parse(path.read_text()))) for path in MODULES}
    assert {place: lines for place, lines in found.items() if lines and place not in OF_OTHERS} == {}
    assert {place for place in OF_OTHERS if not found[place]} == set()


def test_no_template_is_either() -> None:
    found = {path.name: [match[0] for match in IN_TEMPLATES.finditer(path.read_text())] for path in TEMPLATES}
    assert {name: texts for name, texts in found.items() if texts} == {}


@pytest.mark.parametrize(
    "planted",
    [
        "hint.sentence.startswith('No')",
        "failure[0].islower()",
        "'late' in error.message",
        "'late' not in str(error)",
        "message.partition(':')",
    ],
)
def test_a_planted_one_is_found(planted: str) -> None:
    assert list(decided_by_words(ast.parse(planted))) == [1]
