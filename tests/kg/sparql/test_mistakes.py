"""What is said of a query that the engine cannot read."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from kg.sparql.evaluation import run
from kg.sparql.text import QuerySyntaxError

CITIES = "SELECT ?x WHERE { ?x a cd:City"


def refused(text: str) -> QuerySyntaxError:
    with pytest.raises(QuerySyntaxError) as caught:
        run(Store(), text)
    return caught.value


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        (CITIES, "the group opened at line 1, column 17 is not closed."),
        (f"{CITIES} . # {{ in a comment }}\n", "the group opened at line 1, column 17 is not closed."),
        (f"{CITIES}\n  OPTIONAL {{ ?x ?p ?o }}", "the group opened at line 1, column 17 is not closed."),
        (f"{CITIES}\n  OPTIONAL {{ ?x ?p '}}'", "the group opened at line 2, column 12 is not closed."),
        (
            f"{CITIES} FILTER(?x > 1 }}",
            "the bracket ( opened at line 1, column 38 is not closed before the }",
        ),
        (f"{CITIES} ; cd:twinnedWith [ a cd:City }}", "the bracket [ opened at line 1, column 49 is not closed before"),
        (f"{CITIES} }} }}", "the } at line 1, column 34 closes nothing."),
        (f"{CITIES} ; skos:prefLabel 'Leeds }}", "the string opened at line 1, column 49 is not closed."),
    ],
)
def test_what_is_not_closed_is_named_with_its_place(text: str, missing: str) -> None:
    assert f": {missing}" in refused(text).message


@pytest.mark.parametrize("text", ["SELECT ?x WHERE ?x a cd:City }", f"{CITIES} ; ; cd:within 5x }}", f"{CITIES} , }}"])
def test_what_is_closed_is_not_said_to_be_open(text: str) -> None:
    assert "opened" not in refused(text).message


def test_an_unknown_prefix_is_named_beside_what_is_not_closed() -> None:
    error = refused("SELECT ?x WHERE { ?x a cdd:City")
    assert "the group opened at line 1, column 17 is not closed" in error.message
    assert error.hint.startswith("The prefix cdd: is not declared.")
    assert (error.line, error.column) == (1, 32)


@pytest.mark.parametrize(
    ("text", "place"), [("SELECT * {\n  foo:bar cd:twin ?z }", (2, 3)), ("ASK { ?x a foo:b }", (1, 12))]
)
def test_an_unknown_prefix_is_where_it_stands(text: str, place: tuple[int, int]) -> None:
    error = refused(text)
    assert (error.line, error.column) == place
    assert error.hint.startswith("The prefix foo: is not declared.")
