"""Choices come from the graph, each is a value that does, and nothing else is."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import chain

import pytest
from pyoxigraph import NamedNode, Store

from kg.errors import BadValueError, UnknownNameError, shorten
from kg.queries.catalogue import CannedQuery, Parameter, canned_queries
from kg.queries.question import Question
from kg.queries.values import as_term, check_value, choices
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import OWL, RDF

pytestmark = pytest.mark.drawn

QUERIES = canned_queries()
PARAMETERS = [(query, p) for query in QUERIES.values() for p in query.parameters if not query.works]


def refusal(store: Store, parameter: Parameter, value: str) -> BadValueError:
    with pytest.raises(BadValueError) as caught:
        check_value(store, parameter, value)
    return caught.value


def read(store: Store, query: CannedQuery, given: dict[str, str]) -> Mapping[str, str]:
    return Question.parse(query, given, partial(check_value, store)).values


def test_each_choice_does_and_has_a_label(store: Store) -> None:
    for query, parameter in PARAMETERS:
        known = choices(store, parameter)
        assert known or not (parameter.of_class or parameter.choices), query.name
        for value, label in known.items():
            assert label, (query.name, value)
            assert check_value(store, parameter, value) == value, query.name


def test_examples_and_defaults_are_choices(store: Store) -> None:
    for query, parameter in PARAMETERS:
        for value in (parameter.example, parameter.default):
            assert value is None or check_value(store, parameter, value) == value, query.name


def test_the_choices_are_the_instances_or_concepts_of_the_graph(store: Store) -> None:
    withdrawn = {quad.subject for quad in store.quads_for_pattern(None, OWL.deprecated, None, None)}
    for query, parameter in PARAMETERS:
        if isinstance(parameter.choices, tuple) or (parameter.choices or parameter.of_class) is None:
            continue  # its choices do not come from the graph
        kind, of = (RDF.type.value, ns.expand(parameter.of_class)) if parameter.of_class else (
            ns.PREFIXES["skos"] + "inScheme", ns.VOCABULARY + str(parameter.choices))  # fmt: skip
        quads = store.quads_for_pattern(None, NamedNode(kind), NamedNode(of or ""), None)
        there = {quad.subject for quad in quads} - withdrawn
        assert {as_term(parameter, value) for value in choices(store, parameter)} == there, query.name


def test_other_spellings_of_a_choice_become_the_one_that_is_listed(store: Store) -> None:
    query = QUERIES["twins-of-a-city"]
    for value in ("london", "city:london", f"{ns.ID}city/london"):
        assert read(store, query, {"thing": value}) == {"thing": "city:london"}
    assert read(store, query, {"thing": ""}) == {}


def test_a_replaced_term_becomes_its_successor(store: Store) -> None:
    for old in ("cd:OfficeAbroad", "cd:InternationalTeam", "cd:ForeignAffairsOffice"):
        assert read(store, QUERIES["ties"], {"kind": old}) == {"kind": "cd:Office"}


@pytest.mark.parametrize(
    ("query", "name", "choice"),
    [
        ("twins-of-a-city", {"thing": "Düsseldorf"}, "city:dusseldorf"),
        ("twins-of-a-city", {"thing": "City of York"}, "city:york"),
        ("twins-of-a-city", {"thing": "New York"}, "city:new-york-city"),
        ("twins-of-a-city", {"thing": "北京市"}, "city:beijing"),
        ("twins-of-a-city", {"thing": "Xi'an"}, "city:xian"),
        ("twins-of-a-city", {"thing": "Q84"}, "city:london"),
        ("twins-of-a-city", {"thing": "2643743"}, "city:london"),
        ("twins-of-a-city", {"thing": "https://www.wikidata.org/wiki/Q84"}, "city:london"),
        ("twins-of-a-city", {"thing": "Anshang"}, "city:anshan"),
        ("places", {"country": "DE"}, "country:germany"),
        ("numbers", {"thing": "Macau"}, "city:macao"),
        ("absences", {"kind": "Twinning"}, "tie:twinning"),
    ],
)
def test_what_a_thing_is_called_names_it(store: Store, query: str, name: dict[str, str], choice: str) -> None:
    assert list(read(store, QUERIES[query], name).values()) == [choice]


@pytest.mark.parametrize(
    ("name", "given", "wanted"),
    [
        ("twins-of-a-city", {"thing": "lodnon"}, "Did you mean 'city:london'"),
        ("twins-of-a-city", {"thing": "Birmingam"}, "Did you mean 'city:birmingham'"),
        ("twins-of-a-city", {"thing": "city:york } # "}, "a cd:City of the graph is needed"),
        ("twins-of-a-city", {"thing": "China"}, "a cd:City of the graph is needed"),
        ("twins-of-a-city", {"thing": "country:china"}, "a cd:City of the graph is needed"),
        ("twins-of-a-city", {"thing": "x" * 100_000}, "'x+…'"),
        ("absences", {"kind": "tie:twining"}, "Did you mean 'tie:twinning'"),
        ("absences", {"kind": "nothing-like-it"}, "a concept of the scheme tie-kind is needed"),
        ("concepts-of-scheme", {"kind": "them"}, "Did you mean 'theme'"),
        ("numbers", {"thing": "no iri"}, "a thing of the graph is needed"),
    ],
)
def test_a_wrong_value_is_told_with_what_would_do(store: Store, name: str, given: dict[str, str], wanted: str) -> None:
    with pytest.raises(BadValueError, match=wanted) as caught:
        read(store, QUERIES[name], given)
    told = str(caught.value)
    assert all(f"parameter {parameter}" in told and repr(shorten(value)) in told for parameter, value in given.items())
    assert "For example: " in caught.value.hint
    assert len(told) < 1500


def test_what_nothing_bears_is_refused_with_the_way_out(store: Store) -> None:
    for query, parameter in PARAMETERS:
        prefix = parameter.example.partition(":")[0] if ":" in parameter.example else "city"
        for value in ("nothing-bears-this", f"{prefix}:nothing-bears-this", f"{ns.ID}city/nothing-bears-this"):
            refused = refusal(store, parameter, value)
            assert f"The parameter {parameter.name} cannot be {shorten(value)!r}" in refused.message, query.name
            assert "For example: " in refused.hint, query.name


def test_a_thing_is_found_by_its_name_and_guessed_by_nearly_that(store: Store) -> None:
    of_any_thing = [(query, p) for query, p in PARAMETERS if p.type == "iri" and p.of_class is None]
    assert of_any_thing
    for query, parameter in of_any_thing:
        assert check_value(store, parameter, "Kuopio") == "city:kuopio", query.name
        guess = refusal(store, parameter, "city:kuopyo").message
        assert "a thing of the graph is needed. Did you mean 'city:kuopio'" in guess, query.name


def test_an_unknown_parameter_is_told(store: Store) -> None:
    with pytest.raises(UnknownNameError, match="town"):
        read(store, QUERIES["twins-of-a-city"], {"town": "leeds"})


def test_every_kind_of_choice_occurs_in_the_catalogue() -> None:
    kinds = chain.from_iterable((type(p.choices), bool(p.of_class)) for _, p in PARAMETERS)
    assert {str, tuple, True} <= set(kinds)
