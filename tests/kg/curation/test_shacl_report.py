"""The report in Turtle is a validation report as SHACL 1.0 defines it, whatever is wrong."""

from __future__ import annotations

from pathlib import Path

import pyshacl
import pytest
from rdflib import RDF, RDFS, SH, BNode, Graph, Literal, Namespace, URIRef
from rdflib.collection import Collection

from kg import resources
from kg.curation.report import SubmissionReport
from kg.curation.validation import CurrentValidation
from kg.findings import Finding
from kg.rdf import namespaces as ns
from kg.shacl import project_shapes
from kg.submissions import SubmittedText, read
from tests.kg.curation.test_folding import FAULTS, PREFIXES, RIGHT

pytestmark = pytest.mark.drawn

HERE = Path(__file__).parent
SHAPE, EARL, PTR = (
    Namespace(ns.SHAPES),
    Namespace("http://www.w3.org/ns/earl#"),
    Namespace("http://www.w3.org/2009/pointers#"),
)
MANY_FAULTS = """city:york wgs84:lat 506.0 ; schema:sameAs "x"@fr ; cd:twinnedWith city:jinan .
theme:gastronomy a skos:Concept . twinning:x cd:twin city:leeds . statistic:x a cd:Statistic ; cd:value "5" .
membership:x a cd:Membership ; cd:member city:jinan ; cd:network network:c40 . <http://example.org/x> cd:about city:x .
account:x a cd:Account ; cd:accountOf membership:x ; cd:begin "1998" ; cd:statedIn source:geonames .
city:york skos:note "\\u202E"@en . passage:x a cd:Passage ; cd:order 1 . team:x skos:prefLabel "x"@en .
"""


def reported(validation: CurrentValidation, text: str, graph: str = "curated/test") -> SubmissionReport:
    return validation.report(read([SubmittedText((PREFIXES + text).encode(), "text/turtle")], ns.GRAPH + graph, "s"))


def in_turtle(report: SubmissionReport) -> Graph:
    return Graph().parse(data=report.as_turtle(), format="turtle")


def results_of(report: SubmissionReport) -> list[Finding]:
    return [finding for finding in report.findings if finding.focus]


def not_as_shacl_says(graph: Graph) -> str:
    shapes = Graph().parse(HERE / "validation-report.ttl")
    conforms, _, told = pyshacl.validate(graph, shacl_graph=shapes)
    return "" if conforms else str(told)


def test_every_report_is_one_as_shacl_says(validation: CurrentValidation) -> None:
    texts = [RIGHT, MANY_FAULTS, *(RIGHT.replace(*fault) for fault in FAULTS)]
    together, kinds = Graph(), set()
    for report in [reported(validation, text) for text in texts] + [reported(validation, RIGHT, "report/table-1")]:
        graph = in_turtle(report)
        assert len(list(graph.subjects(RDF.type, SH.ValidationReport))) == 1
        assert len(list(graph.subjects(RDF.type, SH.ValidationResult))) == len(results_of(report))
        kinds |= {finding.component or finding.step for finding in report.findings}
        together += graph
    assert not_as_shacl_says(together) == ""
    assert {"vocabulary", "policy", "evidence", "NodeConstraintComponent", "MinCountConstraintComponent"} <= kinds


def test_what_shacl_does_not_allow_is_found(validation: CurrentValidation) -> None:
    for spoil in (SH.focusNode, SH.sourceConstraintComponent, SH.resultSeverity, SH.conforms, PTR.reference):
        graph = in_turtle(reported(validation, MANY_FAULTS))
        assert not_as_shacl_says(graph) == ""
        graph.remove((None, spoil, None))
        assert spoil.rpartition("#")[2] in not_as_shacl_says(graph)


