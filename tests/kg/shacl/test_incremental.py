"""What the verdict on a change says, by examples, and what a change may not be."""

from __future__ import annotations

from collections import Counter
from functools import cache
from pathlib import Path

import pytest
import rdflib
from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, Triple, parse
from rdflib import SH, Graph, URIRef

from kg.errors import CityKgError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.rdflib_bridge import as_graph, to_engine, to_rdflib
from kg.rdf.vocabulary import CD, RDF, SCHEMA, SKOS
from kg.shacl import full, incremental
from kg.shacl.data_graph import BudgetedDataGraph, DataGraph, DataGraphChange, OverBudgetError, Overlay
from kg.shacl.full import data_quads, project_shapes, validate_quads
from kg.shacl.incremental import ChangeValidation
from kg.shacl.ledger import Ledger, ValidationResult
from kg.shacl.report import FEW_LEFT, MOST_MEMBERS, allowed_values, suggest_value, to_findings

SHAPES = """
@prefix sh: <http://www.w3.org/ns/shacl#> .
@prefix : <urn:> .
:Twinning sh:targetClass :Twinning ; sh:property :Twinning-twin .
:Twinning-twin a sh:PropertyShape ; sh:path :twin ; sh:minCount 2 ; sh:class :City ;
    sh:message "Name two cities."@en , "请指明两个城市。"@zh-Hans .
:City sh:targetClass :City ; sh:property :City-name .
:City-name a sh:PropertyShape ; sh:path :name ; sh:minCount 1 ; sh:severity sh:Warning ; sh:message "Name it."@en .
"""
WORLD = """
@prefix : <urn:> .
@prefix graph: <https://w3id.org/city-diplomacy/graph/> .
graph:one { :leeds a :City ; :name "Leeds" . :hangzhou a :City . :pair a :Twinning ; :twin :leeds , :hangzhou . }
graph:two { :leeds a :City . }
graph:inferred { :london a :City . }
"""
SHAPES_GRAPH = as_graph(parse(SHAPES, RdfFormat.TURTLE))
VALIDATION = ChangeValidation(SHAPES_GRAPH)


def world() -> Store:
    store = Store()
    store.load(WORLD.encode(), RdfFormat.TRIG)
    store.add(Quad(NamedNode("urn:london"), RDF.type, NamedNode("urn:City"), DefaultGraph()))
    return store


def quad(subject: str, predicate: str, value: str | Literal, graph: str = "one") -> Quad:
    term = value if isinstance(value, Literal) else NamedNode(f"urn:{value}")
    kind = RDF.type if predicate == "a" else NamedNode(f"urn:{predicate}")
    return Quad(NamedNode(f"urn:{subject}"), kind, term, NamedNode(ns.GRAPH + graph))


def told(findings: object) -> set[tuple[str, str]]:
    return {(str(finding.focus), finding.component) for finding in findings}  # type: ignore[attr-defined]


def test_the_ledger_holds_what_stands_without_what_was_inferred() -> None:
    assert told(VALIDATION.full_ledger(world())) == {("urn:hangzhou", "MinCountConstraintComponent")}


def test_new_standing_and_mended_are_told_apart() -> None:
    store = world()
    ledger = VALIDATION.full_ledger(store)
    change = Change.of([quad("hangzhou", "name", Literal("Hangzhou")), quad("bath", "a", "City")])
    verdict = VALIDATION.verdict(store, ledger, change)
    assert told(verdict.new) == {("urn:bath", "MinCountConstraintComponent")}
    assert told(verdict.fixed) == {("urn:hangzhou", "MinCountConstraintComponent")}
    assert list(verdict.existing()) == []
    assert verdict.conforms
    unrelated = VALIDATION.verdict(store, ledger, Change.of([quad("leeds", "name", Literal("Leodis"))]))
    assert told(unrelated.existing()) == {("urn:hangzhou", "MinCountConstraintComponent")}
    assert unrelated.new == unrelated.fixed == ()


