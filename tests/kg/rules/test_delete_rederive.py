"""Following a change by the rules gives what inferring anew gives: random rules, random graphs, random changes.

The rules are small ones that use each other in every way that a rule may: circles, chains, paths, what is missing, and
what several ways lead to."""

from __future__ import annotations

import random
from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad, Store, Triple

from kg.errors import CityKgError
from kg.rdf import namespaces as ns
from kg.rdf.graphs import INFERRED, default_graph_once
from kg.rdf.vocabulary import RDF, XSD
from kg.rules import clauses, inference
from kg.rules.derived_graphs import UnionChanges
from kg.rules.expressions import Binding
from kg.rules.reading import clauses_of
from tests.support.tiers import MANY

RULES = {
    "copy": "CONSTRUCT { ?x cd:p ?y } WHERE { ?x cd:q ?y }",
    "back": "CONSTRUCT { ?y cd:q ?x } WHERE { ?x cd:p ?y }",
    "symmetric": "CONSTRUCT { ?y cd:p ?x } WHERE { ?x cd:p ?y }",
    "path": "CONSTRUCT { ?x cd:q ?y } WHERE { ?x cd:q+ ?y FILTER(?x != ?y) }",
    "circle": "CONSTRUCT { ?x cd:r ?y } WHERE { ?x cd:r+ ?y }",
    "chain": "CONSTRUCT { ?x cd:r ?z } WHERE { ?x cd:p ?y . ?y cd:r ?z }",
    "self": "CONSTRUCT { ?x cd:r ?x } WHERE { ?x cd:q ?x }",
    "siblings": "CONSTRUCT { ?y cd:p ?z } WHERE { ?x cd:s ?y , ?z FILTER(?y != ?z) }",
    "either": "CONSTRUCT { ?x cd:p ?y } WHERE { { ?x cd:t ?y } UNION { ?y cd:r ?x . ?x a cd:A } }",
    "both": "CONSTRUCT { ?x cd:q ?y . ?y a cd:B } WHERE { ?x cd:s ?y . ?y cd:t ?x }",
    "types": "CONSTRUCT { ?x a cd:B } WHERE { ?x a cd:A }",
    "domain": "CONSTRUCT { ?x a cd:A } WHERE { ?x cd:r ?y . ?y a cd:B }",
    "unless": "CONSTRUCT { ?x cd:p ?y } WHERE { ?x cd:q ?y MINUS { ?x cd:s ?z . ?z cd:t ?y } }",
    "unless-any": "CONSTRUCT { ?x a cd:A } WHERE { ?x cd:p ?y MINUS { ?z cd:s ?x } MINUS { ?x cd:s ?z . ?z cd:s ?z } }",
    "unless-beside": "CONSTRUCT { ?x cd:p ?y } WHERE { ?x cd:q ?y MINUS { ?x cd:s ?z . ?w cd:s ?z . ?w a cd:N } }",
    "not-these": """CONSTRUCT { ?x cd:r ?y } WHERE {
        ?x cd:s ?y OPTIONAL { ?y cd:t ?v . VALUES ?v { city:a city:b } } OPTIONAL { ?x a ?no . VALUES ?no { cd:N } }
        FILTER(!BOUND(?v) && !BOUND(?no)) }""",
    "others": "CONSTRUCT { ?x cd:r ?w } WHERE { ?x cd:s ?y , ?z . ?z cd:t ?w FILTER(?y != ?z) }",
    "hidden": """CONSTRUCT { ?x cd:q ?z } WHERE {
        { SELECT DISTINCT ?x WHERE { ?x a cd:A . ?y cd:t ?x MINUS { ?z cd:s ?y } } } ?x cd:p ?y . ?y cd:p ?z }""",
    "values": """CONSTRUCT { ?x ?to ?y } WHERE {
        VALUES (?from ?to) { (cd:s cd:p) (cd:t cd:r) } ?x ?from ?y MINUS { ?y cd:t ?x } }""",
    "computed": """CONSTRUCT { ?x cd:q ?longer . ?x cd:p ?shorter } WHERE { ?x cd:t ?y
        BIND(STRLEN(?y) AS ?length) BIND(IF(?length > 1, STR(?y), CONCAT(?y, "b")) AS ?longer)
        BIND(IF(?length > 1, SUBSTR(?y, 1, 1), ?none) AS ?shorter) }""",
    "ordered": """CONSTRUCT { ?x cd:p ?z } WHERE {
        ?x cd:v ?one . ?x cd:s ?z . ?z cd:v ?other FILTER(?one < ?other || ?other = 3) }""",
    "unequal": "CONSTRUCT { ?x cd:r ?z } WHERE { ?x cd:q ?z . ?x cd:v ?one . ?z cd:v ?other FILTER(?one != ?other) }",
    "within": """CONSTRUCT { ?x a cd:A } WHERE {
        { ?x cd:v ?one FILTER(?one >= "2006-01-01"^^xsd:date && ?one <= "2006-12-31"^^xsd:date) } UNION
        { ?x cd:p ?y . ?y cd:v ?one FILTER(?one > 2.5) MINUS { ?x cd:s ?y } } }""",
    "long": 'CONSTRUCT { ?x a cd:B } WHERE { ?x cd:t ?y . ?y cd:v ?one FILTER(STRLEN(STR(?one))>3&&?one!="a"@en) }',
    "apart": "CONSTRUCT { ?x cd:r ?z } WHERE { { ?x cd:p ?y MINUS { ?y cd:t ?z } } ?y cd:s ?z }",
}

