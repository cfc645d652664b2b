"""A concept that a curator has added and a later version of the files has, too: the build names it, nothing is lost."""

from __future__ import annotations

from pathlib import Path

import pytest
from pyoxigraph import NamedNode, Quad, RdfFormat, parse

from kg.building import build, sources, verify
from kg.building.contents import same_names
from kg.history import History, Record
from kg.history.chain import START
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.serialise import lines_of
from kg.rdf.vocabulary import CD
from kg.store import DataFolder
from tests.support.part import only, part_of_files
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

FESTIVAL = f"""
activity-kind:festival a skos:Concept ; skos:inScheme <{ns.VOCABULARY}activity-kind> ;
    skos:broader activity-kind:event ;
    skos:prefLabel "festival"@en , "节庆"@zh-Hans ;
    skos:definition "A celebration that comes back."@en , "定期举办的庆祝活动。"@zh-Hans """
SOURCE = """
source:fairs a cd:Source ; skos:prefLabel "List of fairs"@en ; dcterms:title "Fairs"@en ;
    dcterms:rights "not known"@en .
"""
BROUGHT = f"{SOURCE} {FESTIVAL}; dcterms:source source:fairs ."
USED = """
activity:light-night a cd:Activity ; cd:activityKind activity-kind:festival ; skos:prefLabel "Light Night"@en ;
    cd:participant city:leeds ; cd:statedIn source:fairs ; cd:says "Leeds lights up its centre."@en .
account:fairs--activity-light-night a cd:Account ; cd:accountOf activity:light-night ; cd:statedIn source:fairs .
"""


def quads(text: str, graph: str) -> list[Quad]:
    triples = parse(PREFIXES + text, RdfFormat.TURTLE)
    return [Quad(one.subject, one.predicate, one.object, NamedNode(ns.GRAPH + graph)) for one in triples]


def changes(*texts: str) -> list[Record]:
    """Return a history of changes that state these texts, each in a graph of its own."""
    records, previous = list[Record](), START
    for number, text in enumerate(texts, 1):
        fields = (f"id-{number}", "submit", f"Change {number}", "https://example.org/", "ann", "2026-11-28T00:00:00Z")
        added = lines_of(quads(text, f"curated/k{number}"))
        records.append(Record(number, *fields, added, ()).seal_after(previous))
        previous = records[-1].hash
    return records


def files_of_terms() -> list[Quad]:
    """Return a part of the files with all terms."""
    is_of_terms = (graphs.ONTOLOGY.value, graphs.SHAPES.value, graphs.VOCABULARIES)
    return [
        *part_of_files("city:leeds"),
        *(q for q in sources.load() if str(q.graph_name)[1:].startswith(is_of_terms)),
    ]


def test_the_build_names_the_change_and_what_uses_the_concept_stays(tmp_path: Path) -> None:
    folder, records = DataFolder(tmp_path / "data"), changes(BROUGHT, SOURCE + USED)
    History(folder.path).adopt(records)
    files = files_of_terms()
    with only(files):
        assert build(folder).withheld == ()
    with only([*files, *quads(f"{FESTIVAL} .", "vocabulary/activity-kind")]):
        (withheld,) = (summary := build(folder)).withheld
        assert withheld.record.number == 1
        assert "activity-kind:festival belongs to the files" in " ".join(withheld.reasons())
        assert summary.broken == ()
        activity = NamedNode(f"{ns.ID}activity/light-night")
        found = folder.open().quads_for_pattern(activity, CD.activityKind, None, NamedNode(f"{ns.GRAPH}curated/k2"))
        assert len(list(found)) == 1
        assert tuple(History(folder.path).records()) == tuple(records)
        assert [check.name for check in verify(folder) if not check.passed] == []


def test_the_build_names_a_concept_that_the_files_have_under_another_iri_and_nothing_is_lost(tmp_path: Path) -> None:
    folder, records = DataFolder(tmp_path / "data"), changes(BROUGHT, SOURCE + USED)
    History(folder.path).adopt(records)
    files = files_of_terms()
    with only(files):
        assert build(folder).same_names == ()
    released = FESTIVAL.replace("activity-kind:festival", "activity-kind:fair").replace('"festival"', '"Festival"')
    with only([*files, *quads(f"{released} .", "vocabulary/activity-kind")]):
        summary = build(folder)
    (found,) = {(one.curated, one.of_files) for one in summary.same_names}
    assert found == ("activity-kind:festival", "activity-kind:fair")
    assert "dcterms:isReplacedBy activity-kind:fair" in summary.same_names[0].line()
    assert (summary.withheld, summary.broken) == ((), ())
    kinds = folder.open().quads_for_pattern(NamedNode(f"{ns.ID}activity/light-night"), CD.activityKind, None, None)
    assert {str(quad.object) for quad in kinds} == {f"<{ns.VOCABULARY}activity-kind/festival>"}


def test_a_withdrawn_concept_is_not_named_again() -> None:
    of_files = quads(f"{FESTIVAL} .".replace(":festival", ":fair"), "vocabulary/activity-kind")
    brought = quads(BROUGHT, "curated/k1")
    assert same_names([*of_files, *brought])
    withdrawn = quads("activity-kind:festival owl:deprecated true .", "curated/k1")
    assert same_names([*of_files, *brought, *withdrawn]) == ()
    elsewhere = quads(f"{FESTIVAL} .".replace("activity-kind:festival", "theme:festival"), "vocabulary/theme")
    assert same_names([*elsewhere, *brought]) == ()
