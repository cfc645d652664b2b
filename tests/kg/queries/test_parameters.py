from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

from kg.errors import BadValueError, CityKgError, UnknownNameError
from kg.queries.catalogue import CannedQuery, Parameter, canned_queries, read_query
from kg.queries.question import Question
from kg.queries.values import as_term
from kg.sparql.evaluation import run

pytestmark = pytest.mark.drawn

LONGEST = Parameter.LONGEST


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
    answer = run(Store(), Question(query(ECHO, parameter("string")), {"x": value}).text_with_values())
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
        Question.parse(asked, {"y": "1"}, lambda _, value: value)
    with pytest.raises(BadValueError, match="needs the parameter x"):
        Question(asked, {}).text_with_values()
    assert "VALUES ?x { UNDEF }" in Question(query(ECHO, parameter("string", optional=True)), {}).text_with_values()
    assert 'VALUES ?x { "d" }' in Question(query(ECHO, parameter("string", default="d")), {}).text_with_values()


def test_a_query_without_the_block_is_told() -> None:
    with pytest.raises(CityKgError, match=r"no block VALUES \?x"):
        Question(query("SELECT * {}", parameter("string")), {"x": "1"}).text_with_values()


def test_an_incomplete_header_is_told(tmp_path: Path) -> None:
    path = tmp_path / "q.rq"
    path.write_text("#+ summary: What?\nSELECT * {}")
    with pytest.raises(CityKgError, match="description"):
        read_query(path)


HOSTILE = (
    '"', "'", "\\", '"""', "'''", "}", "{", "} UNION { ?s ?p ?o", '" } UNION { ?s ?p ?o } #', "\n}\n#", "\r", "\0",
    "<http://a b>", "> } #", "http://a/> } ?s ?p ?o #", "http://a/b c", "http://a/\n", "city:x } #", "city:x\\,y",
    "\u2028", "\u202e", "\U0001f30d", "伦敦", "UNDEF", "?x", "1 } LIMIT 0 #", "x" * LONGEST, "x" * (LONGEST + 1),
    "VALUES ?x { 1 }", "VALUES ?city { city:leeds }", "#+ summary: x", "SERVICE <http://a> {", "cd:City . } #",
)  # fmt: skip
PARTS = st.sampled_from(HOSTILE) | st.text(st.characters(exclude_categories=["Cs"]))
BEFORE = st.sampled_from(["", "city:", "http://a/", "https://w3id.org/city-diplomacy/vocabulary/theme/"])
VALUES = st.tuples(BEFORE, PARTS, PARTS).map("".join)
WITH_PARAMETERS = [asked for asked in canned_queries().values() if asked.parameters]


def shape(parsed: Any) -> Any:
    """What a query consists of, leaving out the terms of its VALUES blocks. An independent parser reads it."""
    if isinstance(parsed, CompValue):
        values = parsed.items() if parsed.name != "InlineData" else [("var", parsed["var"])]
        return parsed.name, [(key, shape(value)) for key, value in values]
    if isinstance(parsed, str) or not hasattr(parsed, "__iter__"):
        return parsed
    return [shape(part) for part in parsed]


def header(text: str) -> list[str]:
    return [line for line in text.split("\n") if line.startswith("#+")]


@given(st.data())
def test_no_value_changes_what_a_canned_query_consists_of(data: st.DataObject) -> None:
    asked = data.draw(st.sampled_from(WITH_PARAMETERS))
    values = {p.name: data.draw(VALUES | st.just(p.example)) for p in asked.parameters}
    given_too = {p.name: p.example for p in asked.parameters if values[p.name] or not p.optional}
    as_it_stands = Question(asked, given_too).text()  # what is left out has no block
    refused = ""
    try:
        bound = Question(asked, values).text()
    except BadValueError as error:
        refused = error.message
    if refused:
        assert any(f"parameter {name}" in refused for name in values)
    else:
        assert header(bound) == header(as_it_stands)
        assert shape(parseQuery(bound)) == shape(parseQuery(as_it_stands))


@pytest.mark.parametrize("more", [{}, {"language": "en"}], ids=["plain", "language"])
@given(value=VALUES)
def test_no_string_changes_what_a_query_consists_of(more: dict[str, str], value: str) -> None:
    assume("\\u" not in value.lower())  # rdflib reads an escape where a backslash is escaped
    asked = query('SELECT ?x { VALUES ?x { "e" } ?s ?p ?x } ORDER BY ?x', parameter("string", **more))
    if len(value) > LONGEST:
        with pytest.raises(BadValueError, match=f"at most {LONGEST} characters"):
            Question(asked, {"x": value}).text_with_values()
    elif value:
        assert shape(parseQuery(Question(asked, {"x": value}).text_with_values())) == shape(parseQuery(asked.text))


def test_a_spliced_value_would_be_seen() -> None:
    honest = 'SELECT ?x { VALUES ?x { "e" } ?s ?p ?x } ORDER BY ?x'
    spliced = honest.replace('"e"', '"" } { ?s ?q ?x } UNION { ?x ?q ?s } VALUES ?x { "e"')
    assert shape(parseQuery(spliced)) != shape(parseQuery(honest))
    assert shape(parseQuery(honest.replace('"e"', '"f"'))) == shape(parseQuery(honest))


def test_a_long_value_is_quoted_in_part() -> None:
    with pytest.raises(BadValueError) as caught:
        as_term(parameter("integer"), "9" * 100_000)
    assert len(caught.value.message) < 300


@pytest.mark.parametrize("name", ["limit", "offset", "format", "sort"])
def test_a_parameter_cannot_take_the_name_of_one_that_every_query_has(tmp_path: Path, name: str) -> None:
    path = tmp_path / "q.rq"
    path.write_text(
        "#+ summary: What?\n#+ description: d\n#+ tags: [t]\n#+ parameters:\n"
        f"#+   - {{name: {name}, type: string, label: L, example: e}}\nSELECT * {{}}"
    )
    with pytest.raises(CityKgError, match="reserved"):
        read_query(path)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("coverage: people", "coverage: one of twinnings, bodies"),
        ("known: {actor: city}", "known: a kind of tie, and parameters as actor"),
        ('known: {kind: "tie:twinning", actor: nobody}', "known: a kind of tie, and parameters as actor"),
        ("unknown: [city, land]", "land among the columns"),
        ("passages: [statedIn]", "statedIn among the columns"),
    ],
)
def test_a_header_says_what_is_covered_by_a_known_word_and_what_is_unknown_by_its_columns(
    tmp_path: Path, line: str, told: str
) -> None:
    path = tmp_path / "q.rq"
    head = "#+ summary: What?\n#+ description: d\n#+ tags: [t]\n#+ columns: {city: the city}\n"
    path.write_text(f"{head}#+ {line}\nSELECT ?city {{}}")
    with pytest.raises(CityKgError, match=told):
        read_query(path)
    path.write_text(f"{head}#+ coverage: bodies\n#+ unknown: [city]\nSELECT ?city {{}}")
    assert (read_query(path).coverage, read_query(path).unknown) == ("bodies", ("city",))