NODES = [NamedNode(f"{ns.ID}city/{name}") for name in "abcd"]
PROPERTIES = [NamedNode(ns.CD + name) for name in "pqrst"]
CLASSES = [NamedNode(ns.CD + name) for name in "ABN"]
GRAPHS = [NamedNode(f"{ns.GRAPH}curated/{name}") for name in ("one", "two")]

VALUES = [
    *(Literal(day, datatype=XSD.date) for day in ("2005-12-31", "2006-01-01", "2006-05-12", "2006-12-31")),
    *(Literal(number, datatype=XSD.integer) for number in ("2", "3")),
    *(Literal(number, datatype=XSD.decimal) for number in ("2.5", "3")),
    *(Literal("a"), Literal("a", language="en"), NODES[0]),
]
"""What the rules compare, each with each, so that errors are met as well."""

nodes, properties, graphs = st.sampled_from(NODES), st.sampled_from(PROPERTIES), st.sampled_from(GRAPHS)
quads = st.one_of(
    st.builds(Quad, nodes, properties, nodes, graphs),
    st.builds(Quad, nodes, st.just(RDF.type), st.sampled_from(CLASSES), graphs),
    st.builds(Quad, nodes, properties, st.sampled_from([Literal("a"), Literal("ab")]), graphs),
    st.builds(Quad, nodes, st.just(NamedNode(ns.CD + "v")), st.sampled_from(VALUES), graphs),
)
programs = st.integers(0, 59)


@cache
def program(number: int) -> tuple[UnionChanges, tuple[str, ...]]:
    """Return some of the rules, all of them for 0."""
    draw = random.Random(number)
    chosen = draw.sample(sorted(RULES), draw.randint(3, 9)) if number else sorted(RULES)
    return UnionChanges(Store(), {name: RULES[name] for name in chosen}), tuple(RULES[name] for name in chosen)


def in_step(stated: set[Quad], rules: tuple[str, ...]) -> set[Quad]:
    inferred = inference.infer(stated, rules)
    return {*stated, *inferred, *default_graph_once([*stated, *inferred])}


@settings(max_examples=MANY)
@given(programs, st.sets(quads, max_size=30), st.sets(quads, max_size=5), st.data())
@pytest.mark.drawn
def test_a_change_leads_to_what_inferring_anew_leads_to(
    number: int, stated: set[Quad], added: set[Quad], data: st.DataObject
) -> None:
    changes, rules = program(number)
    removed = data.draw(st.sets(st.sampled_from(sorted(stated, key=str)), max_size=6)) if stated else set()
    before, after = in_step(stated, rules), in_step((stated - removed) | added, rules)
    store = Store()
    store.extend(before)
    follows = changes.of(store, added, removed)
    assert follows.added == after - before - added
    assert follows.removed == before - after - removed
    assert set(store) == before


