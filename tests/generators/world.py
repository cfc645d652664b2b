"""Make the facts of `kg/facts/world` from two tables: the twinnings of Wikidata in 2016, and places of Natural Earth.

    python -m tests.generators.world TWINNINGS.csv PLACES.csv kg/facts/world

The first table has the columns city, cityLabel, twin, twinLabel, the cities as addresses of Wikidata; the second has
wikidata, name_en, name_zh, country_iso2, lat, lon, with names in simplified characters (`opencc -c t2s`). The same
tables give the same files, to the byte. A thing that the report's own files link to its item keeps its IRI, and has no
entry here; a thing from another work that comes with the project keeps its IRI, and its entry there is repeated here,
since the world is a scope of its own (kg.rdf.scopes). A state or other territory with a code of ISO 3166-1 is one
thing, whether it is a twin or the country of others.
"""

from __future__ import annotations

import csv
import gzip
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Quad

from kg.building.sources import shipped_works, source_files
from kg.names import identifier_of
from kg.names.countries import Country, countries, country_statements, find_country
from kg.rdf import namespaces as ns
from kg.rdf.authorities import LINKS
from kg.rdf.parse import read_files
from kg.rdf.vocabulary import CD, GEO

WORK = "wikidata-2016"
"""The name of the work, in the IRIs of its passages."""

_PREFIXES = (
    *("account", "cd", "city", "country", "dcterms", "district", "geo", "geometry", "graph", "nation", "polity"),
    *("region", "report", "schema", "skos", "source", "twinning", "wgs84", "xsd"),
)
_HEAD = "".join(f"@prefix {name}: <{ns.PREFIXES[name]}> .\n" for name in _PREFIXES) + (
    f"@prefix entry: <{ns.PREFIXES['passage']}{WORK}/> .\n@prefix wd: <http://www.wikidata.org/entity/> .\n\n"
)
_GAZETTEER = NamedNode(f"{ns.GRAPH}gazetteer")
_PLACES_SOURCE = "source:natural-earth-4-places"


class TwinningTable(NamedTuple):
    """The first table: the label of each item, and the pairs (city, twin) that it states."""

    labels: dict[str, str]
    stated: set[tuple[str, str]]


class PlaceRow(NamedTuple):
    """An item of the second table; it has a position only if the table states just one."""

    name: str
    chinese: str
    country: Country | None
    position: tuple[str, str] | None


def read_twinnings(path: Path) -> TwinningTable:
    """Read the first table; a statement that it repeats counts once."""
    labels: dict[str, str] = {}
    stated: set[tuple[str, str]] = set()
    for row in _rows(path):
        city, twin = row["city"].rpartition("/")[2], row["twin"].rpartition("/")[2]
        labels[city], labels[twin] = row["cityLabel"], row["twinLabel"]
        stated.add((city, twin))
    return TwinningTable(labels, stated)


def read_places(path: Path) -> dict[str, PlaceRow]:
    """Read the second table by item. If two rows are about one item, only the values that they share count."""
    found: dict[str, PlaceRow] = {}
    for row in _rows(path):
        position = _degrees(row["lat"]), _degrees(row["lon"])
        place = PlaceRow(row["name_en"], row["name_zh"], find_country(row["country_iso2"]), position)
        other = found.setdefault(row["wikidata"], place)
        if other != place:
            assert other[:3] == place[:3], f"two names or countries of {row['wikidata']}"
            found[row["wikidata"]] = place._replace(position=None)
    return found


def file_lines(told: TwinningTable, placed: dict[str, PlaceRow]) -> dict[str, Iterator[str]]:
    """Return the lines of each file by its name."""
    report, others = _facts(()), _facts(tuple(path for name, path in shipped_works().items() if name != "world"))
    of_report, of_others = known_items(report), known_items(others)
    lands = {land.item: land for land in countries() if land.item}
    known = {item: land.iri for item, land in lands.items()} | of_others | of_report
    things = {item: known.get(item, f"{ns.ID}polity/{item.lower()}") for item in told.labels}
    new = {item: placed.get(item) for item in sorted(things.keys() - known.keys(), key=_number)}
    repeated = {things[item] for item in things.keys() & of_others.keys() - of_report.keys()}
    used = {place.country for place in new.values() if place and place.country}
    used |= {lands[item] for item in things.keys() & lands.keys() - of_others.keys()}
    copied = _copied_entries(repeated, set(others) - set(report))
    bodies = dict.fromkeys([*_lands(used, report, placed), *copied, *_bodies(new, told.labels)])
    return {
        "bodies.trig.gz": _in_graph("graph:gazetteer", bodies),
        "entries.trig.gz": _in_graph("graph:passages", _entries({city for city, _ in told.stated})),
        "twinnings.trig.gz": _in_graph(f"report:{WORK}", _twinnings(told.stated, things)),
    }


def known_items(quads: Iterable[Quad]) -> dict[str, str]:
    """Return the IRIs of things by their Wikidata items."""
    linked = ((quad.subject, quad.object) for quad in quads if quad.predicate in LINKS)
    known = {}
    for subject, address in linked:
        if isinstance(subject, NamedNode) and isinstance(address, NamedNode):
            found = identifier_of(address.value)
            if found.authority == "Wikidata":
                known[found.name] = subject.value
    return known


