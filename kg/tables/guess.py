"""Guess the mapping of a table of twin towns from its headings, in English, German, French, Spanish and Chinese.

A guess is a text for a person to read, mend and save: nothing is imported by it alone.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

import yaml

from kg.errors import BadValueError
from kg.gazetteer import Gazetteer
from kg.names import Names, without_idle_words
from kg.names.countries import find_country, subdivision_of
from kg.tables.headings import HEADINGS, fields_of
from kg.tables.mapping import TableMapping
from kg.tables.plan import refuse_unclear_constants
from kg.tables.table import REASON, Table

_ENGLISH = frozenset(map(without_idle_words, HEADINGS["partner"][:11])) | {"city", "town", "place", "name"}
_SLASHED = re.compile(r"(\d{1,2})[/-](\d{1,2})[/-]\d{4}")
_ABOUT_SOURCE = (
    "# Who says so: fill this in and take the # away, or name a source of the graph beside the mapping (--source).",
    "# source:",
    "#   name: …      # a short name in small letters and digits, with hyphens: it stands in addresses",
    "#   title: …     # the title of the page or file, in English",
    "#   url: …       # its address",
    "#   licence: …   # the address of its licence, or words about it, such as: not known",
)
_OF_ACCOUNT = ("kind", "since", "until", "status", "note")
_LAST_MONTH = 12


def guess_mapping(
    table: Table,
    city: str = "",
    names: Names | None = None,
    gazetteer: Gazetteer | None = None,
    *,
    rest: str = "",
    said: Mapping[str, str] | None = None,
) -> str:
    """Return a mapping for a table of twin towns, as YAML.

    `said` has the field of each column that is read, by its heading, if a person has said so (`fields_of`).
    `city` is the town whose list it is, where no column names it: by its name, or as geonames:2655603. `rest` is what
    is known of the mapping, as YAML, such as its source; without it a comment says how to name one.
    Raises BadValueError if the headings do not say where the twin towns stand, or nothing says whose they are;
    RefusedSubmissionError for a table without rows, and for a city that is not clear to the graph of `names`, if given.
    """
    table.refuse_without_rows()
    columns = {field: column for column, field in (said or fields_of(table.columns)).items()}
    ours, partner = columns.get("city", ""), columns.get("partner", "")
    if city and not partner:
        ours, partner = "", ours
    if not partner or not (city or ours):
        raise BadValueError(
            f"The headings do not say which town is twinned with which: {', '.join(filter(None, table.columns))}.",
            "Let the first line name the columns, such as City, Twin town, Country, Since; without a column City, say "
            "whose list it is, as city: Birmingham, GB.",
        )
    language = "en" if without_idle_words(partner) in _ENGLISH else "und"
    of_place: dict[str, object] = {
        name: columns[name] for name in ("country", "latitude", "longitude") if name in columns
    }
    if not {"latitude", "longitude"} <= of_place.keys():
        of_place = {name: column for name, column in of_place.items() if name == "country"}
    numbers = {name: columns[name] for name in ("wikidata", "geonames") if name in columns}
    twin: dict[str, object] = {
        "name": partner,
        "language": language,
        **of_place,
        "kind": ["city", "district", "region", "polity"],
    }
    mapping: dict[str, object] = {
        "rows": "twinnings",
        "city_a": _whose(city, gazetteer) if city else {"name": ours, "language": language, "new": "city"},
        "city_b": {**twin, **({"identifiers": numbers} if numbers else {}), "new": "city"},
        **{name: columns[name] for name in _OF_ACCOUNT if name in columns},
    }
    if order := _order_of_dates(table, columns.get("since", "")):
        mapping["dates"] = order
    lines = _comments(table, {*columns.values()} if not city else {*columns.values()} - {ours})
    lines += [] if rest else _ABOUT_SOURCE
    guess = "\n".join([*lines, yaml.safe_dump(mapping, allow_unicode=True, sort_keys=False)]) + rest
    if city and names is not None:
        refuse_unclear_constants(table, TableMapping.read(guess.encode(), "city"), names, gazetteer)
    return guess


def _whose(city: str, gazetteer: Gazetteer | None) -> dict[str, object]:
    """Return the mapping of a city: by its number, or by its name, with the country behind a comma.

    A name in plain letters (ASCII) is taken for English, the language of the page; that of another is not known.
    """
    authority, _, number = city.partition(":")
    if authority.lower() in ("geonames", "wikidata"):
        return {"identifiers": {authority.lower(): {"constant": number}}}
    name, _, added = (part.strip() for part in city.replace("，", ",").rpartition(","))
    land = find_country(added) if name else None
    if land is not None and subdivision_of("US", added) is not None:  # DE is Germany, and Delaware
        land = land if gazetteer is not None and gazetteer.named(name, land.alpha2) else None
    called = name if land is not None else city
    of_name = {"name": {"constant": called}, "language": "en" if called.isascii() else "und"}
    return {**of_name, **({"country": {"constant": added}} if land is not None else {}), "new": "city"}


def _order_of_dates(table: Table, column: str) -> str:
    """Return day-first or month-first if dates of a column can be read in that way alone; empty otherwise."""
    if not column:
        return ""
    at = table.columns.index(column)
    found = [_SLASHED.fullmatch(row.cells[at]) for row in table.rows if row.fault is None]
    first = any(int(one[1]) > _LAST_MONTH for one in found if one)
    second = any(int(one[2]) > _LAST_MONTH for one in found if one)
    return "" if first == second else "day-first" if first else "month-first"


def _comments(table: Table, read: set[str]) -> list[str]:
    lines = [f"# Guessed from the headings of {table.file}: read it before you use it."]
    if left_out := [name for name in table.columns if name and name not in read | {REASON}]:
        lines.append(f"# Not read: {', '.join(left_out)}.")
    return lines