def test_many_new_things_of_one_source_are_followed_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each account of a table was once compared with all others of its source, by hundreds of clauses."""
    matched, match_atom = [0], clauses.match_atom

    def counted(atom: clauses.Atom, triple: Triple, known: Binding) -> Binding | None:
        matched[-1] += 1
        return match_atom(atom, triple, known)

    changes = UnionChanges(Store(), {"unless-beside": RULES["unless-beside"]})
    monkeypatch.setattr(clauses, "match_atom", counted)
    for number in (20, 200):
        things = [NamedNode(f"{ns.ID}city/{at}") for at in range(number)]
        matched.append(0)
        changes.of(Store(), {Quad(one, NamedNode(f"{ns.CD}s"), NODES[0], GRAPHS[0]) for one in things}, set())
    _, few, many = matched
    assert many <= 10 * few


def test_a_condition_holds_by_one_side_although_the_other_is_an_error() -> None:
    """A day is not comparable with a number; `true || error` is true (SPARQL 1.1, section 17.2)."""
    values = {"a": Literal("2005-12-31", datatype=XSD.date), "b": Literal("3", datatype=XSD.decimal)}
    a, b = NODES[:2]
    stated = {Quad(a, PROPERTIES[3], b, GRAPHS[0])}
    stated |= {
        Quad(NamedNode(f"{ns.ID}city/{name}"), NamedNode(ns.CD + "v"), value, GRAPHS[0])
        for name, value in values.items()
    }
    changes, rules = UnionChanges(Store(), {"ordered": RULES["ordered"]}), (RULES["ordered"],)
    drawn = changes.of(Store(), stated, set()).added
    assert drawn == in_step(stated, rules) - stated
    assert Quad(a, PROPERTIES[0], b, INFERRED) in drawn


@pytest.mark.parametrize(
    ("rule", "what"),
    [
        ("SELECT * { ?x cd:p ?y }", "CONSTRUCT"),
        ("CONSTRUCT { ?x ?p ?y } WHERE { ?x ?p ?y }", "predicates that are fixed"),
        ("CONSTRUCT { ?x a ?y } WHERE { ?x cd:p ?y }", "classes that are fixed"),
        ("CONSTRUCT { ?x cd:p ?y } WHERE { ?x cd:q+ ?y }", "no path but p[+]"),
        ("CONSTRUCT { ?y cd:q ?x } WHERE { ?x cd:q+ ?y }", "ends of the path"),
        ("CONSTRUCT { ?x cd:p ?z } WHERE { ?x cd:q ?y }", "a head that the pattern binds"),
        ("CONSTRUCT { ?x cd:p ?y } WHERE { ?x cd:q ?z BIND(NOW() AS ?y) }", "a BIND of its variables"),
        ("CONSTRUCT { ?x cd:p ?y } WHERE { GRAPH ?g { ?x cd:q ?y } }", "no GRAPH"),
        ("CONSTRUCT { ?x cd:p ?y } WHERE { { SELECT ?x (1 AS ?y) { ?x cd:q ?z } } }", "variables alone"),
        ("CONSTRUCT { ?x cd:p ?y } WHERE { ?x cd:q ?y FILTER(?y > NOW()) }", "a FILTER of its variables"),
        ("CONSTRUCT { ?x cd:p ?y } WHERE { ?x cd:q ?y FILTER EXISTS { ?y cd:q ?x } }", "a FILTER of its variables"),
        ("CONSTRUCT { ?x cd:p ?y } WHERE { ?x cd:q ?z { ?x cd:r ?y FILTER(?y > ?z) } }", "a FILTER of what its group"),
        ("CONSTRUCT { ?x cd:p ?y } WHERE { ?x cd:q ?y OPTIONAL { ?x cd:s ?z } }", "for each OPTIONAL"),
        ("CONSTRUCT { ?x cd:p ?y } WHERE { ?x cd:q ?y MINUS { ?z cd:s ?u } }", "joined to what precedes"),
        ("CONSTRUCT { ?x cd:p ?z } WHERE { ?x cd:q ?y BIND(STR(?y) AS ?z) ?z cd:r ?u }", "no pattern of what BIND"),
        (
            "CONSTRUCT { ?x cd:p ?z } WHERE { ?x cd:q ?y BIND(STR(?y) AS ?z) MINUS { ?x cd:r ?z } }",
            "no pattern of what",
        ),
        ("CONSTRUCT { ?x cd:p ?z } WHERE { VALUES ?p { cd:q } ?x ?p ?y BIND(STR(?p) AS ?z) }", "of what VALUES binds"),
        ("CONSTRUCT { ?x cd:p ?y } WHERE { ?x cd:q ?y FILTER(?z > 3) }", "a FILTER of what its group"),
        ("CONSTRUCT { ?x cd:p 3 } WHERE { ?x cd:q ?y }", "IRIs and variables"),
        ("CONSTRUCT { ?x rdfs:subClassOf ?y } WHERE { ?x cd:q ?y }", "a head that is not about terms"),
    ],
)
def test_a_rule_that_cannot_be_followed_is_refused(rule: str, what: str) -> None:
    with pytest.raises(CityKgError, match=what):
        clauses_of({"mine": rule}, Store())


def test_a_rule_may_not_miss_what_a_rule_draws() -> None:
    rules = {
        "first": "CONSTRUCT { ?x cd:p ?y } WHERE { ?x cd:q ?y MINUS { ?x cd:r ?y } }",
        "second": "CONSTRUCT { ?x cd:r ?y } WHERE { ?x cd:s ?y }",
    }
    with pytest.raises(CityKgError, match="The rule first asks for the absence of cd:r"):
        clauses_of(rules, Store())
