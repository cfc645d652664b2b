"""Hints on names of ours that the graph does not know, over the real graph."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Store

from kg.queries import catalogue
from kg.rdf import namespaces as ns
from kg.sparql import KnownTerms
from kg.sparql.guard import Query, examine
from kg.sparql.hints import names_to_look_up
from kg.sparql.hints.model import MOST
from kg.sparql.hints.used_names import LONGEST_NAME

pytestmark = pytest.mark.drawn


@pytest.fixture(scope="module")
def known(store: Store) -> KnownTerms:
    return KnownTerms(store)


def sentences(known: KnownTerms, text: str) -> list[str]:
    return [hint.sentence for hint in known.name_hints(names_to_look_up(examine(text, 200_000)))]


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("cd:twinedWith", "cd:twinedWith is not a term of the ontology; did you mean cd:twinnedWith?"),
        ("cd:twinedWith.", "cd:twinedWith is not a term of the ontology; did you mean cd:twinnedWith?"),
        ("cd:twining", "cd:twining is not a term of the ontology; did you mean cd:twin?"),
        ("cd:Twining", "cd:Twining is not a term of the ontology; did you mean cd:Twinning?"),
        ("cd:city", "cd:city is not a term of the ontology; did you mean cd:City?"),
        (f"<{ns.CD}Citi>", "cd:Citi is not a term of the ontology; did you mean cd:City?"),
        ("<ontology#Citi>", "cd:Citi is not a term of the ontology; did you mean cd:City?"),
        ("city:londn", "city:londn is not a thing that the graph knows; did you mean city:london?"),
        ("function:econmic", "function:econmic is not a concept of the vocabularies"),
        ("report:tabel-1", "report:tabel-1 is not a graph here; did you mean report:table-1?"),
        ("cd:zzzzzzzzzz", "cd:zzzzzzzzzz is not a term of the ontology."),
    ],
)
def test_an_unknown_name_is_pointed_out(known: KnownTerms, name: str, sentence: str) -> None:
    (told,) = sentences(known, f"SELECT * {{ ?s ?p {name} }}")
    assert told.startswith(sentence)


def test_a_hint_is_about_what_was_meant(known: KnownTerms) -> None:
    near, far = known.name_hints(
        names_to_look_up(examine("SELECT * { ?s cd:twinedWith ?o ; cd:qqqqqqqqqqqq ?x }", 100_000))
    )
    assert (near.about, far.about) == (ns.CD + "twinnedWith", ns.CD.removesuffix("#"))


@pytest.mark.parametrize(
    ("text", "is_told"),
    [
        ("SELECT * { ?city a cd:City OPTIONAL { ?city rdfs:label ?name } }", True),
        ("SELECT * { ?class a owl:Class ; rdfs:label ?name }", False),
        ("SELECT * { ?term rdfs:label ?name ; rdfs:isDefinedBy ?ontology }", False),
    ],
)
def test_things_have_no_label_of_terms(known: KnownTerms, text: str, is_told: bool) -> None:
    assert any("skos:prefLabel" in sentence for sentence in sentences(known, text)) is is_told


def test_a_prefix_may_be_renamed(known: KnownTerms) -> None:
    text = f"PREFIX x: <{ns.CD}> BASE <{ns.ID}city/> SELECT * {{ <london> x:statdIn <leedss> }}"
    assert sentences(known, text) == [
        "cd:statdIn is not a term of the ontology; did you mean cd:statedIn?",
        "city:leedss is not a thing that the graph knows; did you mean city:leeds?",
    ]
    assert sentences(known, "PREFIX cd: <http://example.org/> SELECT * { ?s cd:twinedWith ?o }") == []


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { GRAPH report:table-1 { ?s cd:twinnedWith city:london . } }",
        "SELECT * FROM graph:report FROM NAMED graph:history { ?s a cd:City. }",
        "SELECT * { ?s ?p 'cd:twinedWith' } # cd:twinedWith",
        "SELECT * { ?s a ?c FILTER (STRSTARTS(STR(?s), STR(report:)) && STRSTARTS(STR(?c), STR(cd:))) }",
        "SELECT * { ?s schema:nonsense <http://example.org/cd:x> . ?s nobody:cd ?o }",
        f"SELECT * {{ ?s ?p <{ns.BASE}dataset> }}",
        "PREFIX city: <" + ns.ID + "city/> SELECT * { city:london ?p _:b }",
    ],
)
def test_what_is_known_or_not_ours_gets_no_hint(known: KnownTerms, text: str) -> None:
    assert sentences(known, text) == []


def test_no_query_of_ours_gets_a_hint(known: KnownTerms) -> None:
    queries = (catalogue.canned_queries() | catalogue.check_queries()).values()
    asked = [query for query in queries if not query.works]
    told = {query.name: known.query_hints(examine(query.text, 200_000)) for query in asked}
    assert {name: hints for name, hints in told.items() if hints} == {}


def test_every_iri_that_the_graph_holds_is_known(store: Store, known: KnownTerms) -> None:
    held = {term for quad in store for term in (quad.subject, quad.predicate, quad.object, quad.graph_name)}
    ours = sorted(t.value for t in held if isinstance(t, NamedNode) and t.value.startswith(ns.BASE))
    assert len(ours) > 3000
    assert [
        iri for iri in ours if known.name_hints(names_to_look_up(examine(f"ASK {{ <{iri}> ?p ?o }}", 100_000)))
    ] == []


def test_hints_are_few_and_short(known: KnownTerms) -> None:
    many = "SELECT * { " + " . ".join(f"?s cd:{'x' * 5000}{n} ?o{n}" for n in range(20)) + " }"
    told = sentences(known, many)
    assert len(told) == MOST
    assert all(len(sentence) < LONGEST_NAME + 100 for sentence in told)
    assert sentences(known, "SELECT * { " + "?s cd:twinedWith ?o . <ontology#twinedWith> ?x ?y . " * 9 + "}") == [
        "cd:twinedWith is not a term of the ontology; did you mean cd:twinnedWith?"
    ]


@given(st.text(alphabet="<>cd:city/#.\\u0022\n\r\"' {}?ABSEPRFIX", max_size=60))
def test_any_text_is_looked_at(known: KnownTerms, text: str) -> None:
    assert len(known.name_hints(names_to_look_up(Query(text, "SELECT")))) <= MOST


@pytest.mark.parametrize(
    ("text", "slow"),
    [
        ("ASK { ?s ?p ?o FILTER NOT EXISTS { ?o ?q ?s } }", True),
        ("ASK { ?s ?p ?o FILTER not # why\n exists{ ?o ?q ?s } }", True),
        ("ASK { ?s ?p ?o FILTER EXISTS { ?o ?q ?s } }", False),
        ("ASK { ?s ?p 'NOT EXISTS' } # NOT EXISTS", False),
    ],
)
def test_slow_negation_is_recognised(text: str, slow: bool) -> None:
    assert ("MINUS" in examine(text, 100_000).speed_advice) is slow
