"""The linter: our shapes obey it, and each thing that it refuses is found when planted."""

from __future__ import annotations

import pytest
from rdflib import Graph

from kg.errors import CityKgError
from kg.findings import Finding
from kg.rdf import namespaces as ns
from kg.shacl.constraint_reads import query_findings, query_reads
from kg.shacl.full import project_shapes
from kg.shacl.incremental import ChangeValidation
from tests.shapes.lint import lint

HEAD = f"""
@prefix cd: <{ns.CD}> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix shape: <{ns.SHAPES}> .
"""

SOUND = """
shape:Group a sh:PropertyGroup .
shape:City a sh:NodeShape ; sh:targetClass cd:City ; sh:property shape:City-within ; sh:sparql shape:City-query .
shape:City-within a sh:PropertyShape ; sh:path cd:within ; sh:minCount 1 ; sh:node shape:Place ;
    sh:name "within"@en , "位于"@zh-Hans ; sh:description "Where it is."@en , "所在。"@zh-Hans ;
    sh:group shape:Group ; sh:order 1 ;
    sh:message "Say where it is."@en , "请注明位置。"@zh-Hans .
shape:Place a sh:NodeShape ; sh:or ( [ sh:class cd:Polity ] [ sh:property [ sh:path cd:twin ; sh:maxCount 0 ] ] ) .
shape:City-query a sh:SPARQLConstraint ; sh:prefixes <urn:ours> ;
    sh:message "Mend it."@en , "请更正。"@zh-hans ; sh:select "SELECT $this { $this cd:within ?place }" .
<urn:ours> sh:declare [ sh:prefix "cd" ; sh:namespace "https://w3id.org/city-diplomacy/ontology#" ] .
"""


def findings(turtle: str) -> list[Finding]:
    return lint(Graph().parse(data=HEAD + turtle, format="turtle"))


def found(turtle: str) -> set[tuple[str, str]]:
    return {(finding.focus, finding.component) for finding in findings(turtle)}


def test_the_projects_shapes_have_no_finding() -> None:
    assert lint(project_shapes()) == []


def test_sound_shapes_have_no_finding() -> None:
    assert findings(SOUND) == []


def test_a_finding_reads_as_a_sentence() -> None:
    (finding,) = findings(
        "shape:City a sh:NodeShape ; sh:targetClass cd:City ; sh:minCuont 1 ; sh:message 'M'@en , 'M'@zh-Hans ."
    )
    assert finding.message.startswith("sh:minCuont is not allowed. Check its spelling")
    assert str(finding).endswith(" [shape:City]")


@pytest.mark.parametrize(
    ("planted", "rule"),
    [
        ("shape:City sh:minCuont 1 .", "unknown-term"),
        ("shape:City sh:singleLine true .", "unknown-term"),
        ("shape:City sh:target [ a sh:SPARQLTarget ] .", "sparql-target"),
        ("shape:City sh:rule [ a sh:TripleRule ] .", "rule"),
        ("shape:City sh:entailment <urn:rdfs> .", "rule"),
        ("shape:City sh:expression [ sh:path cd:within ] .", "expression"),
        ("shape:City a sh:ConstraintComponent .", "component"),
        ("shape:City sh:parameter [ sh:path cd:limit ] .", "component"),
        ("shape:City sh:validator [ sh:ask 'ASK {}' ] .", "component"),
        ("shape:City sh:node shape:City .", "recursion"),
        ("shape:Place sh:node shape:City .", "recursion"),
        ("shape:Place sh:not shape:City .", "recursion"),
        ("shape:Place sh:xone ( [ sh:node shape:City ] ) .", "recursion"),
        ("shape:City-within sh:property shape:City-other .", "nested-property"),
        ("shape:Far sh:path [ sh:inversePath ( cd:within cd:within ) ] .", "inverse-path"),
        ("[] sh:targetClass cd:Team ; sh:nodeKind sh:IRI .", "unnamed"),
        ("shape:City a <http://www.w3.org/2002/07/owl#Class> .", "implicit-target"),
        ("shape:City a rdfs:Class .", "implicit-target"),
        ("<urn:other> sh:declare [ sh:prefix 'cd' ; sh:namespace 'urn:other:' ] .", "prefix"),
    ],
)
def test_refused_term_is_found(planted: str, rule: str) -> None:
    assert rule in {finding.component for finding in findings(SOUND + planted)}


