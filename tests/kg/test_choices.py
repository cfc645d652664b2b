"""Choices come from the graph, each is a value that does, and nothing else is."""

from __future__ import annotations

from itertools import chain

import pytest
from pyoxigraph import NamedNode, Store

from kg import choices
from kg import namespaces as ns
from kg.catalogue import CannedQuery, Parameter, canned_queries
from kg.errors import BadValueError, UnknownNameError
from kg.parameters import as_term

QUERIES = canned_queries()
PARAMETERS = [(query, parameter) for query in QUERIES.values() for parameter in query.parameters]

every_parameter = pytest.mark.parametrize(
    ("query", "parameter"), PARAMETERS, ids=[f"{query.name}-{parameter.name}" for query, parameter in PARAMETERS]
)


@every_parameter
def test_each_choice_does_and_has_a_label(store: Store, query: CannedQuery, parameter: Parameter) -> None:
    known = choices.of(store, parameter)
    assert known or parameter.name == "thing"
    assert len({choice.value for choice in known}) == len(known)
    for choice in known:
        assert choice.label
        assert choices.checked(store, query, {parameter.name: choice.value}) == {parameter.name: choice.value}


@every_parameter
def test_examples_and_defaults_are_choices(store: Store, query: CannedQuery, parameter: Parameter) -> None:
    for value in (parameter.example, parameter.default):
        if value is not None:
            assert choices.checked(store, query, {parameter.name: value}) == {parameter.name: value}


@every_parameter
def test_the_choices_are_the_instances_or_concepts_of_the_graph(
    store: Store, query: CannedQuery, parameter: Parameter
) -> None:
    if isinstance(parameter.choices, tuple) or (parameter.choices or parameter.of_class) is None:
        pytest.skip("its choices do not come from the graph")
    kind, of = (ns.RDF_TYPE.value, ns.expand(parameter.of_class)) if parameter.of_class else (
        ns.PREFIXES["skos"] + "inScheme", ns.VOCABULARY + str(parameter.choices))  # fmt: skip
    quads = store.quads_for_pattern(None, NamedNode(kind), NamedNode(of or ""), None)
    assert {as_term(parameter, c.value) for c in choices.of(store, parameter)} == {quad.subject for quad in quads}


def test_other_spellings_of_a_choice_become_the_one_that_is_listed(store: Store) -> None:
    query = QUERIES["twins-of-a-city"]
    for value in ("london", "city:london", f"{ns.ID}city/london"):
        assert choices.checked(store, query, {"city": value}) == {"city": "city:london"}
    assert choices.checked(store, query, {"city": ""}) == {}


@pytest.mark.parametrize(
    ("name", "values", "wanted"),
    [
        ("twins-of-a-city", {"city": "lodnon"}, "Did you mean 'city:london'"),
        ("twins-of-a-city", {"city": "Birmingham"}, "Did you mean 'city:birmingham'"),
        ("twins-of-a-city", {"city": "country:china"}, "a cd:City of the graph is needed"),
        ("twins-of-a-city", {"city": "x" * 100_000}, "'x+'…"),
        ("all-absences", {"kind": "tie:twining"}, "Did you mean 'tie:twinning'"),
        ("all-absences", {"kind": "nothing-like-it"}, "a concept of the scheme tie-kind is needed"),
        ("concepts-of-scheme", {"scheme": "them"}, "Did you mean 'theme'"),
        ("statistics-of", {"thing": "no iri"}, "an IRI or a prefixed name is needed"),
    ],
)
def test_a_wrong_value_is_told_with_what_would_do(store: Store, name: str, values: dict[str, str], wanted: str) -> None:
    with pytest.raises(BadValueError, match=wanted) as caught:
        choices.checked(store, QUERIES[name], values)
    told = str(caught.value)
    assert all(f"parameter {parameter}" in told and repr(value[:80]) in told for parameter, value in values.items())
    assert "For example: " in caught.value.hint
    assert len(told) < 1500


def test_an_unknown_parameter_is_told(store: Store) -> None:
    with pytest.raises(UnknownNameError, match="town"):
        choices.checked(store, QUERIES["twins-of-a-city"], {"town": "leeds"})


def test_every_kind_of_choice_occurs_in_the_catalogue() -> None:
    kinds = chain.from_iterable((type(p.choices), bool(p.of_class)) for _, p in PARAMETERS)
    assert {str, tuple, True} <= set(kinds)