def _facts(works: Sequence[Path]) -> list[Quad]:
    paths = (source.path for source in source_files(works) if source.graph is None)
    return [quad for quads in read_files(paths).values() for quad in quads]


def _lands(used: Iterable[Country], report: Iterable[Quad], placed: dict[str, PlaceRow]) -> Iterator[str]:
    stated = {quad.subject.value for quad in report if isinstance(quad.subject, NamedNode)}
    for land in sorted(used, key=lambda one: one.alpha2):
        if land.iri not in stated:
            yield from (f"{triple} ." for triple in country_statements(land))
            if (place := placed.get(land.item)) and place.position:
                slug = _slug(land.iri)
                yield f"{ns.compact(land.iri)} dcterms:source {_PLACES_SOURCE}{_position(slug, place)} ."
                yield _geometry(slug, place.position)


def _copied_entries(things: set[str], others: Iterable[Quad]) -> list[str]:
    """Return the statements about things, their positions and what they lie within, in the gazetteer of other works."""
    entries: dict[object, list[Quad]] = defaultdict(list)
    for quad in others:
        if quad.graph_name == _GAZETTEER:
            entries[quad.subject].append(quad)
    lines: set[str] = set()
    pending: list[object] = [NamedNode(thing) for thing in things]
    while pending:
        said = entries.pop(pending.pop(), [])
        lines |= {f"{quad.triple} ." for quad in said}
        pending += [quad.object for quad in said if quad.predicate in (GEO.hasGeometry, CD.within)]
    return sorted(lines)


def _bodies(new: dict[str, PlaceRow | None], labels: dict[str, str]) -> Iterator[str]:
    for item, place in new.items():
        slug, names, sources = item.lower(), [_name(labels[item], "und")], [f"source:{WORK}"]
        further = f"schema:sameAs wd:{item}"
        if place:
            names.append(_name(place.name, "en"))
            names += [_name(place.chinese, "zh-Hans")] if place.chinese else []
            sources.append(_PLACES_SOURCE)
            further += f" ; cd:within {ns.compact(place.country.iri)}" if place.country else ""
            further += _position(slug, place)
        yield (
            f"polity:{slug} a cd:Polity ; skos:prefLabel {' , '.join(names)} ; {further} ; "
            f"dcterms:source {' , '.join(sources)} ."
        )
        if place and place.position:
            yield _geometry(slug, place.position)


def _position(slug: str, place: PlaceRow) -> str:
    if not place.position:
        return ""
    latitude, longitude = place.position
    return f" ; wgs84:lat {latitude} ; wgs84:long {longitude} ; geo:hasGeometry geometry:{slug}"


def _geometry(slug: str, position: tuple[str, str]) -> str:
    point = f'"POINT({position[1]} {position[0]})"^^geo:wktLiteral'
    return f"geometry:{slug} a geo:Geometry ; geo:asWKT {point} ; dcterms:source {_PLACES_SOURCE} ."


def _entries(cities: set[str]) -> Iterator[str]:
    for item in sorted(cities, key=_number):
        yield (
            f'entry:{item.lower()} a cd:Passage ; skos:prefLabel "Wikidata 2016: {item}"@en ; cd:entry "{item}" ; '
            f"dcterms:isPartOf source:{WORK} ; cd:statementGraph report:{WORK} ."
        )


def _twinnings(stated: set[tuple[str, str]], things: dict[str, str]) -> Iterator[str]:
    pairs = {tuple(sorted(pair, key=lambda item: _slug(things[item]))) for pair in stated}
    for one, other in sorted(pairs, key=lambda pair: (_number(pair[0]), _number(pair[1]))):
        slug = f"{_slug(things[one])}-{_slug(things[other])}"
        parties = f"{ns.compact(things[one])} , {ns.compact(things[other])}"
        yield f"twinning:{slug} a cd:Twinning ; cd:twin {parties} ."
        for item in (one, other):
            if (item, other if item == one else one) in stated:
                yield (
                    f"account:{WORK}-{item.lower()}--twinning-{slug} a cd:Account ; cd:accountOf twinning:{slug} ; "
                    f"cd:statedIn entry:{item.lower()} ."
                )


def _in_graph(graph: str, lines: Iterable[str]) -> Iterator[str]:
    yield f"{_HEAD}{graph} {{\n"
    yield from (f"{line}\n" for line in lines)
    yield "}\n"


def _rows(path: Path) -> Iterator[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file)


def _degrees(printed: str) -> str:
    """Return degrees with at most five decimals (about a metre), and always a decimal point, as an xsd:decimal has."""
    text = f"{Decimal(printed):.5f}".rstrip("0")
    return f"{text}0" if text.endswith(".") else text


def _name(text: str, language: str) -> str:
    return f"{Literal(text)}@{language}"  # the engine would write the tag in small letters


def _slug(iri: str) -> str:
    return iri.rpartition("/")[2]


def _number(item: str) -> int:
    return int(item[1:])


def main(table: str, places_table: str, folder: str) -> None:
    """Write the files. Raises the errors of reading the tables."""
    for name, lines in file_lines(read_twinnings(Path(table)), read_places(Path(places_table))).items():
        content = "".join(lines).encode()
        (Path(folder) / name).write_bytes(gzip.compress(content, compresslevel=9, mtime=0))


if __name__ == "__main__":
    main(*sys.argv[1:])