def test_a_change_can_break_a_node_that_it_does_not_name() -> None:
    store = world()
    both = [quad("leeds", "a", "City"), quad("leeds", "a", "City", "two")]
    verdict = VALIDATION.verdict(store, VALIDATION.full_ledger(store), Change.of(removed=both))
    assert told(verdict.new) == {("urn:pair", "ClassConstraintComponent")}
    assert not verdict.conforms


def test_what_another_graph_still_states_is_not_lost() -> None:
    store = world()
    for graph in ("one", "two"):
        change = Change.of(removed=[quad("leeds", "a", "City", graph)])
        assert not DataGraphChange.of(change, store).removed
        assert VALIDATION.verdict(store, VALIDATION.full_ledger(store), change).new == ()


def test_graphs_that_are_not_validated_have_no_say() -> None:
    store = world()
    for graph in ("inferred", "alignments/org", "history", "shapes", "ontology"):
        effect = DataGraphChange.of(Change.of([quad("bath", "a", "City", graph)]), store)
        assert not effect.added
        assert not effect.removed


def test_of_a_vocabulary_it_counts_which_concepts_there_are_and_what_they_are() -> None:
    theme = NamedNode(ns.VOCABULARY + "theme/night-life")
    about = {
        RDF.type: SKOS.Concept,
        SKOS.inScheme: NamedNode(ns.VOCABULARY + "theme"),
        SKOS.prefLabel: Literal("night life", language="en"),
        SKOS.definition: Literal("Going out.", language="en"),
        SKOS.scopeNote: Literal("Box 1.", language="en"),
        SKOS.broader: NamedNode(ns.VOCABULARY + "theme/culture"),
    }
    change = Change.of([Quad(theme, said, value, graphs.scheme_graph("theme")) for said, value in about.items()])
    effect = DataGraphChange.of(change, world())
    assert {predicate for _, predicate, _ in effect.added} == {to_rdflib(said) for said in [*about][:4]}


def test_what_is_moved_between_graphs_has_no_effect() -> None:
    change = Change.of([quad("pair", "a", "Twinning", "two")], [quad("pair", "a", "Twinning")])
    effect = DataGraphChange.of(change, world())
    assert not effect.added
    assert not effect.removed


def test_what_is_both_added_and_removed_is_there_afterwards() -> None:
    there, new = quad("pair", "a", "Twinning"), quad("other", "a", "Twinning")
    effect = DataGraphChange.of(Change.of([there, new], [there, new]), world())
    assert effect.removed == frozenset()
    assert effect.added == {(URIRef("urn:other"), to_rdflib(RDF.type), URIRef("urn:Twinning"))}


def test_a_change_is_taken_as_the_engine_stores_it() -> None:
    decimal = NamedNode(ns.PREFIXES["xsd"] + "decimal")
    store = world()
    store.add(quad("leeds", "lat", Literal("53.80", datatype=decimal)))
    change = Change.of(removed=[quad("leeds", "lat", Literal("53.8000", datatype=decimal))])
    assert len(DataGraphChange.of(change, store).removed) == 1


def test_over_the_budget_everything_is_validated_with_the_same_verdict() -> None:
    store = world()
    ledger = VALIDATION.full_ledger(store)
    change = Change.of([quad("bath", "a", "City")], [quad("pair", "twin", "leeds")])
    whole, part = VALIDATION.verdict(store, ledger, change, budget=1), VALIDATION.verdict(store, ledger, change)
    assert whole.in_full
    assert not part.in_full
    assert set(whole.new) == set(part.new) != set()
    assert whole.ledger == part.ledger


def test_so_it_is_for_a_change_of_many_quads(monkeypatch: pytest.MonkeyPatch) -> None:
    store = world()
    ledger = VALIDATION.full_ledger(store)
    both = [quad("leeds", "a", "City"), quad("bath", "a", "City")]
    change = Change.of(both, [quad("pair", "twin", "leeds"), both[0]])
    part = VALIDATION.verdict(store, ledger, change)
    monkeypatch.setattr(incremental, "LARGE", len(change.added) + len(change.removed))
    whole = VALIDATION.verdict(store, ledger, change)
    assert (whole.in_full, part.in_full) == (True, False)
    assert whole.ledger == part.ledger
    assert set(whole.new) == set(part.new) != set()


