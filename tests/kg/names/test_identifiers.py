"""Identifiers of authorities: one table, which the shape, the guide and the look-ups agree with."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from rdflib import SH, URIRef

from kg.names.identifiers import Identifier, identifier_of
from kg.rdf import namespaces as ns
from kg.rdf.authorities import AUTHORITIES, SAME_AS, Authority
from kg.shacl import project_shapes

ROOT = Path(__file__).parents[3]
GUIDE = ROOT / "docs/curating/authorities.md"
ROWS = [
    [cell.strip(" `") for cell in line.strip("|").split("|")]
    for line in GUIDE.read_text(encoding="utf-8").splitlines()
    if line.startswith("| ") and not line.startswith("| authority")
]
EXAMPLES = {name: address for name, _, _, address in ROWS}


def test_the_guide_has_the_table() -> None:
    assert [row[:3] for row in ROWS] == [[one.name, one.prefix, one.identifies] for one in AUTHORITIES]


def test_the_shape_has_the_patterns_and_names_the_authorities() -> None:
    shape, shapes = URIRef(ns.SHAPES + "Any-sameAs"), project_shapes()
    assert str(shapes.value(shape, SH.pattern)) == SAME_AS
    assert "(?" not in SAME_AS, "XPath, by which SHACL reads patterns, has no such groups"
    for message in shapes.objects(shape, SH.message):
        assert all(authority.name in message for authority in AUTHORITIES)


@pytest.mark.parametrize("authority", AUTHORITIES, ids=lambda authority: authority.name)
def test_an_address_is_its_own(authority: Authority) -> None:
    address = EXAMPLES[authority.name]
    found = identifier_of(address)
    assert (found.authority, found.address) == (authority.name, address)
    assert re.fullmatch(SAME_AS, address)
    prefixed = f"{authority.prefix}:{found.name}"
    assert list(Identifier.possible(prefixed)) == [found]
    assert list(Identifier.possible(address)) == [found]


@pytest.mark.parametrize(
    ("spelled", "address"),
    [
        ("https://www.wikidata.org/wiki/Q84", "http://www.wikidata.org/entity/Q84"),
        ("http://wikidata.org/entity/q84/", "http://www.wikidata.org/entity/Q84"),
        ("https://m.wikidata.org/wiki/Special:EntityPage/Q84", "http://www.wikidata.org/entity/Q84"),
        ("http://www.geonames.org/2643743/london.html", "https://sws.geonames.org/2643743/"),
        ("http://openstreetmap.org/relation/65606", "https://www.openstreetmap.org/relation/65606"),
        ("https://www.ROR.org/024MRXD33/", "https://ror.org/024mrxd33"),
        ("http://d-nb.info/gnd/4074335-4", "https://d-nb.info/gnd/4074335-4"),
        ("https://viaf.org/viaf/143930886/", "http://viaf.org/viaf/143930886"),
        ("https://id.loc.gov/authorities/names/n79005665.html", "http://id.loc.gov/authorities/names/n79005665"),
        ("http://isni.org/isni/000000012103268x", "https://isni.org/isni/000000012103268X"),
    ],
)
def test_spellings_are_the_same_address(spelled: str, address: str) -> None:
    assert identifier_of(spelled).address == address
    assert not re.fullmatch(SAME_AS, spelled)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Q84", ["Wikidata"]),
        ("wd:q84", ["Wikidata"]),
        ("2643743", ["GeoNames"]),
        ("isni: 0000 0001 2103 2683", ["ISNI"]),
        ("ROR:024mrxd33", ["ROR"]),
        ("024mrxd33", []),
        ("ror:Leeds", []),
        ("city:leeds", []),
        ("Q0", []),
        ("0000-0002-1825-0097", []),
        ("https://example.org/x", [None]),
    ],
)
def test_a_text_may_be_an_identifier(text: str, found: list[str | None]) -> None:
    assert [one.authority for one in Identifier.possible(text)] == found


def test_pages_of_wikipedia_are_of_no_authority() -> None:
    page = "https://de.wikipedia.org/wiki/Leeds"
    assert re.fullmatch(SAME_AS, page)
    assert identifier_of(page) == Identifier(None, "de.wikipedia.org/wiki/Leeds")


def test_mappings_of_imports_may_name_each_authority() -> None:
    schema = json.loads((ROOT / "kg/tables/mapping.schema.json").read_text(encoding="utf-8"))
    named = schema["$defs"]["thing"]["properties"]["identifiers"]["propertyNames"]["enum"]
    assert named == [authority.name.lower() for authority in AUTHORITIES]
