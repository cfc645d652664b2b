from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from kg.catalogue import CannedQuery, Parameter, read_query
from kg.errors import BadValueError, CityKgError, UnknownNameError
from kg.parameters import as_term, bind
from kg.querying import run


def parameter(kind: str, **more: object) -> Parameter:
    stated = dict.fromkeys(("default", "of_class", "language", "choices"))
    return Parameter(**{"name": "x", "type": kind, "label": "X", "example": "1", "optional": False, **stated, **more})  # type: ignore[arg-type]


def query(text: str, *parameters: Parameter) -> CannedQuery:
    return CannedQuery("q", "t", "s?", "d", (), parameters, {}, "table", text)


ECHO = 'SELECT ?x WHERE { # VALUES ?x { "comment" }\n BIND("VALUES ?x { 1 }" AS ?s) VALUES ?x { "}" } }'


@given(st.text(st.characters(exclude_categories=["Cs"])))
def test_a_string_comes_back_as_it_was_given_and_nothing_else_runs(value: str) -> None:
    if value == "":
        return
    answer = run(Store(), bind(query(ECHO, parameter("string")), {"x": value}))
    assert isinstance(answer, QuerySolutions)
    assert [row["x"] for row in answer] == [Literal(value)]


@pytest.mark.parametrize(
    ("kind", "value", "term"),
    [
        ("integer", "+07", Literal(7)),
        ("iri", "city:london", NamedNode("https://w3id.org/city-diplomacy/id/city/london")),
        ("iri", "http://a/b", NamedNode("http://a/b")),
    ],
)
def test_values_become_terms(kind: str, value: str, term: object) -> None:
    assert as_term(parameter(kind), value) == term


def test_a_bare_slug_is_an_entity_of_the_class() -> None:
    assert as_term(parameter("iri", of_class="cd:City"), "leeds").value.endswith("/id/city/leeds")


@pytest.mark.parametrize(
    ("kind", "value", "wanted"),
    [
        ("integer", "seven", "whole number"),
        ("integer", "1; DROP ALL", "whole number"),
        ("date", "2015-02-30", "cannot be"),
        ("iri", "not an iri", "prefixed name"),
        ("iri", "http://a/> } #", "cannot be"),
    ],
)
def test_a_wrong_value_says_which_parameter_what_was_given_and_what_would_do(
    kind: str, value: str, wanted: str
) -> None:
    with pytest.raises(BadValueError, match=wanted) as caught:
        as_term(parameter(kind), value)
    assert "parameter x" in caught.value.message
    assert repr(value) in caught.value.message
    assert "For example: 1" in caught.value.hint


def test_a_choice_is_a_concept_of_its_scheme_or_one_of_a_list() -> None:
    of_scheme = parameter("choice", choices="theme")
    assert as_term(of_scheme, "climate") == as_term(of_scheme, "theme:climate")
    with pytest.raises(BadValueError, match="scheme theme"):
        as_term(of_scheme, "city:london")
    with pytest.raises(BadValueError, match="one of a, b"):
        as_term(parameter("choice", choices=("a", "b")), "c")


def test_unknown_missing_optional_and_default_parameters() -> None:
    asked = query(ECHO, parameter("string"))
    with pytest.raises(UnknownNameError, match="y"):
        bind(asked, {"y": "1"})
    with pytest.raises(BadValueError, match="needs the parameter x"):
        bind(asked, {})
    assert "VALUES ?x { UNDEF }" in bind(query(ECHO, parameter("string", optional=True)), {})
    assert 'VALUES ?x { "d" }' in bind(query(ECHO, parameter("string", default="d")), {})


def test_a_query_without_the_block_is_told() -> None:
    with pytest.raises(CityKgError, match=r"no block VALUES \?x"):
        bind(query("SELECT * {}", parameter("string")), {"x": "1"})


def test_an_incomplete_header_is_told(tmp_path: Path) -> None:
    path = tmp_path / "q.rq"
    path.write_text("#+ summary: What?\nSELECT * {}")
    with pytest.raises(CityKgError, match="description"):
        read_query(path)
