"""Every message has its Chinese in the catalogue, with the same fields, and the catalogue has nothing besides."""

import ast
from collections.abc import Iterator
from pathlib import Path
from string import Formatter

import jinja2
import polib
import pytest
from jinja2 import nodes

import kg
import server
from kg import resources
from kg.messages import bilingual

CATALOGUE = polib.pofile(str(resources.LOCALE / "zh_Hans" / "LC_MESSAGES" / "kg.po"))


def templates() -> Iterator[tuple[str, set[str]]]:
    """Each template that code or a page asks for, with the names of the values that it gives."""
    for path in Path(kg.__path__[0]).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in ("bilingual", "chinese", "reason"):
                template = node.args[0]
                if path.name not in ("messages.py", "reasons.py"):
                    assert isinstance(template, ast.Constant), f"{path}:{node.lineno}: write the template itself"
                    yield str(template.value), {str(keyword.arg) for keyword in node.keywords}
    for path in Path(server.__path__[0], "templates").rglob("*.html"):
        for call in jinja2.Environment().parse(path.read_text(encoding="utf-8")).find_all(nodes.Call):
            if getattr(call.node, "name", "") == "_":
                assert isinstance(call.args[0], nodes.Const), f"{path}:{call.lineno}: write the template itself"
                yield call.args[0].value, {keyword.key for keyword in call.kwargs}


def fields(template: str) -> set[tuple[str | None, str | None, str | None]]:
    return {(name, format_, conversion) for _, name, format_, conversion in Formatter().parse(template) if name}


@pytest.mark.lint
def test_every_message_has_its_chinese_and_the_catalogue_nothing_else() -> None:
    assert {template for template, _ in templates()} == {entry.msgid for entry in CATALOGUE.translated_entries()}
    assert CATALOGUE.untranslated_entries() == CATALOGUE.fuzzy_entries() == CATALOGUE.obsolete_entries() == []


@pytest.mark.lint
def test_every_message_is_given_the_values_of_its_fields() -> None:
    for template, values in templates():
        assert {name for name, *_ in fields(template)} == values, template


@pytest.mark.lint
def test_the_chinese_has_the_fields_of_the_english() -> None:
    assert [entry.msgid for entry in CATALOGUE if fields(entry.msgstr) != fields(entry.msgid)] == []


def test_a_message_is_filled_in_both_languages() -> None:
    assert bilingual("{name} has no source.", name="city:x{0}") == ("city:x{0} has no source.", "city:x{0} 没有来源。")
