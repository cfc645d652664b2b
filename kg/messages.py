"""Messages for readers of English and of Chinese: the English in the code, the Chinese in a catalogue of gettext.

A message is a template with named fields in braces. `locale/zh_Hans/LC_MESSAGES/kg.po` has each template, in English as
it stands in the code, with the same in Chinese; who reviews it needs no Python.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import polib

from kg import resources


def bilingual(template: str, **values: object) -> tuple[str, str]:
    """Return a message in English and in Chinese, with the values in the fields of its template."""
    return template.format(**values), chinese(template, **values)


def chinese(template: str, **values: object) -> str:
    """Return a message in Chinese alone. Raises KeyError for a template that the catalogue does not have."""
    return _catalogue()[template].format(**values)


def quantity(number: int, what: str) -> str:
    """Return a number with what it counts, in English: 1 change, 2 changes."""
    return f"{number:,} {what}" + ("" if number == 1 else "s")


@cache
def _catalogue() -> Mapping[str, str]:
    entries = polib.pofile(str(resources.LOCALE / "zh_Hans" / "LC_MESSAGES" / "kg.po"))
    return {entry.msgid: entry.msgstr for entry in entries.translated_entries()}
