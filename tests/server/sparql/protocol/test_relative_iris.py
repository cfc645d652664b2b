"""Relative IRIs in a query: they resolve against the public base."""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, RdfFormat, parse

from tests.support.protocol import (
    BASE,
    CONSTRUCT,
    IN_TABLE_1,
    TABLE_1,
    TABLE_2,
    WAYS,
    accept,
    default,
    get,
    sent,
)


@pytest.mark.parametrize(
    "header",
    [
        (),
        ("-H", "Host: elsewhere.example"),
        ("-H", "X-Forwarded-Host: elsewhere.example", "-H", "X-Forwarded-Proto: https"),
        ("-H", "Forwarded: host=elsewhere.example;proto=https"),
    ],
    ids=["plain", "Host", "X-Forwarded-Host", "Forwarded"],
)
@pytest.mark.parametrize("parameters", [[], default(TABLE_1), default(TABLE_1, TABLE_2)], ids=["", "one", "several"])
@pytest.mark.parametrize("way", WAYS)
def test_relative_iris_resolve_against_the_public_base(
    address: str, way: str, parameters: list[tuple[str, str]], header: tuple[str, ...]
) -> None:
    """W3C: update_base_uri, for queries; without a data set, with one and with several default graphs."""
    answer = sent(way, address, "SELECT (<id/city/leeds> AS ?x) {}", *parameters, options=header)
    assert answer.rows == [{"x": BASE + "id/city/leeds"}]


def test_relative_iris_in_from_resolve_against_the_public_base(address: str) -> None:
    assert get(address, f"ASK FROM <graph/report/table-1> {{ {IN_TABLE_1} }}").boolean is True


def test_the_base_of_a_query_goes_before_the_public_one(address: str) -> None:
    assert get(address, "BASE <http://example.org/a/> SELECT (<b> AS ?x) {}").rows == [{"x": "http://example.org/a/b"}]


def test_a_constructed_graph_has_absolute_iris(address: str) -> None:
    answer = get(address, CONSTRUCT, options=accept("application/n-triples"))
    (triple,) = (quad.triple for quad in parse(answer.body, RdfFormat.N_TRIPLES))
    assert (triple.subject, triple.predicate) == (NamedNode(BASE + "s"), NamedNode(BASE + "p"))
