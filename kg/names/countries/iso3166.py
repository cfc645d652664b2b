"""Countries by their codes and names, as ISO 3166-1 has them.

Codes and names are those of Debian's iso-codes, which the package pycountry brings along. They come into a graph only
when a work or an import uses them, with `source:iso-3166` as their source. Each is linked to its item of Wikidata.
"""

from __future__ import annotations

import gettext
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

import pycountry
from pyoxigraph import Literal, NamedNode, Triple

from kg.names.countries.translations import translations
from kg.names.countries.wikidata import ITEMS
from kg.names.plain import by_plain_form, plain
from kg.nearest import nearest
from kg.rdf import namespaces as ns
from kg.rdf.namespaces import slug
from kg.rdf.vocabulary import CD, DCTERMS, RDF, SCHEMA, SKOS

SOURCE = NamedNode(ns.PREFIXES["source"] + "iso-3166")
"""The source of codes and names, as the gazetteer has it."""

_DOMAIN = "iso3166-1"
_LONGEST, _ALIKE = 100, 0.75  # most characters of a name that is compared, and its least similarity (kg.nearest)
_MOST_NEAR = 3
_NO_STATES = frozenset(
    "AI AQ AS AW AX BL BM BQ BV CC CK CW CX EH FK FO GF GG GI GL GP GS GU HK HM IM IO JE KY MF MO MP MQ MS NC NF NU PF "
    "PM PN PR RE SH SJ SX TC TF TK TW UM VG VI WF YT".split()
)
"""Codes of countries that are neither members of the United Nations nor observer states, so not called states."""
_PATHS = {"HK": "city/hong-kong", "MO": "city/macao"}
_SHORT_NAMES = {
    "CD": "Democratic Republic of the Congo",
    "FK": "Falkland Islands",
    "FM": "Micronesia",
    "PS": "Palestine",
    "RU": "Russia",
    "VA": "Holy See",
    "VG": "British Virgin Islands",
    "VI": "United States Virgin Islands",
}
"""Names in common use, or as the gazetteer has them, where ISO 3166 has only other forms."""
_OTHER_NAMES = {
    "AE": ("UAE",),
    "BA": ("Bosnia", "Bosnien"),
    "BN": ("Brunei",),
    "CI": ("Ivory Coast", "Elfenbeinküste"),
    "CN": ("PRC", "PR China"),
    "CV": ("Cape Verde",),
    "GB": ("UK", "Great Britain", "Großbritannien", "Grande-Bretagne", "Gran Bretaña", "Gran Bretagna"),
    "IE": ("Republic of Ireland",),
    "KR": ("Republic of Korea",),
    "MK": ("Macedonia", "Mazedonien", "Macédoine"),
    "MM": ("Burma",),
    "NL": ("The Netherlands",),
    "RU": (
        *("Россия", "Росія", "Rosja", "Rusko", "Rússia", "Oroszország", "Ryssland"),
        *("俄国", "ロシア", "러시아", "روسيا"),
    ),
    "SZ": ("Swaziland",),
    "TL": ("East Timor",),
    "TR": ("Turkey",),
    "US": ("USA",),
    "VA": ("Vatican City", "Vatican"),
}


_NAMED_BEFORE_THE_COMMA = frozenset(("FM", "PS", "RU"))
"""Codes of countries whose name is the first part of that in ISO 3166: Russie, Fédération de."""


@dataclass(frozen=True, slots=True)
class Country:
    """A country in the sense of ISO 3166, which may not be a state: its codes, its IRI in graphs, its names.

    `item` is its item of Wikidata, such as `Q235`, empty where sources disagree which that is.
    """

    alpha2: str
    alpha3: str
    iri: str
    name: str
    zh: str
    is_state: bool
    item: str

    @staticmethod
    def of_item(item: str) -> Country | None:
        """Return the country that an item of Wikidata is about; None for any other item."""
        return _by_item().get(item)


def countries() -> tuple[Country, ...]:
    """Return all countries of ISO 3166-1, sorted by two-letter code."""
    return tuple(_by_code().values())


