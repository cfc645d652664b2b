"""HAVING that names what SELECT introduces: it is said, and the query mended is offered, which runs as it stands."""

from __future__ import annotations

import pytest
from pyoxigraph import QuerySolutions, Store

from kg.sparql import Emptiness, KnownTerms
from kg.sparql.evaluation import Dataset, Unions
from kg.sparql.hints import having_hints

COUNTED = "SELECT ?c (COUNT(?t) AS ?n) { ?t a cd:Twinning ; cd:twin ?c } GROUP BY ?c HAVING"


def mended(text: str) -> str:
    return next((hint.query for hint in having_hints(text) if hint.kind == "alias"), "")


def rows(store: Store, text: str) -> list[tuple[str, ...]]:
    answer, _ = Unions(store, 0).evaluate(text, None)
    assert isinstance(answer, QuerySolutions)
    return sorted(tuple(str(value) for value in row) for row in answer)


@pytest.mark.parametrize(
    ("text", "condition"),
    [
        (f"{COUNTED} (?n > 3)", "(COUNT(?t) > 3)"),
        (f"{COUNTED}(?n<3)", "(COUNT(?t)<3)"),
        (f"{COUNTED} (?n > 1) (?n < 4) ORDER BY ?n LIMIT 3", "(COUNT(?t) > 1) (COUNT(?t) < 4)"),
        ("SELECT ?c (COUNT(?t) # how many\n AS $n) { ?c cd:twin ?t } GROUP BY ?c HAVING ($n > 1)", "(COUNT(?t) > 1)"),
        ("SELECT ?c (COUNT(DISTINCT ?t) + 1 AS ?n) { ?c cd:twin ?t } GROUP BY ?c HAVING (?n > 1)",
         "((COUNT(DISTINCT ?t) + 1) > 1)"),
        ("SELECT ?c (COUNT(?t) AS ?n) { ?c cd:twin ?t } GROUP BY ?c HAVING (!BOUND(?c) || ?n > 1)",
         "(!BOUND(?c) || COUNT(?t) > 1)"),
        (f"SELECT * {{ {{ {COUNTED} (?n > 3) }} ?c a cd:City }}", "(COUNT(?t) > 3)"),
        (f"SELECT * {{ ?x a cd:City OPTIONAL {{ {{ {COUNTED} (?n > 3) }} }} }}", "(COUNT(?t) > 3)"),
        (f"SELECT * {{ ?c a cd:City MINUS {{ {COUNTED} (?n > 3) }} }}", "(COUNT(?t) > 3)"),
        (f"SELECT * {{ ?c a cd:City FILTER NOT EXISTS {{ {COUNTED} (?n > 3) }} }}", "(COUNT(?t) > 3)"),
        (f"CONSTRUCT {{ ?c a ?n }} WHERE {{ {{ {COUNTED} (?n > 3) }} }}", "(COUNT(?t) > 3)"),
    ],
)  # fmt: skip
def test_the_query_mended_has_the_expression_in_place_of_its_name(store: Store, text: str, condition: str) -> None:
    (hint,) = having_hints(text)
    assert hint.kind == "alias"
    assert f"HAVING {condition}" in " ".join(hint.query.replace("HAVING(", "HAVING (").split())
    assert having_hints(hint.query) == []
    Unions(store, 0).evaluate(hint.query, None)  # it is a query


def test_a_name_that_stands_for_another_one_is_written_out() -> None:
    (hint,) = having_hints("SELECT (SUM(?v) AS ?n) (?n * 2 AS ?m) ?c { ?c ?p ?v } GROUP BY ?c HAVING (?m > 1)")
    assert hint.query.endswith("HAVING ((SUM(?v) * 2) > 1)")


def test_the_mended_query_finds_what_was_meant(store: Store) -> None:
    text = f"{COUNTED} (?n > 3)"
    assert rows(store, text) == []
    assert {name for name, _ in rows(store, mended(text))} >= {"<https://w3id.org/city-diplomacy/id/city/shanghai>"}
    fewer = f"SELECT ?c ?few {{ ?c a cd:City OPTIONAL {{ {{ {COUNTED} (?n < 3) }} BIND(true AS ?few) }} }}"
    assert {few for _, few in rows(store, fewer)} == {"None"}  # an answer with rows, and yet wrong
    assert len({few for _, few in rows(store, mended(fewer))}) == 2


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?c (COUNT(?t) AS ?n) { ?c cd:twin ?t } GROUP BY ?c HAVING (COUNT(?t) > 3) ORDER BY ?n",
        "SELECT ?k (COUNT(?t) AS ?n) { ?c cd:twin ?t } GROUP BY (STR(?c) AS ?k) HAVING (?k != '')",
        "SELECT ?c { { SELECT ?c (COUNT(?t) AS ?n) { ?c cd:twin ?t } GROUP BY ?c } FILTER(?n > 3) }",
        "SELECT ?c { { SELECT ?c (COUNT(?t) AS ?n) { ?c cd:twin ?t } GROUP BY ?c } } GROUP BY ?c HAVING (SUM(?n) > 3)",
        "SELECT ('HAVING (?n > 3)' AS ?n) {} # HAVING (?n > 3)",
        "ASK { ?having a cd:City }",
    ],
)
def test_nothing_is_said_where_no_alias_is_meant(text: str) -> None:
    assert having_hints(text) == []


@pytest.mark.parametrize("condition", ["(SUM(?n) > 3)", "(BOUND(?n))", "(EXISTS { ?n a cd:City })"])
def test_what_cannot_be_written_otherwise_is_said_without_a_query(condition: str) -> None:
    (hint,) = having_hints(f"{COUNTED} {condition}")
    assert "?n has no value" in hint.sentence
    assert hint.query == ""


def test_an_empty_answer_is_laid_to_it(store: Store) -> None:
    def why(text: str) -> Emptiness | None:
        unions, dataset = Unions(store, 0), Dataset.from_query(text)
        return Emptiness.find(text, "SELECT", lambda asked: unions.evaluate(asked, dataset)[0], KnownTerms(store), 60)

    for text in (f"{COUNTED} (?n > 3)", f"SELECT * {{ {{ {COUNTED} (?n > 3) }} ?c a cd:City }}"):
        found = why(text)
        assert found is not None
        assert found.sentence == "HAVING (?n > 3) holds for no group, since ?n has no value there."
        assert found.hints == tuple(having_hints(text))
    found = why(f"{COUNTED} (COUNT(?t) > 999)")
    assert found is not None
    assert found.sentence == "HAVING (COUNT(?t) > 999) holds for no group."


@pytest.mark.drawn
def test_many_selects_do_not_take_long() -> None:
    text = "SELECT * { " + f"{{ {COUNTED} (COUNT(?t) > 3) }} UNION " * 2_000 + "{} }"
    assert having_hints(text) == []


def test_names_that_stand_for_ever_longer_expressions_are_not_written_out() -> None:
    doubled = " ".join(f"(?n{k} + ?n{k} AS ?n{k + 1})" for k in range(60))
    (hint,) = having_hints(f"SELECT (COUNT(?t) AS ?n0) {doubled} {{ ?t a ?c }} HAVING (?n60 > 3)")
    assert hint.query == ""
