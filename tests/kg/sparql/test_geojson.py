"""GeoJSON against RFC 7946: whole answers, in process and from a worker, and WKT of any kind."""

from __future__ import annotations

import json
import math
from itertools import pairwise
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Store

from kg.cli import main
from kg.errors import QueryError
from kg.queries import Question, catalogue
from kg.rdf import namespaces as ns
from kg.rdf.formats import RESULT_FORMAT
from kg.sparql.evaluation import execute, geojson
from kg.store.data_folder import DataFolder
from kg.workers.pool import LimitReachedError, QueryJob, QueryLimits, QueryPool

GEOJSON = RESULT_FORMAT["geojson"]
WKT = NamedNode(ns.PREFIXES["geo"] + "wktLiteral")
CRS84 = "<http://www.opengis.net/def/crs/OGC/1.3/CRS84>"
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def wkt(text: str) -> Literal:
    return Literal(text, datatype=WKT)


def written(text: str, store: Store | None = None) -> dict[str, Any]:
    told: dict[str, Any] = json.loads(execute.serialise(execute.run(store or Store(), text), GEOJSON))
    return told


@pytest.mark.parametrize(
    ("text", "kind", "coordinates"),
    [
        ("POINT(4.35 50.85)", "Point", [4.35, 50.85]),
        ("point ( -1e1  +.5 )", "Point", [-10.0, 0.5]),
        (f"{CRS84} POINT(1 2)", "Point", [1.0, 2.0]),
        ("LINESTRING(1 2, 3 4,5 6)", "LineString", [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]),
        ("POLYGON((0 0,4 0,4 4,0 0))", "Polygon", [[[0.0, 0.0], [4.0, 0.0], [4.0, 4.0], [0.0, 0.0]]]),
    ],
)
def test_wkt_becomes_a_geometry(text: str, kind: str, coordinates: object) -> None:
    assert geojson.geometry(wkt(text)) == {"type": kind, "coordinates": coordinates}


@pytest.mark.parametrize(
    "text",
    [
        "",
        "POINT EMPTY",
        "POINT()",
        "POINT(1)",
        "POINT(1 2 3)",
        "POINT Z(1 2 3)",
        "POINT(1,2)",
        "POINT(1 2",
        "POINT(1 2) x",
        "POINT((1 2))",
        "POINT(1e999 2)",
        "POINT(nan 2)",
        "POINT(1_0 2)",
        "POINT(١ 2)",
        "LINESTRING(1 2)",
        "POLYGON((0 0,1 0,0 0))",
        "POLYGON((0 0,1 0,1 1,0 1))",
        "POLYGON(0 0,1 0,1 1,0 0)",
        "GEOMETRYCOLLECTION(POINT(1 2))",
        "<http://www.opengis.net/def/crs/EPSG/0/4326> POINT(50.85 4.35)",  # latitude first
        "(" * 100_000,
    ],
)
def test_other_wkt_has_no_geometry(text: str) -> None:
    assert geojson.geometry(wkt(text)) is None


def test_only_wkt_literals_have_one() -> None:
    assert geojson.geometry(Literal("POINT(1 2)")) is None
    assert geojson.geometry(NamedNode("x:POINT(1)")) is None
    assert geojson.geometry(None) is None


@given(NUMBERS, NUMBERS)
def test_any_point_comes_back(longitude: float, latitude: float) -> None:
    assert geojson.geometry(wkt(f"POINT({longitude} {latitude})")) == {
        "type": "Point",
        "coordinates": [longitude, latitude],
    }


@given(st.text(alphabet="POINTLESRGY()<>,.+-eE 0123456789\n", max_size=40))
def test_any_text_is_a_geometry_or_none(text: str) -> None:
    found = geojson.geometry(wkt(text))
    assert found is None or all(map(math.isfinite, flat(found["coordinates"])))


def flat(coordinates: list[Any] | float) -> list[float]:
    if not isinstance(coordinates, list):
        return [coordinates]
    return [number for part in coordinates for number in flat(part)]


def area(ring: list[list[float]]) -> float:
    return sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring)) / 2


OUTER, HOLE = ["0 0", "9 0", "9 9", "0 9", "0 0"], ["1 1", "2 1", "2 2", "1 2", "1 1"]


@pytest.mark.parametrize("outer", [OUTER, OUTER[::-1]])
@pytest.mark.parametrize("hole", [HOLE, HOLE[::-1]])
def test_rings_follow_the_right_hand_rule(outer: list[str], hole: list[str]) -> None:
    found = geojson.geometry(wkt(f"POLYGON(({','.join(outer)}), ({','.join(hole)}))"))
    assert found is not None
    assert [area(ring) for ring in found["coordinates"]] == [81, -1]