def find_country(code_or_name: str) -> Country | None:
    """Return the country with a code, in capitals, or a name in any language; None if unknown or ambiguous.

    Names are compared in plain form (kg.names.plain). An English name goes before the same name in other languages.
    """
    text = code_or_name.strip()
    if re.fullmatch("[A-Z]{2,3}", text):
        land = pycountry.countries.get(alpha_2=text) or pycountry.countries.get(alpha_3=text)
        if land:
            return _by_code()[land.alpha_2]
    name = plain(text)
    for names in (_by_english_name(), _by_name()):
        if meant := names.get(name):
            return _by_code()[next(iter(meant))] if len(meant) == 1 else None
    return None


def nearest_countries(name: str) -> list[Country]:
    """Return the countries whose English names end with a name, as does South Korea; else the most similar one.

    That one begins with the same letter.
    """
    if ending := [land for land in countries() if land.name.casefold().endswith(f" {name.strip().casefold()}")]:
        return ending[:_MOST_NEAR]
    wanted = plain(name.strip())
    alike = (one for one in (*_by_english_name(), *_by_name()) if one[0] == wanted[:1])
    near = nearest(wanted[:_LONGEST], alike, _ALIKE)
    found = find_country(near) if near else None
    return [found] if found is not None else []


def country_statements(land: Country) -> list[Triple]:
    """Return the statements that bring a country into a graph: type, labels, codes, link, source."""
    thing = NamedNode(land.iri)
    links = [NamedNode(f"http://www.wikidata.org/entity/{land.item}")] if land.item else []
    return [
        Triple(thing, RDF.type, CD.State if land.is_state else CD.Polity),
        Triple(thing, SKOS.prefLabel, Literal(land.name, language="en")),
        Triple(thing, SKOS.prefLabel, Literal(land.zh, language="zh-Hans")),
        Triple(thing, CD.isoAlpha2, Literal(land.alpha2)),
        Triple(thing, CD.isoAlpha3, Literal(land.alpha3)),
        *(Triple(thing, SCHEMA.sameAs, link) for link in links),
        Triple(thing, DCTERMS.source, SOURCE),
    ]


@cache
def _by_code() -> dict[str, Country]:
    chinese = gettext.translation(_DOMAIN, pycountry.LOCALES_DIR, ["zh_CN"])
    return {land.alpha_2: _country(land, chinese) for land in sorted(pycountry.countries, key=lambda one: one.alpha_2)}


def _country(land: Any, chinese: gettext.NullTranslations) -> Country:
    code, printed = land.alpha_2, getattr(land, "common_name", land.name)
    name, is_state = _SHORT_NAMES.get(code, printed), code not in _NO_STATES
    last = slug(name.replace("'", " "))  # cote-d-ivoire
    path = _PATHS.get(code) or f"{'country' if is_state else 'polity'}/{last}"
    return Country(code, land.alpha_3, ns.ID + path, name, chinese.gettext(printed), is_state, ITEMS.get(code, ""))


@cache
def _by_item() -> dict[str, Country]:
    return {land.item: land for land in _by_code().values() if land.item}


@cache
def _by_english_name() -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for land in pycountry.countries:
        for name in (*_iso_names(land), _by_code()[land.alpha_2].name, *_OTHER_NAMES.get(land.alpha_2, ())):
            found.setdefault(plain(name), set()).add(land.alpha_2)
    return found


@cache
def _by_name() -> dict[str, set[str]]:
    of_each = {land.alpha_2: _iso_names(land) for land in pycountry.countries}
    printed: dict[str, set[str]] = {}  # many languages have the same name, of which the plain form is made once
    for language in translations(_DOMAIN):
        for code, names in of_each.items():
            for name in map(language.gettext, names):
                printed.setdefault(name, set()).add(code)
                if code in _NAMED_BEFORE_THE_COMMA:
                    printed.setdefault(name.partition(",")[0], set()).add(code)
    return by_plain_form(printed)


def _iso_names(land: Any) -> list[str]:
    names = (getattr(land, field, "") for field in ("name", "common_name", "official_name"))
    return [way for name in names if name for way in dict.fromkeys((name, name.removeprefix("the ")))]
