"""Check queries at the gate: of what a change touches, what was not so before, each with its place.

That each finds its fault is told by the graphs of test_wrong_and_right_graphs.py.
"""

from __future__ import annotations

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, Store, parse

from kg.curation.check_queries import findings_in
from kg.findings import Finding
from kg.queries import check_queries
from kg.rdf import namespaces as ns
from kg.rdf.graphs import default_graph_once
from kg.submissions import SubmittedText, read
from tests.support.turtle import PREFIXES

FAR = "city:far a cd:City ; cd:within country:china ; wgs84:lat 53.5 ; wgs84:long 10.0 ."
CHINA = "country:china a cd:State ; wgs84:lat 32.5 ; wgs84:long 106.3 ."


@pytest.fixture
def store() -> Store:
    quads = [*parse(PREFIXES + f"graph:gazetteer {{ {CHINA} }} <{ns.GRAPH}curated/test> {{ {FAR} }}", RdfFormat.TRIG)]
    store = Store()
    store.extend([*quads, *default_graph_once(quads)])
    return store


def asked(store: Store, added: str = "", removed: str = "") -> list[Finding]:
    texts = {"added": added, "removed": removed}
    given = [SubmittedText((PREFIXES + text).encode(), "text/turtle", part) for part, text in texts.items() if text]
    found = findings_in(read(given, f"{ns.GRAPH}curated/test", "s"), store)
    return [finding for finding in found if finding.step == "checks"]


def test_a_finding_has_the_place_of_the_statement_the_thing_and_the_way_out(store: Store) -> None:
    (finding,) = asked(store, FAR.replace(":far", ":further").replace(" ; wgs84:lat", " ;\nwgs84:lat"))
    assert (finding.focus, finding.value, finding.severity) == ("city:further", "country:china", "Warning")
    assert (finding.line, finding.component) == (2, "place-far-from-its-country")
    assert finding.message_zh
    assert finding.hint


def test_what_was_so_before_is_not_told_again(store: Store) -> None:
    assert asked(store, "city:far skos:altLabel 'Far'@en .") == []
    assert asked(store, "city:near a cd:City ; cd:within country:china ; wgs84:lat 30.0 ; wgs84:long 110.0 .") == []


def test_what_a_removal_brings_about_is_told(store: Store) -> None:
    named = "finding:x a cd:Finding ; cd:about city:far ; cd:printedName 'Afar' . city:far skos:altLabel 'Afar'@en ."
    quads = [*parse(PREFIXES + named, RdfFormat.TURTLE)]
    store.extend(Quad(q.subject, q.predicate, q.object, NamedNode(ns.GRAPH + "curated/test")) for q in quads)
    assert asked(store, "finding:x cd:note 'Seen.'@en .") == []
    assert [f.component for f in asked(store, removed="finding:x cd:about city:far .")] == [
        "printed-name-not-identified"
    ]


def test_every_check_of_the_gate_says_all_that_a_finding_needs() -> None:
    gates = {check.name: check.gate for check in check_queries().values() if check.gate is not None}
    assert gates
    for name, gate in gates.items():
        assert gate.of in check_queries()[name].columns
        assert gate.severity in ("Violation", "Warning")
        assert gate.zh
        assert gate.hint