def test_recursion_is_told_of_each_shape_in_the_circle() -> None:
    assert found(SOUND + "shape:Place sh:node shape:City .") >= {
        ("shape:City", "recursion"),
        ("shape:City-within", "recursion"),
        ("shape:Place", "recursion"),
    }


@pytest.mark.parametrize(
    ("taken_out", "rule"),
    [
        ('"within"@en , ', "name"),
        (' , "位于"@zh-Hans', "name"),
        ('"Say where it is."@en , ', "message"),
        (' , "请注明位置。"@zh-Hans', "message"),
        ('"Where it is."@en , ', "description"),
        (' , "所在。"@zh-Hans', "description"),
        ("sh:group shape:Group ;", "group"),
        ("shape:Group a sh:PropertyGroup .", "group"),
        ("sh:order 1 ;", "order"),
    ],
)
def test_missing_words_are_found(taken_out: str, rule: str) -> None:
    assert taken_out in SOUND
    assert found(SOUND.replace(taken_out, "")) == {("shape:City-within", rule)}


def test_message_missing_from_a_sparql_constraint_is_found() -> None:
    assert found(SOUND.replace(' , "请更正。"@zh-hans', "")) == {("shape:City-query", "message")}


def test_message_missing_from_a_node_shape_with_a_constraint_of_its_own_is_found() -> None:
    assert found(SOUND + "shape:City sh:nodeKind sh:IRI .") == {("shape:City", "message")}


def test_nameless_property_shape_that_people_would_read_is_found() -> None:
    nameless = "shape:City sh:property [ sh:path cd:twin ; sh:maxCount 9 ] ."
    assert ("shape:City", "unnamed") in found(SOUND + nameless)


@pytest.mark.parametrize(
    ("query", "rule"),
    [
        ("SELECT $this { $this cd:within ?a . { SELECT ?a { ?a cd:within ?b } } }", "subselect"),
        ("SELECT $this { VALUES ?a { cd:x } $this cd:within ?a }", "subselect"),
        ("SELECT $this { GRAPH ?g { $this cd:within ?a } }", "graph"),
        ("SELECT $this { $this cd:within ?a FILTER EXISTS { GRAPH ?g { ?a cd:within ?b } } }", "graph"),
        ("SELECT $this { SERVICE <http://x/> { $this cd:within ?a } }", "service"),
        ("SELECT $this { $this cd:within ?a MINUS { ?a cd:within ?b } }", "minus"),
        ("SELECT $this (COUNT(?a) AS ?n) { $this cd:within ?a } GROUP BY $this", "aggregate"),
        ("SELECT $this { $this $PATH ?a }", "path-variable"),
        ("SELECT $this { $this cd:within ?a FILTER ($PATH = cd:within) }", "path-variable"),
        ("SELECT $this { $this ?p ?a }", "not-joined"),
        ("SELECT $this { $this cd:within+ ?a }", "not-joined"),
        ("SELECT $this { ?a cd:within ?b }", "not-joined"),
        ("SELECT $this { $this cd:within cd:x . cd:x cd:within ?b }", "not-joined"),
        ("SELECT $this { $this cd:within ?a FILTER (?a != ?c) }", "not-joined"),
        ("SELECT $this { $this cd:within ?a FILTER NOT EXISTS { ?b cd:within ?c } }", "not-joined"),
        ("SELECT $this { { $this cd:within ?a } UNION { ?b cd:within ?a } }", "not-joined"),
        ("SELECT $this { $this cd:within ?a OPTIONAL { ?a cd:within ?b } ?b cd:within ?c }", "not-joined"),
        ("SELECT $this { $this cd:within ?a BIND (cd:x AS ?b) ?b cd:within ?c }", "not-joined"),
        ("SELECT $this { $this cd:within ?a } LIMIT 5", "limit"),
        ("SELECT $this { $this cd:within ?a } ORDER BY ?a OFFSET 5", "limit"),
        ("SELECT $this { $this cd:order 1 }", "literal"),
        ("SELECT $this { $this cd:within ?a FILTER NOT EXISTS { ?a cd:order '1' } }", "literal"),
        ("SELECT $this { $this cd:within ?a FILTER (RAND() < 0.5) }", "chance"),
        ("SELECT $this (NOW() AS ?value) { $this cd:within ?a }", "chance"),
        ("SELECT $this { $this cd:within ?a BIND (STRUUID() AS ?value) }", "chance"),
        ("SELECT $this { $this cd:within ?a FILTER (cd:near(?a, $this)) }", "function"),
        ("SELECT ?a { $this cd:within ?a }", "projection"),
        ("ASK { $this cd:within ?a }", "syntax"),
        ("SELECT $this { $this cd:within", "syntax"),
        ("SELECT $this { $this unknown:within ?a }", "syntax"),
    ],
)
def test_refused_query_is_found(query: str, rule: str) -> None:
    planted = SOUND.replace("SELECT $this { $this cd:within ?place }", query)
    assert ("shape:City-query", rule) in found(planted)


