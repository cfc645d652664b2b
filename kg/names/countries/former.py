"""Countries that ISO 3166-1 had once and that ISO 3166-3 lists, to explain why a table cannot name one."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import pycountry

from kg.names.countries.iso3166 import Country, find_country
from kg.names.countries.translations import translations
from kg.names.plain import plain

_DOMAIN = "iso3166-3"
_BRACKETED = re.compile(r"\(([^)]*)\)")


@dataclass(frozen=True, slots=True)
class FormerCountry:
    """A country of ISO 3166-3: its name, the year of its withdrawal, and its successor if it has only one.

    By ISO 3166-3 the last two letters of its code of four are those of the successor, or HH or XX.
    """

    name: str
    year: str
    successor: Country | None


def find_former_country(name: str) -> FormerCountry | None:
    """Return the former country with a name, in any language, or a code of three letters; None if unknown."""
    codes = _by_name().get(plain(name.strip()), set())
    if len(codes) != 1:
        return None
    land = next(one for one in pycountry.historic_countries if one.alpha_4 in codes)
    return FormerCountry(land.name, land.withdrawal_date[:4], find_country(land.alpha_4[2:]))


@cache
def _by_name() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for language in translations(_DOMAIN):
        for land in pycountry.historic_countries:
            for name in (land.alpha_3, *_ways_to_print(language.gettext(land.name))):
                found.setdefault(plain(name), set()).add(land.alpha_4)
    return found


def _ways_to_print(name: str) -> Iterator[str]:
    """Yield a name, its parts before and after the comma, and these turned, with and without what is in brackets."""
    first, _, second = name.partition(", ")
    for one in (name, first, second, f"{second} {first}"):
        if one.strip():
            yield _BRACKETED.sub(r"\1", one)
            yield _BRACKETED.sub("", one)