def test_the_budget_counts_triples_and_repeated_questions_once() -> None:
    anything = (None, None, None)
    stated = BudgetedDataGraph(world(), 6)
    assert len(list(stated.match(anything))) == len(list(stated.match(anything))) == 6
    with pytest.raises(OverBudgetError):
        list(BudgetedDataGraph(world(), 5).match(anything))


def test_the_ledger_survives_being_written() -> None:
    store = world()
    ledger = VALIDATION.full_ledger(store)
    change = Change.of(
        [
            quad("pair", "twin", "nowhere"),
            Quad(NamedNode("urn:pair"), NamedNode("urn:twin"), Literal(0), NamedNode(ns.GRAPH + "one")),
        ]
    )
    broken = VALIDATION.verdict(store, ledger, change).ledger
    read = Ledger.from_json(broken.to_json())
    assert read.rows() == broken.rows()
    assert {pair: Counter(found) for pair, found in read.findings.items()} == {
        pair: Counter(found) for pair, found in broken.findings.items()
    }
    assert {finding.messages for finding in read} == {finding.messages for finding in broken}


@pytest.mark.parametrize(
    ("unfit", "problem"),
    [
        (Quad(NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:c"), DefaultGraph()), "outside any named graph"),
        (Quad(BlankNode("a"), NamedNode("urn:b"), NamedNode("urn:c"), NamedNode("urn:g")), "blank node"),
        (Quad(NamedNode("urn:a"), NamedNode("urn:b"), BlankNode("c"), NamedNode("urn:g")), "blank node"),
        (
            Quad(
                NamedNode("urn:a"),
                NamedNode("urn:b"),
                Triple(NamedNode("urn:a"), NamedNode("urn:b"), NamedNode("urn:c")),
                NamedNode("urn:g"),
            ),
            "triple term",
        ),
    ],
)
def test_unfit_changes_are_refused(unfit: Quad, problem: str) -> None:
    with pytest.raises(CityKgError, match=problem) as refused:
        Change.of([unfit])
    assert refused.value.hint
    with pytest.raises(CityKgError, match=problem):
        Change.of(removed=[unfit])


def test_an_overlay_reads_like_the_graph_it_stands_for() -> None:
    store = world()
    gone, new = quad("leeds", "name", Literal("Leeds")), quad("leeds", "name", Literal(0))
    effect = DataGraphChange.of(Change.of([new], [gone]), store)
    overlay = Overlay(DataGraph(store), effect.added, effect.removed)
    quads = {found for found in store if found.graph_name != DefaultGraph()} - {gone} | {new}
    plain = as_graph(data_quads(quads))
    for pattern in [
        (None, None, None),
        *((s, None, None) for s, _, _ in plain),
        *((None, None, o) for _, _, o in plain),
    ]:
        assert sorted(overlay.triples(pattern)) == sorted(plain.triples(pattern))
    query = "SELECT ?s ?o { ?s <urn:twin> ?o } ORDER BY ?o"
    assert list(overlay.query(query)) == list(plain.query(query)) != []


def test_what_the_engine_adds_to_an_answer_on_disk_is_passed_over(tmp_path: Path) -> None:
    """It takes 256 to 510 for 255; a triple of 255 is not stated because one of 256 is."""
    store = Store(str(tmp_path))
    store.bulk_extend(quad("leeds", "order", Literal(number)) for number in range(256, 260))
    value = to_rdflib(Literal(255))
    assert list(DataGraph(store).match((None, URIRef("urn:order"), value))) == []
    assert len(DataGraphChange.of(Change.of([quad("leeds", "order", Literal(255))]), store).added) == 1
    store.add(quad("leeds", "order", Literal(255)))
    assert list(DataGraph(store).match((None, None, value))) == [(URIRef("urn:leeds"), URIRef("urn:order"), value)]
    assert len(DataGraphChange.of(Change.of(removed=[quad("leeds", "order", Literal(255))]), store).removed) == 1


@pytest.mark.parametrize(
    "literal",
    [
        Literal("2012-01-01T00:00:00Z", datatype=NamedNode(ns.PREFIXES["xsd"] + "dateTime")),
        Literal("0A", datatype=NamedNode(ns.PREFIXES["xsd"] + "hexBinary")),
        Literal("x", language="zh-hans"),
        Literal(""),
        Literal("1.0", datatype=NamedNode("urn:own")),
    ],
)
def test_literals_are_the_same_after_a_round_trip(literal: Literal) -> None:
    assert to_engine(to_rdflib(literal)) == literal


def test_a_finding_in_words_says_what_would_be_allowed() -> None:
    store = world()
    verdict = VALIDATION.verdict(store, VALIDATION.full_ledger(store), Change.of([quad("pair", "twin", "bath")]))
    (finding,) = verdict.new
    (result,) = to_findings([finding], SHAPES_GRAPH)
    assert (result.message, result.message_zh) == ("Name two cities.", "请指明两个城市。")
    assert (result.focus, result.path, result.value) == ("urn:pair", "urn:twin", "urn:bath")
    assert result.hint == "a node of class urn:City"


@pytest.mark.parametrize(
    ("shape", "component", "expected"),
    [
        ("Statistic-value", "LessThanOrEquals", "no more than cd:upperValue"),
        ("Any-prefLabel", "QualifiedMinCount", "at least 1 of: text in en"),
        ("Interpretation-reason", "LanguageIn", "text in en or zh-Hans"),
        ("Any-says", "UniqueLang", "one for each language"),
        ("StatementReference-object", "NodeKind", "an IRI or a literal"),
        ("Disagreement-disagreementKind", "Node", "one of disagreement-kind:"),
        ("Twinning-otherTwinning", "SPARQL", ""),
    ],
)
def test_what_would_be_allowed_by_our_shapes(shape: str, component: str, expected: str) -> None:
    assert allowed_values(project_shapes(), ns.SHAPES + shape, f"{component}ConstraintComponent").startswith(expected)


@pytest.mark.parametrize(
    ("shape", "component"), [("Dated", "Or"), ("Statistic", "Or"), ("Source", "Or"), ("Membership-role", "Node")]
)
def test_what_only_the_message_can_say_has_no_hint(shape: str, component: str) -> None:
    assert allowed_values(project_shapes(), ns.SHAPES + shape, f"{component}ConstraintComponent") == ""


def test_a_list_is_not_cut_for_the_sake_of_a_few() -> None:
    hints = {}
    for many in (MOST_MEMBERS, MOST_MEMBERS + FEW_LEFT, MOST_MEMBERS + FEW_LEFT + 1):
        members = " ".join(f":m{number}" for number in range(many))
        shapes = Graph().parse(data=f"@prefix : <urn:> . :S <{SH['in']}> ( {members} ) .")
        hints[many] = allowed_values(shapes, "urn:S", "InConstraintComponent")
    assert [hint.count("urn:m") for hint in hints.values()] == [MOST_MEMBERS, MOST_MEMBERS + FEW_LEFT, MOST_MEMBERS]
    assert hints[MOST_MEMBERS + FEW_LEFT + 1].endswith(f", {FEW_LEFT + 1} others")


def test_of_an_open_scheme_no_list_is_told() -> None:
    themes = allowed_values(project_shapes(), ns.SHAPES + "Any-theme", "NodeConstraintComponent")
    assert themes == "a concept of the vocabulary theme"


@pytest.mark.parametrize(
    ("text", "datatype", "shape", "path", "hint"),
    [
        ("1998", "string", "Any-begin", "begin", '"1998"^^xsd:gYear'),
        ("1998", "integer", "Any-end", "end", '"1998"^^xsd:gYear'),
        ("1998-12", "string", "Any-begin", "begin", '"1998-12"^^xsd:gYearMonth'),
        ("1998-12-31", "string", "Any-beginEarliest", "beginEarliest", '"1998-12-31"^^xsd:date'),
        ("5", "string", "Statistic-value", "value", '"5"^^xsd:integer'),
        ("81.5", "string", "Statistic-value", "value", '"81.5"^^xsd:decimal'),
        ("1998", "gYear", "Any-beginEarliest", "beginEarliest", "a literal of xsd:date"),
        (
            "1998-13",
            "string",
            "Any-begin",
            "begin",
            "a literal of xsd:gYear or a literal of",
        ),
    ],
)
def test_a_literal_of_the_wrong_datatype_is_written_out(
    text: str, datatype: str, shape: str, path: str, hint: str
) -> None:
    shapes = project_shapes()
    source = ns.SHAPES + shape
    component = ("Datatype" if (URIRef(source), SH.datatype, None) in shapes else "Node") + "ConstraintComponent"
    value = rdflib.Literal(text, datatype=rdflib.XSD[datatype], normalize=False)
    found = ValidationResult(source, URIRef("urn:s"), URIRef(ns.CD + path), value, "Violation", component, ())
    told = suggest_value(shapes, found, allowed_values(shapes, source, component))
    assert told.startswith(hint)
    assert "xsd:string" not in told


def test_an_address_of_an_authority_is_written_out() -> None:
    source, component = ns.SHAPES + "Any-sameAs", "PatternConstraintComponent"
    told = allowed_values(project_shapes(), source, component)
    assert told.startswith("an address of Wikidata, GeoNames, ")
    for address, hint in {
        "https://www.wikidata.org/wiki/Q84": "<http://www.wikidata.org/entity/Q84>",
        "https://example.org/leeds": told,
    }.items():
        same_as = to_rdflib(SCHEMA.sameAs)
        found = ValidationResult(source, URIRef("urn:s"), same_as, URIRef(address), "Violation", component, ())
        assert suggest_value(project_shapes(), found, told) == hint


@pytest.mark.parametrize("name", "class datatype in minCount maxCount pattern nodeKind languageIn".split())
def test_every_named_shape_says_what_would_be_allowed(name: str) -> None:
    shapes = project_shapes()
    named = [shape for shape in shapes.subjects(SH[name], None) if isinstance(shape, URIRef)]
    assert named
    for shape in named:
        assert allowed_values(shapes, str(shape), f"{name[0].upper()}{name[1:]}ConstraintComponent"), shape


def test_full_validation_reports_in_the_same_words() -> None:
    quads = [found for found in world() if found.graph_name != DefaultGraph()]
    (result,) = validate_quads(quads, SHAPES_GRAPH, []).results
    assert (result.severity, result.focus, result.hint) == ("Warning", "urn:hangzhou", "at least 1")


def test_a_build_looks_whether_the_shapes_of_the_project_can_be_traced(monkeypatch: pytest.MonkeyPatch) -> None:
    looked: list[Graph] = []
    monkeypatch.setattr(full, "require_traceable", looked.append)
    monkeypatch.setattr(full, "_require_traceable_project", cache(full._require_traceable_project.__wrapped__))
    validation = ChangeValidation()
    assert looked == []
    validation.full_ledger(Store()), validate_quads([])
    assert looked == [project_shapes()]


def test_a_query_is_read_when_a_predicate_that_it_names_is_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    read: list[str] = []
    whole = incremental.query_reads
    monkeypatch.setattr(incremental, "query_reads", lambda text, prefixes: read.append(text) or whole(text, prefixes))
    found = incremental.Footprints(project_shapes())
    assert found.of(URIRef(RDF.type.value))
    assert read == []
    assert found.of(URIRef(CD.uncheckedIdentifier.value))
    assert len(read) == 1


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("$this x:end ?y", True),
        ("$this x:other ?y", False),
        ("$this <urn:a#end> ?y", True),
        (r"$this x:e\u006Ed ?y", True),
        ("PREFIX y: <urn:a> SELECT $this { $this y:end ?y }", True),
    ],
)
def test_a_query_names_what_it_can_read(text: str, names: bool) -> None:
    query = incremental._Query(None, text, (("x", "urn:a#"),))
    assert query.names(URIRef("urn:a#end")) == names
    assert incremental._Query(None, f"{text} . ?y a ?z", query.prefixes).names(URIRef(RDF.type.value))


def test_all_that_the_queries_of_the_project_read_they_name() -> None:
    queries = incremental.Footprints(project_shapes())._queries
    assert queries
    for query in queries:
        assert all(query.names(read.predicate) for read in query.reads())