@pytest.mark.parametrize(
    "query",
    [
        "SELECT $this ?value { ?value cd:within $this }",
        "SELECT $this { ?b cd:within ?c . ?a cd:within ?b . $this cd:within ?a }",
        "SELECT $this { { $this cd:within ?a } UNION { ?a cd:within $this } ?a cd:twin ?b }",
        "SELECT $this { $this cd:within ?a OPTIONAL { ?a cd:within ?b } FILTER (!BOUND(?b)) }",
        "SELECT $this { $this cd:within ?a FILTER NOT EXISTS { ?a cd:within ?b . ?b cd:twin $this } }",
        "SELECT DISTINCT $this { $this cd:within [ cd:within ?b ] } ORDER BY ?b",
        "SELECT $this { $this cd:order ?a FILTER (<http://www.w3.org/2001/XMLSchema#decimal>(?a) > 1) }",
        "SELECT $this { $this cd:within ?a BIND (STR(?a) AS ?text) FILTER (?text > 'b') }",
    ],
)
def test_joined_query_is_allowed(query: str) -> None:
    assert query_findings(query, {"cd": ns.CD}) == []


def read(query: str) -> set[tuple[str, str, str]]:
    """What a query reads: the way, the predicate, and whether the way leads to the end of the triple."""
    reads = query_reads(query, {"cd": ns.CD})
    return {(str(r.way and r.way.n3()).replace(ns.CD, ""), local(r.predicate), "^"[: r.backwards]) for r in reads}


def local(predicate: object) -> str:
    return str(predicate).removeprefix(ns.CD)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("SELECT $this { ?a cd:p $this }", {("None", "p", "^")}),
        ("SELECT $this { ?b cd:q ?a . $this cd:p ?a }", {("None", "p", ""), ("<p>", "q", "^")}),
        (
            "SELECT $this { { $this cd:p ?a } UNION { ?a cd:q $this } ?a cd:r ?b }",
            {("None", "p", ""), ("None", "q", "^"), ("<p>|^<q>", "r", "")},
        ),
        (
            "SELECT $this { $this cd:p ?a OPTIONAL { ?a cd:q ?b } FILTER NOT EXISTS { ?c cd:r ?a . ?c cd:s ?d } }",
            {("None", "p", ""), ("<p>", "q", ""), ("<p>", "r", "^"), ("<p>/^<r>", "s", "")},
        ),
        ("SELECT $this { { $this cd:p ?a } UNION { BIND ($this AS ?b) } }", {("None", "p", "")}),
    ],
)
def test_what_a_query_reads(query: str, expected: set[tuple[str, str, str]]) -> None:
    assert query_findings(query, {"cd": ns.CD}) == []
    assert read(query) == expected


def test_shapes_that_cannot_be_traced_are_not_compiled() -> None:
    shapes = Graph().parse(data=HEAD + SOUND + "shape:Place sh:node shape:City .", format="turtle")
    with pytest.raises(CityKgError, match="may not refer to itself"):
        ChangeValidation(shapes)