def test_a_warning_is_accepted_and_does_not_conform(validation: CurrentValidation) -> None:
    path = HERE / "graphs" / "wrong" / "twins-in-one-country.ttl"
    text = path.read_text(encoding="utf-8")
    for given, verdict in ((text, (False, True, True)), (RIGHT, (True, True, False))):
        graph = in_turtle(reported(validation, given))
        node = graph.value(None, RDF.type, SH.ValidationReport)
        said = (SH.conforms, SHAPE.accepted, SHAPE.needsAcknowledgement)
        assert tuple(bool(graph.value(node, name)) for name in said) == verdict


def test_who_says_otherwise_is_a_comment_on_a_report_that_conforms(validation: CurrentValidation) -> None:
    report = reported(validation, RIGHT)
    assert report.effects is not None
    messages = {english for english, _ in report.effects.messages()}
    assert any(message.startswith("Denied by Table 1: ") for message in messages)
    graph = in_turtle(report)
    node = graph.value(None, RDF.type, SH.ValidationReport)
    assert {str(text) for text in graph.objects(node, RDFS.comment) if text.language == "en"} == messages
    assert not_as_shacl_says(graph) == ""


def test_terms_are_what_was_sent(validation: CurrentValidation) -> None:
    graph = in_turtle(reported(validation, RIGHT.replace("status:current", "status:current ; cd:begin '1998'")))
    (result,) = graph.subjects(RDF.type, SH.ValidationResult)
    assert graph.value(result, SH.value) == Literal("1998")
    assert graph.value(result, SH.focusNode) == URIRef(ns.ID + "account/jinan-york")
    place = graph.value(result, EARL.pointer)
    assert [int(str(graph.value(place, name))) for name in (PTR.lineNumber, PTR.charNumber)] == [6, 73]


def test_a_path_of_several_steps_is_that_of_its_shape() -> None:
    shapes = project_shapes()
    longer = [shape for shape, path in shapes.subject_objects(SH.path) if isinstance(path, BNode)]
    named = [shape for shape in longer if isinstance(shape, URIRef)]
    assert named
    findings = [
        Finding(
            "shapes", "Warning", "M", "M", focus="city:x", shape=str(shape), component="MinCountConstraintComponent"
        )
        for shape in named
    ]
    graph = in_turtle(SubmissionReport(tuple(findings)))
    assert not_as_shacl_says(graph) == ""
    for result, shape in graph.subject_objects(SH.sourceShape):
        copy, original = graph.value(result, SH.resultPath), shapes.value(shape, SH.path)
        assert described(graph, copy) == described(shapes, original)


def described(graph: Graph, node: object) -> object:
    """What a path node says, without the names of its blank nodes."""
    if not isinstance(node, BNode):
        return node
    if (node, RDF.first, None) in graph:
        return [described(graph, member) for member in Collection(graph, node)]
    return {predicate: described(graph, value) for predicate, value in graph.predicate_objects(node)}


def test_what_the_reports_name_is_described() -> None:
    described = Graph().parse(resources.SHAPES / "gate.ttl")
    for name in (
        "VocabularyCheck",
        "PolicyCheck",
        "IdentityCheck",
        "EvidenceCheck",
        "accepted",
        "needsAcknowledgement",
    ):
        for said in (RDFS.label, RDFS.comment):
            assert {text.language for text in described.objects(SHAPE[name], said)} == {"en", "zh-Hans"}


def test_files_are_told_apart_and_what_is_about_no_node_is_a_comment() -> None:
    findings = [
        *(Finding("policy", "Violation", "M", "M", focus="city:x", file=name, line=1, column=2) for name in ("a", "b")),
        Finding("policy", "Violation", "There are 2 more of this kind.", "M"),
    ]
    graph = in_turtle(SubmissionReport(tuple(findings)))
    assert not_as_shacl_says(graph) == ""
    assert len(set(graph.objects(None, PTR.reference))) == 2
    node = graph.value(None, RDF.type, SH.ValidationReport)
    assert Literal("There are 2 more of this kind.", lang="en") in set(graph.objects(node, RDFS.comment))
