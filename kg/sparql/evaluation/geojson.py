"""Write the answer of a SELECT as GeoJSON (RFC 7946): one feature a row.

The geometry of a row is the first of its values that is a WKT literal (GeoSPARQL 1.1, section 8.8.1) with a point, a
line or a polygon in longitude and latitude; all other values are properties. A row without one is a feature without a
place: its geometry is null (RFC 7946, section 3.2).
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, BinaryIO

from pyoxigraph import Literal, NamedNode, QuerySolution

from kg.errors import QueryError
from kg.rdf.literals import INTEGERS, NUMBERS
from kg.rdf.lookup import Term
from kg.rdf.vocabulary import GEO, XSD

_CRS84 = "http://www.opengis.net/def/crs/OGC/1.3/CRS84"  # longitude and latitude; what a literal means that names none
_WKT = re.compile(r"\s*(?:<([^>]*)>\s*)?(POINT|LINESTRING|POLYGON)\s*\(([\d\s.,()+E-]*)\)\s*", re.ASCII | re.IGNORECASE)
_BETWEEN_RINGS = re.compile(r"\)\s*,\s*\(")

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode

Position = list[float]


def write_geojson(names: Sequence[str], rows: Iterable[QuerySolution], output: BinaryIO) -> None:
    """Write rows with the variables `names` as a feature collection.

    Raises QueryError when there are rows and none has a geometry.
    """
    output.write(b'{"type":"FeatureCollection","features":[')
    place, found = 0, False
    for place, row in enumerate(rows, start=1):
        written = _feature(names, row)
        found = found or written["geometry"] is not None
        output.write((",\n" if place > 1 else "\n").encode() + _encode(written).encode())
    if place and not found:
        raise QueryError(
            "The answer holds no coordinates, so it cannot be written as GeoJSON.",
            "Select a column of WKT literals (POINT, LINESTRING or POLYGON, longitude first), for example ?wkt in "
            "?place geo:hasGeometry/geo:asWKT ?wkt, or ask for another format.",
        )
    output.write(b"\n]}\n")


def geometry(term: Term | None) -> dict[str, Any] | None:
    """Return the GeoJSON geometry of a WKT literal, None for other terms and unsupported WKT."""
    if not isinstance(term, Literal) or term.datatype != GEO.wktLiteral:
        return None
    match = _WKT.fullmatch(term.value)
    if match is None or match[1] not in (None, _CRS84):
        return None
    try:
        return _SHAPES[match[2].upper()](match[3])
    except ValueError:
        return None


def _feature(names: Sequence[str], row: QuerySolution) -> dict[str, Any]:
    geometries = ((name, geometry(row[name])) for name in names)
    column, shape = next(((name, shape) for name, shape in geometries if shape is not None), (None, None))
    properties = {name: _value(row[name]) for name in names if name != column}
    return {"type": "Feature", "geometry": shape, "properties": properties}


def _point(text: str) -> dict[str, Any]:
    (position,) = _positions(text)
    return {"type": "Point", "coordinates": position}


def _line(text: str) -> dict[str, Any]:
    positions = _positions(text)
    if len(positions) < 2:  # RFC 7946, section 3.1.4
        raise ValueError(text)
    return {"type": "LineString", "coordinates": positions}


def _polygon(text: str) -> dict[str, Any]:
    text = text.strip()
    if not (text.startswith("(") and text.endswith(")")):
        raise ValueError(text)
    rings = [_positions(ring) for ring in _BETWEEN_RINGS.split(text[1:-1])]
    return {"type": "Polygon", "coordinates": [_wind(ring, outer=place == 0) for place, ring in enumerate(rings)]}


_SHAPES = {"POINT": _point, "LINESTRING": _line, "POLYGON": _polygon}


def _positions(text: str) -> list[Position]:
    """Return pairs of finite numbers. Raises ValueError for anything else."""
    positions = [[float(number) for number in pair.split()] for pair in text.split(",")]
    if not all(len(position) == 2 and all(map(math.isfinite, position)) for position in positions):
        raise ValueError(text)
    return positions


def _wind(ring: list[Position], *, outer: bool) -> list[Position]:
    """Return a closed ring that runs anticlockwise if it is the outer one, else clockwise (RFC 7946, section 3.1.6)."""
    if len(ring) < 4 or ring[0] != ring[-1]:
        raise ValueError(ring)
    doubled_area = sum(x1 * y2 - x2 * y1 for (x1, y1), (x2, y2) in pairwise(ring))
    return ring if (doubled_area >= 0) == outer else ring[::-1]


def _value(term: Term | None) -> str | float | bool | None:
    """Return a term as JSON: numbers as numbers, IRIs and all else as strings, what is unbound as null."""
    if isinstance(term, Literal):
        return _literal(term)
    return term.value if isinstance(term, NamedNode) else None if term is None else str(term)


def _literal(literal: Literal) -> str | float | bool:
    datatype = literal.datatype
    try:
        if datatype in INTEGERS:
            return int(literal.value)
        if datatype in NUMBERS and math.isfinite(number := float(literal.value)):
            return number
    except ValueError:  # what the literal says is not a number
        return literal.value
    if datatype == XSD.boolean and literal.value in ("true", "false"):
        return literal.value == "true"
    return literal.value
