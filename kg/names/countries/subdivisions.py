"""Subdivisions of countries by name, as ISO 3166-2 has them, to explain why a table cannot name one as a country."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

import pycountry

from kg.names.countries.iso3166 import Country, find_country
from kg.names.countries.translations import translations
from kg.names.plain import by_plain_form, plain

_DOMAIN = "iso3166-2"
_KIND_OF_REGION = re.compile(
    r"^(?:State|Province|Region|County) of | (?:Prefecture|Province|State|Region|County|Oblast)$|[州省県县]$"
)


@dataclass(frozen=True, slots=True)
class Subdivision:
    """A subdivision of a country: its code, such as GB-SCT, its name in ISO 3166-2, and the country."""

    code: str
    name: str
    of: Country
    parent: str = ""
    """The code of the subdivision that this one is a part of, such as GB-ENG."""


def find_subdivision(name: str) -> Subdivision | None:
    """Return the subdivision with a name, in any language; None if unknown or ambiguous.

    The names of all subdivisions are read on first use, which takes half a second.
    """
    meant = _by_name().get(plain(name.strip()), set())
    if len(meant) != 1:
        return None
    ((code, printed),) = meant
    of = find_country(code[:2])
    return Subdivision(code, _without_brackets(printed), of) if of is not None else None


def subdivision_of(country: str, text: str) -> Subdivision | None:
    """Return the subdivision of a country with a code or a name, in any language; None if unknown or ambiguous.

    The country is a code of ISO 3166-1. The code is that of ISO 3166-2 without it, in capitals, as in addresses: CT.
    """
    wanted = text.strip()
    coded = {one.code: one for one in _of_country(country) if one.code == f"{country}-{wanted}"}
    for name in (wanted, _KIND_OF_REGION.sub("", wanted)):
        coded = coded or {one.code: one for one in _by_name_in(country).get(plain(name), ())}
    return next(iter(coded.values())) if len(coded) == 1 else None


@cache
def _of_country(country: str) -> tuple[Subdivision, ...]:
    of = find_country(country)
    found = (one for one in pycountry.subdivisions if one.country_code == country)
    return tuple(Subdivision(one.code, one.name, of, one.parent_code or "") for one in found) if of else ()


@cache
def _by_name_in(country: str) -> dict[str, list[Subdivision]]:
    """Return all subdivisions of a country by the plain forms of their names."""
    found: dict[str, list[Subdivision]] = {}
    for names in translations(_DOMAIN, transcribed=False):
        for one in _of_country(country):
            printed = names.gettext(one.name)
            for name in {plain(printed), plain(_without_brackets(printed))}:
                found.setdefault(name, []).append(one)
    return found


@cache
def _by_name() -> dict[str, set[tuple[str, str]]]:
    """Return codes and names by the plain forms of all names, of subdivisions of the first level only."""
    parts = [(one.code, one.name) for one in pycountry.subdivisions if one.parent_code is None]
    named: dict[str, set[tuple[str, str]]] = {}
    for names in translations(_DOMAIN, transcribed=False):
        for part in parts:
            named.setdefault(names.gettext(part[1]), set()).add(part)
    for printed in list(named):
        named.setdefault(_without_brackets(printed), set()).update(named[printed])
    return by_plain_form(named)


def _without_brackets(name: str) -> str:
    """Return a name without the other one in brackets: Wales [Cymru GB-CYM]."""
    return name.partition(" [")[0]
