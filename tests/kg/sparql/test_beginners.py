"""Twenty-three queries of a beginner: each is told the cause of its failure, and how to mend it."""

from __future__ import annotations

from functools import partial

import pytest
from pyoxigraph import QuerySolutions, Store

from kg.sparql import Emptiness, KnownTerms, Query, advice
from kg.sparql.evaluation import run
from kg.sparql.text import QuerySyntaxError, form_of


@pytest.fixture(scope="module")
def known(store: Store) -> KnownTerms:
    return KnownTerms(store)


def has_rows(store: Store, text: str) -> bool:
    answer = run(store, text)
    assert isinstance(answer, QuerySolutions)
    return next(iter(answer), None) is not None


def told(store: Store, known: KnownTerms, text: str) -> tuple[list[str], str]:
    """Return the advice on a query, the same as through every door, and the corrected query if there is one."""
    try:
        is_empty = not has_rows(store, text)
    except QuerySyntaxError as error:
        return [error.message, error.hint], error.query
    query = Query(text, form_of(text))
    why = Emptiness.find(text, query.form, partial(run, store), known, 60) if is_empty else None
    hints = advice(why, known.query_hints(query, names=is_empty))
    return [hint.sentence for hint in hints], next((hint.query for hint in hints if hint.query), "")


QUERIES = {
    "rdfs:label": ("SELECT * { ?c a cd:City ; rdfs:label ?name }", "names of things are skos:prefLabel"),
    "rdfs:label of Leeds": ('SELECT * { ?c rdfs:label "Leeds" }', "names of things are skos:prefLabel"),
    "no language": ('SELECT * { ?c skos:prefLabel "Leeds" }', 'The graph has it as "Leeds"@en.'),
    "another language": ('SELECT * { ?c skos:prefLabel "London"@zh }', 'The graph has it as "London"@en.'),
    "another case": ('SELECT * { ?c skos:prefLabel "leeds"@en }', 'The graph has it as "Leeds"@en.'),
    "an unknown property": ("SELECT * { ?t cd:twins ?c }", "did you mean cd:twin?"),
    "an unknown prefix": ("SELECT * { ?t cdo:twin ?c }", "Did you mean cd: ?"),
    "a join in GRAPH": ("SELECT * { GRAPH ?g { ?t cd:twin ?c . ?c skos:prefLabel ?n } }", "Ask outside GRAPH"),
    "another join in GRAPH": (
        "SELECT * { GRAPH ?g { ?t cd:twin ?c . ?c cd:within ?state } }",
        "No single graph holds all of it",
    ),
    "a twin of two countries": (
        "SELECT * { ?c cd:within country:united-kingdom . ?c cd:within country:japan }",
        "Together with what precedes it, ?c cd:within country:japan matches nothing.",
    ),
    "a forgotten dot": (
        "SELECT * { ?c a cd:City ?c cd:within ?x }",
        "A dot goes before ?c: each pattern ends with one.",
    ),
    "a variable never bound": (
        'SELECT * { ?c skos:prefLabel ?name FILTER(?nmae = "Leeds"@en) }',
        "No pattern of the query binds ?nmae, so it never has a value. Did you mean ?name?",
    ),
    "a year and a number": (
        "SELECT * { ?a cd:begin ?d FILTER(?d > 2010) }",
        "2010 a number: they cannot be compared. Compare YEAR(?d) with 2010.",
    ),
    "lang = zh": (
        'SELECT * { ?c skos:prefLabel ?n FILTER(LANG(?n) = "zh") }',
        'LANGMATCHES(LANG(?n), "zh") takes zh-hans, too.',
    ),
    "Newcastle": ("SELECT * { ?t cd:twin city:newcastle }", "did you mean city:newcastle-upon-tyne?"),
    "a class": ("SELECT * { ?n a cd:Network }", "did you mean cd:CityNetwork?"),
    "a vocabulary as prefix": ("SELECT * { ?m cd:role membership-role:member }", "Did you mean role: ?"),
    "a country": ('SELECT * { ?c cd:country "China" }', "did you mean cd:within?"),
    "a redefined prefix": (
        "PREFIX cd: <http://w3id.org/city-diplomacy/ontology#> SELECT * { ?t a cd:Twinning }",
        "cd: is declared as <http://w3id.org/city-diplomacy/ontology#>",
    ),
    "no GROUP BY": (
        "SELECT ?c (COUNT(?t) AS ?n) { ?t cd:twin ?c }",
        "Add GROUP BY ?c behind the closing brace.",
    ),
    "an alias in HAVING": (
        "SELECT ?c (COUNT(?t) AS ?n) { ?t cd:twin ?c } GROUP BY ?c HAVING (?n > 1)",
        "Write HAVING (COUNT(?t) > 1).",
    ),
    "MINUS": (
        "SELECT ?c { ?c a cd:City MINUS { ?t cd:twin ?other } }",
        "MINUS takes away rows only by variables that both sides have",
    ),
    "COUNT over GRAPH": (
        "SELECT (COUNT(?t) AS ?n) { GRAPH ?g { ?t a cd:Twinning } }",
        "COUNT(?t) counts ?t once for each graph ?g that states it. COUNT(DISTINCT ?t) counts each once.",
    ),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_beginner_is_told_the_cause_and_the_mend(store: Store, known: KnownTerms, name: str) -> None:
    text, said = QUERIES[name]
    sentences, _ = told(store, known, text)
    assert [sentence for sentence in sentences if said in sentence], sentences


def test_every_mended_query_runs_and_has_rows(store: Store, known: KnownTerms) -> None:
    mended = {name: query for name, (text, _) in QUERIES.items() if (query := told(store, known, text)[1])}
    assert QUERIES.keys() - mended.keys() == {
        *("a join in GRAPH", "another join in GRAPH", "a twin of two countries", "MINUS"),
    }
    mended = {name: told(store, known, query)[1] or query for name, query in mended.items()}  # its literal, too
    assert [name for name, query in mended.items() if not has_rows(store, query)] == []
