"""The metadata beside a CSV: found, read and held against it by a reader of CSV on the Web that is not ours."""

from __future__ import annotations

import csv
import io
from typing import Any
from urllib.parse import urlencode

import pytest
from csvw.metadata import CSVW

from kg.queries import find_query
from kg.rdf.vocabulary import GEO
from kg.results import ColumnType
from server.results import CsvMetadata
from tests.support.http import Answer, Ask

QUESTIONS = (
    "/queries/twins-of-a-city.csv?thing=leeds",
    "/queries/numbers.csv?measure=measure:average&evidence=yes",
    "/queries/twinnings.csv?country=united-kingdom&columns=one,twin,tables&filter.one=birm&sort=-twin&hide=one",
    "/queries/places.csv",
)
COLUMNS = {  # two values of each column, and what is said of it
    "number": ("1", "2.5", {"datatype": "string"}),
    "whole": ("1", "-2", {"datatype": "integer"}),
    "small": ('"7"^^xsd:byte', '"8"^^xsd:byte', {"datatype": "integer"}),
    "ill": ('"x"^^xsd:integer', "1", {"datatype": "string"}),
    "share": ("2.5", "2.0", {"datatype": "decimal"}),
    "real": ("1e3", '"INF"^^xsd:double', {"datatype": "double"}),
    "yes": ("true", "UNDEF", {"datatype": "boolean"}),
    "day": ('"2026-02-28"^^xsd:date', "UNDEF", {"datatype": "date"}),
    "noDay": ('"2026-02-28"^^xsd:date', '"2026-02-30"^^xsd:date', {"datatype": "string"}),
    "year": ('"2026"^^xsd:gYear', '"1999"^^xsd:gYear', {"datatype": "gYear"}),
    "when": ('"2026-02-28T10:00:00Z"^^xsd:dateTime', "UNDEF", {"datatype": "dateTime"}),
    "span": ('"P1D"^^xsd:duration', '"P2D"^^xsd:duration', {"datatype": "string"}),
    "mixed": ("1", '"1"', {"datatype": "string"}),
    "english": ('"a"@en', '"b"@en', {"datatype": "string", "lang": "en"}),
    "languages": ('"a"@en', '"b"@zh', {"datatype": "string"}),
    "thing": ("cd:City", "<urn:x:%C3%BC>", {"datatype": "anyURI"}),
    "thingOrText": ("cd:City", '"cd:City"', {"datatype": "string"}),
    "nothing": ("UNDEF", "UNDEF", {"datatype": "string"}),
    "_line": ('" a,\\"\\n"', '""', {"datatype": "string"}),
    "城": ('"a"', '"b"', {"datatype": "string"}),
    "wkt": (
        '"POINT(1 2)"^^geo:wktLiteral',
        '"POINT(2 2)"^^geo:wktLiteral',
        {"datatype": {"@id": GEO.wktLiteral.value, "base": "string"}},
    ),
}
VALUES = [" ".join(said[row] for said in COLUMNS.values()) for row in (0, 1)]
MIXED = f"SELECT * {{ VALUES ({' '.join(f'?{name}' for name in COLUMNS)}) {{ ({VALUES[0]}) ({VALUES[1]}) }} }}"


def sparql(query: str, *more: tuple[str, str]) -> str:
    return "/sparql?" + urlencode([("query", query), *more, ("format", "csv")])


def metadata(ask: Ask, path: str) -> tuple[Answer, dict[str, Any]]:
    """Return a CSV, and what is said of it."""
    table = ask(path)
    assert table.status == 200, table.body
    (target,) = (
        target for target, said in table.links("describedby").items() if 'type="application/csvm+json"' in said
    )
    described = ask(target)
    assert (described.status, described.type) == (200, "application/csvm+json"), described.body
    return table, described.members


def columns(described: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {one["titles"][0]: one for one in described["tableSchema"]["columns"]}


@pytest.mark.parametrize("path", [*QUESTIONS, sparql(MIXED), sparql(MIXED, ("hide", "number,ill"), ("is.whole", "1"))])
def test_a_reader_of_csv_on_the_web_finds_the_metadata_and_no_fault(ask: Ask, address: str, path: str) -> None:
    table, described = metadata(ask, path)
    assert described["url"] == address + path
    names = next(csv.reader(io.StringIO(table.body.decode())))
    assert list(columns(described)) == names
    read = CSVW(address + path, validate=True)
    assert not read.no_metadata
    assert read.is_valid, [str(one.message) for one in read.warnings]


def test_a_column_has_the_datatype_that_all_its_values_have_and_are_written_as(ask: Ask) -> None:
    _, described = metadata(ask, sparql(MIXED))
    said = columns(described)
    stated = {name: {k: said[name][k] for k in ("datatype", "lang") if k in said[name]} for name in COLUMNS}
    assert stated == {name: expected for name, (_, _, expected) in COLUMNS.items()}
    assert (said["_line"]["name"], said["城"]["name"]) == ("%5Fline", "%E5%9F%8E")


def test_columns_of_questions_are_explained_and_the_answer_can_be_cited(ask: Ask, address: str) -> None:
    _, described = metadata(ask, "/queries/numbers.csv?measure=measure:average&evidence=yes")
    query = find_query("numbers")
    said = columns(described)
    assert said["counts"]["titles"] == ["counts", query.headings["counts"]]
    assert said["counts"]["dc:description"] == query.columns["counts"]
    assert said["value"]["dc:description"] == f"{query.columns['value']} (unit: see unit)"
    assert said["evidence"]["separator"] == " "
    assert described["dc:title"] == query.summary
    assert described["dc:license"] == {"@id": "https://creativecommons.org/licenses/by/4.0/"}
    assert described["schema:version"]["@value"] in described["dc:bibliographicCitation"]["@value"]
    assert "measure/average" in described["prov:wasGeneratedBy"]["rdf:value"]["@value"]
    assert ask(described["dc:source"]["@id"].removeprefix(address)).status == 200


def test_metadata_is_had_by_form_and_by_name_and_never_by_a_header_alone(ask: Ask, address: str) -> None:
    form = ("--data-urlencode", f"query={MIXED}", "--data-urlencode", "format=csvm", "--data-urlencode", "hide=wkt")
    posted = ask(*form, "/sparql").members
    assert posted["url"] == address + "/sparql?" + urlencode([("query", MIXED), ("hide", "wkt"), ("format", "csv")])
    assert "wkt" not in columns(posted)
    assert columns(ask("/queries/twinnings-between-countries?format=csvm").members)["one"]["datatype"] == "anyURI"
    for path in ("/queries/twinnings-between-countries", "/sparql?query=ASK%7B%7D&format=csvm"):
        assert ask("-H", "Accept: application/csvm+json", path).status == 406
    without = ask(sparql("SELECT * { ?s ?p ?o } LIMIT 3 #" + "x" * 4_000))
    assert (without.status, without.links("describedby")) == (200, {})


def test_a_column_has_its_unit() -> None:
    described = CsvMetadata(*("",) * 5, units={"share": "fraction"}).column(ColumnType("share"))
    assert described["schema:unitText"] == {"@value": "fraction", "@type": "xsd:string"}
