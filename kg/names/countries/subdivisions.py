"""Subdivisions of countries by name, as ISO 3166-2 has them, to explain why a table cannot name one as a country."""

from __future__ import annotations

import gettext
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pycountry

from kg.names.countries.iso3166 import Country, find_country
from kg.names.plain import plain

_DOMAIN = "iso3166-2"


@dataclass(frozen=True, slots=True)
class Subdivision:
    """A subdivision of a country: its code, such as GB-SCT, its name in ISO 3166-2, and the country."""

    code: str
    name: str
    of: Country


def find_subdivision(name: str) -> Subdivision | None:
    """Return the subdivision with a name, in any language; None if unknown or ambiguous.

    The names of all subdivisions are read on first use, which takes a quarter of a second.
    """
    meant = _by_name().get(plain(name.strip()), set())
    if len(meant) != 1:
        return None
    ((code, printed),) = meant
    of = find_country(code[:2])
    return Subdivision(code, _without_brackets(printed), of) if of is not None else None


@cache
def _by_name() -> dict[str, set[tuple[str, str]]]:
    """Return codes and names by the plain forms of all names, of subdivisions of the first level only."""
    parts = [one for one in pycountry.subdivisions if one.parent_code is None]
    found: dict[str, set[tuple[str, str]]] = {}
    for names in (gettext.NullTranslations(), *_translations()):
        for one in parts:
            printed = names.gettext(one.name)
            for name in {printed, _without_brackets(printed)}:
                found.setdefault(plain(name), set()).add((one.code, one.name))
    return found


def _translations() -> Iterator[gettext.NullTranslations]:
    for language in sorted(os.listdir(pycountry.LOCALES_DIR)):
        if gettext.find(_DOMAIN, pycountry.LOCALES_DIR, [language]):
            yield gettext.translation(_DOMAIN, pycountry.LOCALES_DIR, [language])


def _without_brackets(name: str) -> str:
    """Return a name without the other one in brackets: Wales [Cymru GB-CYM]."""
    return name.partition(" [")[0]
