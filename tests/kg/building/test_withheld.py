"""A change of each kind that a less strict gate let pass is kept and named, does not count, and hinders nobody."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from kg.building import build, sources, verify
from kg.curation import CurationService, NothingToChangeError
from kg.curation.gate import Draft
from kg.history import History, Record
from kg.history.chain import START
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.serialise import lines_of
from kg.store import DataFolder
from kg.submissions import Submission, SubmittedText, read
from tests.server.curation.test_curators_day import SOURCE
from tests.support.part import only, part_of_files
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

GRAPHS = Path(__file__).parent.parent / "curation" / "graphs" / "wrong"

STRICTER = {
    "finding-that-is-a-person": "cannot be both cd:Finding and cd:Person",
    "circle-of-groups": "cd:subgroupOf leads from",
    "group-in-itself": "cd:groupMember leads from",
    "association-in-a-group-of-cities": "does not belong to group:north-4",
    "theme-above-itself": "skos:broader leads from",
    "compared-with-itself": "shape:Comparison-compared",
    "effect-on-itself": "shape:Effect-cause",
    "mediator-with-itself": "shape:Mediation-mediator",
    "mediator-as-funder": "shape:Mediation-roleBetween",
    "amount-of-twins": "shape:Account-amount",
    "official-membership": "shape:StandingAccount-accountOf",
    "suspended-before-it-began": "shape:StatusAccount",
}
"""Graphs that a gate let pass which was less strict than the ontology, each with what is said of it by now."""


def let_pass(names: Iterable[str]) -> list[Record]:
    """Return changes that state these graphs, one each."""
    records, previous = list[Record](), START
    for number, name in enumerate(names, 1):
        text = (GRAPHS / f"{name}.ttl").read_bytes().replace(b"group:north", b"group:north-%d" % number)
        quads = read([SubmittedText(text, "text/turtle")], f"{ns.GRAPH}curated/k{number}", "s").change.added
        fields = (f"id-{number}", "submit", name, "https://example.org/", "ann", "2026-11-28T00:00:00Z")
        records.append(Record(number, *fields, lines_of(quads), ()).seal_after(previous))
        previous = records[-1].hash
    return records


def test_what_a_less_strict_gate_let_pass_is_kept_and_named_and_does_not_count(tmp_path: Path) -> None:
    """One change of each kind; what comes after them is judged without them."""
    folder, records = DataFolder(tmp_path / "data"), let_pass(STRICTER)
    History(folder.path).adopt(records)
    terms = [quad for quad in sources.load() if quad.graph_name == graphs.ONTOLOGY]
    with only([*part_of_files("city:leeds", "organisation:cpaffc", "role:funder"), *terms]):
        summary = build(folder)
        assert summary.build.changes == len(STRICTER)
        told = {broken.record.summary: " ".join(broken.reasons()) for broken in summary.withheld}
        assert [name for name, words in STRICTER.items() if words not in told.get(name, "")] == []
        assert summary.broken == ()
        stated = [quad for quad in folder.open() if graphs.is_curated(getattr(quad.graph_name, "value", ""))]
        united = {quad.triple for quad in folder.open().quads_for_pattern(None, None, None, DefaultGraph())}
        of_files = {quad.triple for quad in sources.load()}
        assert stated == []
        for record in records:
            brought = {quad.triple for quad in record.added_quads()} - of_files
            assert brought
            assert united.isdisjoint(brought)
        assert tuple(History(folder.path).records()) == tuple(records)
        with CurationService(folder) as curation:
            for record in records:
                with pytest.raises(NothingToChangeError, match=f"Change {record.number} does not count in the graph"):
                    curation.undo(record.number, f"back-{record.number}", agent="bob", summary="x", acknowledged=True)
            later = named_otherwise("Loidis")
            made = curation.gate.commit(Draft("later", "submit", Submission(later), "x", "https://example.org/", "ann"))
            assert made.number == len(STRICTER) + 1
            back = curation.undo(made.number, "back", agent="bob", summary="Not so", acknowledged=False)
            assert back.removed_quads() == later.added
        assert [check.name for check in verify(folder) if not check.passed] == []
        assert folder.require_build().withheld == summary.build.withheld
        assert {one.change for one in build(folder).build.withheld} == {record.number for record in records}


def named_otherwise(name: str) -> Change:
    """Return a change that conforms."""
    leeds, label = NamedNode(ns.ID + "city/leeds"), NamedNode("http://www.w3.org/2004/02/skos/core#altLabel")
    return Change.of([Quad(leeds, label, Literal(name, language="en"), NamedNode(f"{ns.GRAPH}curated/later"))])


def test_what_was_withdrawn_stays_withdrawn_in_the_next_build(tmp_path: Path) -> None:
    """A withdrawal leaves marks of a thing without a type, which the files do not have either."""
    text = PREFIXES + SOURCE
    marks = 'source:council-list owl:deprecated true ; skos:changeNote "Misread."@en ; cd:withoutSuccessor true .'
    stated, left = (
        read([SubmittedText(one.encode(), "text/turtle")], f"{ns.GRAPH}curated/k", "s").change.added
        for one in (text, PREFIXES + marks)
    )
    fields = ("submit", "x", "https://example.org/", "ann", "2026-11-28T00:00:00Z")
    first = Record(1, "id-1", *fields, lines_of(stated), ()).seal_after(START)
    second = Record(2, "id-2", *fields, lines_of(left), lines_of(stated)).seal_after(first.hash)
    folder = DataFolder(tmp_path / "data")
    History(folder.path).adopt([first, second])
    terms = [quad for quad in sources.load() if quad.graph_name == graphs.ONTOLOGY]
    with only([*part_of_files("city:leeds"), *terms]):
        summary = build(folder)
    assert [" ".join(one.reasons()) for one in summary.withheld] == []
    assert left <= set(folder.open())
