from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.queries.catalogue import canned_queries
from kg.sparql.text.groups import Block, Pattern, UnexpectedTokenError, parse_query


def written(text: str) -> list[str]:
    """The parts of the pattern of a query, as SPARQL."""
    parts = parse_query(f"SELECT * {text}").select.group.parts
    return [part.sparql if isinstance(part, Pattern) else part.keyword for part in parts]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("{ ?a cd:b ?c ; cd:d ?e , ?f . }", ["?a cd:b ?c .", "?a cd:d ?e .", "?a cd:d ?f ."]),
        ("{ ?a a cd:B. ?c <urn:d> 1.5 }", ["?a a cd:B .", "?c <urn:d> 1.5 ."]),
        ("{ $a cd:b 'x'@en , \"y\"^^xsd:date , true , -2e3 }",
         ["?a cd:b 'x'@en .", "?a cd:b \"y\"^^xsd:date .", "?a cd:b true .", "?a cd:b -2e3 ."]),
        ("{ [ cd:b ?c ] cd:d [] . _:x cd:e _:x }", ["?w1 cd:b ?c .", "?w1 cd:d ?w2 .", "?w3 cd:e ?w3 ."]),
        ("{ [] a cd:B FILTER(?x) }", ["?w1 a cd:B .", "FILTER"]),
        ("{ ?a cd:b/cd:c ?d }", ["?a cd:b ?w1 .", "?w1 cd:c ?d ."]),
        ("{ ?a ^cd:b ?c }", ["?c cd:b ?a ."]),
        ("{ ?a ^(cd:b/cd:c) ?d }", ["?d cd:b ?w1 .", "?w1 cd:c ?a ."]),
        ("{ ?a cd:b|cd:c ?d }", ["UNION"]),
        ("{ ?a cd:b* ?c . ?a !(cd:b|^cd:c) ?d }", ["?a cd:b* ?c .", "?a !(cd:b|^cd:c) ?d ."]),
        ("{ ?a ?p ?b FILTER(?a<3&&(?b>4)) ?a cd:c ?d }", ["?a ?p ?b .", "FILTER", "?a cd:c ?d ."]),
        ("{ FILTER REGEX(?a, ')') MINUS { ?a ?b ')' } VALUES (?a ?b) { (1 UNDEF) } ?a ?b ?c }",
         ["FILTER", "MINUS", "VALUES", "?a ?b ?c ."]),
        ("{ OPTIONAL { ?a ?b ?c } GRAPH ?g { ?a ?b ?c } { ?a ?b ?c } UNION {} BIND(1 AS ?x) }",
         ["OPTIONAL", "GRAPH", "UNION", "BIND"]),
    ],
)  # fmt: skip
def test_a_pattern_is_read_as_parts(text: str, parts: list[str]) -> None:
    numbered = written(text)
    assert numbered == parts


def test_what_stands_around_a_pattern_is_read() -> None:
    select = parse_query(
        "PREFIX x: <urn:x> SELECT ?a (COUNT(?b) AS ?n) FROM <urn:g> { ?a x:b ?b } "
        "GROUP BY ?a (STR(?b) AS ?k) STR(?c) ?d HAVING (?n < 3) ORDER BY DESC(?n) LIMIT 3 OFFSET 4 VALUES ?a { 1 }"
    ).select
    assert select.keys is not None
    assert [key.name for key in select.keys] == ["a", "k", "", "d"]
    assert [(c.name, c.expression.strip()) for c in select.columns or ()] == [("a", ""), ("n", "COUNT(?b)")]
    assert (select.having, select.slice, select.values) == ("HAVING (?n < 3)", "LIMIT 3 OFFSET 4", "VALUES ?a { 1 }")


@pytest.mark.parametrize("clause", ["HAVING (COUNT(?a) > 1)", "ORDER BY SUM(?a)"])
def test_an_aggregate_groups_all_rows_into_one(clause: str) -> None:
    assert parse_query(f"SELECT (1 AS ?n) {{ ?a ?b ?c }} {clause}").select.keys == ()
    assert parse_query("SELECT ?a { ?a ?b ?c } ORDER BY ?a").select.keys is None


def test_names_of_blank_nodes_are_never_those_of_the_query() -> None:
    (pattern,) = parse_query("SELECT * { [] ?w1 ?ww }").select.group.parts
    assert isinstance(pattern, Pattern)
    assert pattern.subject not in ("?w1", "?ww")


def test_exists_is_seen_and_not_in_strings() -> None:
    parts = parse_query("SELECT * { FILTER (1 && NOT EXISTS{ ?a ?b ?c }) FILTER (?x = 'exists') }").select.group.parts
    assert [part.has_exists for part in parts if isinstance(part, Block)] == [True, False]


@pytest.mark.drawn
def test_all_canned_queries_are_understood() -> None:
    for query in canned_queries().values():
        assert parse_query(query.text).select.group.parts or parse_query(query.text).select.group.select, query.name


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { ?a ?b }",
        "SELECT * { << ?a ?b ?c >> ?d ?e }",
        "SELECT * { ?a ?b ?c",
        "ASK {}",
        "SELECT * {} {",
        "{" * 99,
    ],
)
def test_what_is_not_understood_is_refused(text: str) -> None:
    with pytest.raises(UnexpectedTokenError):
        parse_query(text)


@pytest.mark.parametrize("opening", ["[ cd:p ", "( ", "{ ", "OPTIONAL { ", "[] ^(", "{ SELECT * "])
def test_what_is_too_deep_is_refused(opening: str) -> None:
    with pytest.raises(UnexpectedTokenError):
        parse_query(f"SELECT * {{ {opening * 9_000}")


@given(st.text(alphabet="SELECT *{}()?ab.;,<>'\"#[]/|^!&=: \n", max_size=60))
def test_any_text_is_read_or_refused(text: str) -> None:
    for begin in ("SELECT * { ", "SELECT ?a { ?a ", ""):
        try:
            parse_query(begin + text)
        except UnexpectedTokenError:
            continue