def test_each_row_is_a_feature_and_other_columns_are_properties() -> None:
    told = written(
        """SELECT ?place ?wkt ?also ?n ?d ?big ?odd ?nan ?yes ?text ?none ?node {
          VALUES (?place ?wkt ?also) { (city:leeds "POINT(1 2)"^^geo:wktLiteral "POINT(3 4)"^^geo:wktLiteral)
                                       (city:paris UNDEF "POINT(3 4)"^^geo:wktLiteral) (city:york UNDEF "nowhere") }
          VALUES (?n ?d ?big ?odd ?nan ?yes ?text)
            { (7 1.50 123456789012345678901 "x"^^xsd:integer "NaN"^^xsd:double true "北京"@zh) }
          BIND (BNODE() AS ?node)
        }"""
    )
    first, second, third = told["features"]
    assert {feature["type"] for feature in told["features"]} == {"Feature"}
    assert first["geometry"] == {"type": "Point", "coordinates": [1, 2]}
    assert first["properties"].pop("node").startswith("_:")
    assert first["properties"] == {
        "place": ns.ID + "city/leeds",
        "also": "POINT(3 4)",
        "n": 7,
        "d": 1.5,
        "big": 123456789012345678901,
        "odd": "x",
        "nan": "NaN",
        "yes": True,
        "text": "北京",
        "none": None,
    }
    assert second["geometry"] == {"type": "Point", "coordinates": [3, 4]}
    assert third["geometry"] is None
    assert third["properties"]["also"] == "nowhere"


def test_an_answer_without_coordinates_is_refused_with_a_way_out() -> None:
    with pytest.raises(QueryError, match="no coordinates") as caught:
        written("SELECT * { VALUES ?x { 1 2 } }")
    assert "asWKT" in caught.value.hint


def test_an_answer_without_rows_is_an_empty_collection() -> None:
    assert written("SELECT * { ?s ?p ?o }") == {"type": "FeatureCollection", "features": []}


def test_what_is_no_table_has_no_geojson() -> None:
    for text in ("ASK {}", "CONSTRUCT WHERE { ?s ?p ?o }"):
        with pytest.raises(QueryError):
            execute.serialise(execute.run(Store(), text), GEOJSON)


def test_the_maps_among_the_canned_queries_are_geojson(store: Store) -> None:
    located = [query for query in catalogue.queries_by_path().values() if "wkt" in query.all_columns]
    kinds = set()
    for query in located:
        shown = query if "wkt" in query.columns else query.choose("wkt")
        assert shown.view == "map"
        told = written(Question.parse(shown, {}, lambda _, value: value).text(), store)
        kinds |= {feature["geometry"]["type"] for feature in told["features"]}
    assert kinds == {"Point", "LineString"}


def test_a_place_lies_where_it_lies(store: Store) -> None:
    told = written(
        "SELECT ?wkt ?lat ?long { city:leeds geo:hasGeometry/geo:asWKT ?wkt ; wgs84:lat ?lat ; wgs84:long ?long }",
        store,
    )
    (feature,) = told["features"]
    assert feature["geometry"]["coordinates"] == pytest.approx(
        [feature["properties"]["long"], feature["properties"]["lat"]]
    )
    assert feature["geometry"]["coordinates"] == pytest.approx([-1.55, 53.8], abs=0.1)


@pytest.mark.drawn
def test_a_worker_writes_the_same_as_this_process(folder: DataFolder, store: Store) -> None:
    build = folder.current()
    assert build is not None
    pool = QueryPool(folder.snapshot(build), QueryLimits(rows=3))
    try:
        text = "SELECT ?place ?wkt { ?place geo:hasGeometry/geo:asWKT ?wkt } ORDER BY ?place LIMIT "
        answer = pool.run(QueryJob(pool.examine(text + "3"), GEOJSON.media_type)).body
        assert answer is not None
        assert json.loads(answer) == written(text + "3", store)
        with pytest.raises(LimitReachedError, match="rows"):
            pool.run(QueryJob(pool.examine(text + "4"), GEOJSON.media_type))
        with pytest.raises(QueryError, match="no coordinates"):
            pool.run(QueryJob(pool.examine("SELECT (1 AS ?x) {}"), GEOJSON.media_type))
        with pytest.raises(QueryError, match="does not fit"):
            pool.run(QueryJob(pool.examine("ASK {}"), GEOJSON.media_type))
    finally:
        pool.close()


def test_the_command_line_has_it(folder: DataFolder) -> None:
    ran = CliRunner().invoke(main.cli, ["query", "places", "--format", "geojson", "--data", str(folder.path)])
    assert ran.exit_code == 0
    assert json.loads(ran.stdout)["features"]
