"""Our own terms obey ontology-style.ttl, and each of its shapes fires on a bad term."""

from __future__ import annotations

import re

import pyshacl
import pytest
from rdflib import OWL, RDF, SH, SKOS, Graph, URIRef

from kg import resources
from kg.rdf.namespaces import PREFIXES

pytestmark = pytest.mark.drawn

OF_THE_REPORT = re.compile(
    r"(?<![:\w-])(?:[Ss]ection-\d|Box \d|[Ff]ootnotes? \d|[Ff]ootnote-\d)|\b[Tt]he report\b|\bour copy\b"
)
"""An IRI of a passage (`passage:section-1-p1`) may be an example."""
REPORT_PROFILE = URIRef("https://w3id.org/city-diplomacy/ontology/profiles/report")
BAD = """
cd:bare a owl:Class .
cd:gone a owl:ObjectProperty ; owl:deprecated true ; skos:changeNote "Gone."@en .
cd:TwoLabels a owl:ObjectProperty ; rdfs:label "a"@en , "b"@en , "c"@fr ;
  skos:definition "Long enough."@en ; rdfs:isDefinedBy cd:x .
<https://w3id.org/city-diplomacy/vocabulary/theme/Bad_One> a skos:Concept .
<http://example.org/Foreign> a owl:Class .
"""


@pytest.fixture(scope="module")
def shapes() -> Graph:
    return Graph().parse(resources.SHAPES / "ontology-style.ttl")


def findings(shapes: Graph, extra: str = "") -> set[tuple[str, str]]:
    graph = Graph()
    for pattern in ("*.ttl", "vocabularies/*.ttl", "alignments/*.ttl"):
        for path in resources.ONTOLOGY.glob(pattern):
            graph.parse(path)
    head = "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
    graph.parse(data=head + extra, format="turtle")
    _, report, _ = pyshacl.validate(graph, shacl_graph=shapes)
    return {
        (str(report.value(result, SH.focusNode)), str(report.value(result, SH.sourceShape)))
        for result in report.subjects(RDF.type, SH.ValidationResult)
    }


def test_our_terms_have_no_finding(shapes: Graph) -> None:
    assert findings(shapes) == set()


def test_each_shape_fires_on_a_bad_term_and_none_on_a_foreign_one(shapes: Graph) -> None:
    found = findings(shapes, BAD)
    fired = {shape for _, shape in found}
    assert {str(shape) for path in (SH.targetClass, SH.targetSubjectsOf) for shape in shapes.subjects(path)} <= fired
    assert not any("example.org" in focus for focus, _ in found)


def of_one_work(graph: Graph) -> list[str]:
    """Return the notes, definitions and examples that only readers of the report can understand."""
    return [
        f"{subject}: {text}"
        for predicate in (SKOS.scopeNote, SKOS.definition, SKOS.example)
        for subject, text in graph.subject_objects(predicate)
        if OF_THE_REPORT.search(str(text)) and (subject, OWL.deprecated, None) not in graph
    ]


def test_what_only_readers_of_the_report_understand_stands_in_its_profile() -> None:
    """Write it into ontology/profiles/report.ttl: see ontology/README.md on scope notes."""
    for path in [*resources.ONTOLOGY.glob("*.ttl"), *(resources.ONTOLOGY / "vocabularies").glob("*.ttl")]:
        assert of_one_work(Graph().parse(path)) == []
    profile = Graph().parse(resources.ONTOLOGY / "profiles" / "report.ttl")
    assert len(of_one_work(profile)) > 100
    assert set(profile.predicates(None, None)) - set(profile.predicates(REPORT_PROFILE, None)) == {SKOS.scopeNote}


def test_a_profile_speaks_of_our_terms_and_concepts_only() -> None:
    own = Graph()
    for path in [*resources.ONTOLOGY.glob("*.ttl"), *(resources.ONTOLOGY / "vocabularies").glob("*.ttl")]:
        own.parse(path)
    profile = Graph().parse(resources.ONTOLOGY / "profiles" / "report.ttl")
    assert set(profile.subjects(SKOS.scopeNote)) <= set(own.subjects(RDF.type))


@pytest.mark.parametrize("path", sorted((resources.ONTOLOGY / "examples").rglob("*.ttl")), ids=lambda p: p.stem)
def test_examples_use_declared_terms_only(path: object) -> None:
    declared = Graph()
    for source in resources.ONTOLOGY.glob("*.ttl"):
        declared.parse(source)
    used = {str(term) for triple in Graph().parse(str(path)) for term in triple if str(term).startswith(PREFIXES["cd"])}
    assert used
    assert used <= {str(term) for term in declared.subjects(RDF.type)}


def test_every_class_has_an_example() -> None:
    declared, shown = Graph(), Graph()
    for source in resources.ONTOLOGY.glob("*.ttl"):
        declared.parse(source)
    for source in (resources.ONTOLOGY / "examples").rglob("*.ttl"):
        shown.parse(source)
    query = """SELECT ?class {
      ?class a owl:Class . FILTER (STRSTARTS(STR(?class), STR(cd:)))
      MINUS { ?class owl:deprecated true }
    }"""
    classes = {str(row[0]) for row in declared.query(query, initNs=PREFIXES)}  # type: ignore[index]
    subclasses = declared.query("SELECT ?a ?b { ?a rdfs:subClassOf ?b FILTER ISIRI(?b) }", initNs=PREFIXES)
    used = {str(term) for term in shown.objects(None, RDF.type)}
    covered = used | {str(row[1]) for row in subclasses if str(row[0]) in used}  # type: ignore[index]
    follows_by_rule = {PREFIXES["cd"] + "ActualMembership"}
    assert classes - covered == follows_by_rule
