from collections.abc import Callable, Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, Quad

from kg.building import build_if_needed, conformance, pipeline, sources
from kg.building.conformance import Exemptions
from kg.building.contents import replay
from kg.curation import CurationService
from kg.curation.gate import Draft, Gate
from kg.curation.refusals import NothingToChangeError
from kg.errors import NotConformingError
from kg.history.chain import START, History, Record
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.serialise import lines_of
from kg.store.data_folder import DataFolder
from tests.support.damage import failures
from tests.support.part import loaded
from tests.support.turtle import node

pytestmark = pytest.mark.drawn

Commit = Callable[[Gate, int], Record]
Renewed = Callable[[int], Change]
Drafted = Callable[[Change, str, str], Draft]

QUADS = [
    Quad(NamedNode(f"http://s{n}"), NamedNode("http://p"), NamedNode("http://o"), NamedNode("http://g"))
    for n in range(6)
]
some = st.frozensets(st.sampled_from(QUADS))


def record(number: int, added: frozenset[Quad], removed: frozenset[Quad]) -> Record:
    return Record(number, f"{number}", "submit", "s", "http://s", "ann", "now", lines_of(added), lines_of(removed))


@given(some, some, st.lists(st.tuples(some, some), max_size=5))
def test_the_last_change_of_a_quad_decides_and_without_one_the_files_do(
    files: frozenset[Quad], other_files: frozenset[Quad], changes: list[tuple[frozenset[Quad], frozenset[Quad]]]
) -> None:
    """Whatever the files state by now: a quad that a change added and they have, or removed and they lack."""
    records = [record(number, *change) for number, change in enumerate(changes, 1)]
    touched = frozenset().union(*(added | removed for added, removed in changes))
    stated = {
        quad
        for quad in QUADS
        if any(quad in added | removed for added, removed in changes)
        and [quad in added for added, removed in changes if quad in added | removed][-1]
    }
    for these in (files, other_files):
        assert set(replay(these, records)) == stated | (these - touched)


def with_other_files(monkeypatch: pytest.MonkeyPatch, quads: list[Quad]) -> None:
    monkeypatch.setattr(sources, "load_files", lambda works=(): loaded(quads))
    monkeypatch.setattr(sources, "fingerprint", lambda works=(): f"{len(quads)}")


def quad(subject: str, predicate: str, value: str, graph: str) -> Quad:
    return Quad(node(subject), node(predicate), node(value), NamedNode(ns.GRAPH + graph))


def test_a_build_of_other_files_has_the_changes_upon_them(
    small: DataFolder, commit: Commit, renewed: Renewed, few_files: list[Quad], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gate(small) as gate:
        for year in (2001, 2002):
            commit(gate, year)
        gate.commit(gate.undo_draft(1, "back", "bob", "Never was"))
        before = gate.build
    more = quad("city:leeds", "cd:within", "country:united-kingdom", "gazetteer")
    with_other_files(monkeypatch, [*few_files, more])
    summary = build_if_needed(small)
    assert summary is not None
    assert (summary.build.changes, summary.build.name != before.name) == (3, True)
    store = small.open()
    assert more in store
    assert all(stated in store for stated in renewed(2002).added)
    assert not any(stated in store for stated in renewed(2001).added)
    assert failures(small) == []
    with Gate(small) as gate:
        assert commit(gate, 2003).number == 4
        assert commit(gate, 2002).number == 2  # the same draft is still the same change
    assert failures(small) == []


def test_a_change_that_no_longer_conforms_does_not_count_and_is_named_with_its_quads_and_shapes(
    small: DataFolder, commit: Commit, renewed: Renewed, few_files: list[Quad], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gate(small) as gate:
        for year in (2001, 2002):
            commit(gate, year)
    third_party = quad("twinning:beijing-london-2002", "cd:twin", "city:leeds", "report/table-1")
    with_other_files(monkeypatch, [*few_files, third_party])
    summary = build_if_needed(small)
    assert summary is not None
    assert [broken.record.number for broken in summary.withheld] == [2]
    said = "\n".join(summary.withheld[0].lines(withheld=True))
    assert "Change 2, 'Renewed in 2002' by ann, no longer conforms and does not count in the graph" in said
    assert f"+ <{ns.ID}twinning/beijing-london-2002> <{ns.CD}twin> <{ns.ID}city/london>" in said
    assert "shape:" in said.partition("break:")[2]
    assert "citykg exempt 2" in said
    assert not any(stated in small.open() for stated in renewed(2002).added)
    assert failures(small) == []
    with Gate(small) as gate, pytest.raises(NothingToChangeError):
        gate.commit(gate.undo_draft(2, "back", "bob", "There are three of them"))
    with_other_files(monkeypatch, few_files)  # which it had been made upon
    assert pipeline.build(small).withheld == ()
    assert all(stated in small.open() for stated in renewed(2002).added)
    assert failures(small) == []


def record_of(number: int, added: Iterable[Quad], previous: str) -> Record:
    fields = (f"id-{number}", "submit", f"Change {number}", "https://example.org/", "ann", "2026-11-28T00:00:00Z")
    return Record(number, *fields, lines_of(added), ()).seal_after(previous)


def test_what_needs_a_withheld_change_is_withheld_and_what_conforms_without_it_counts(
    small: DataFolder, renewed: Renewed
) -> None:
    """The second change has another name of what the first one names; the third has its source from the first."""
    graph, twinning, source = "curated/test", "twinning:beijing-london-2001", "source:lost"
    label = node("skos:prefLabel")
    first = [
        *(one for one in renewed(2001).added if one.predicate != label),
        Quad(node(twinning), label, Literal("Another name", language="en"), NamedNode(ns.GRAPH + graph)),
        quad(twinning, "cd:twin", "city:leeds", graph),
        quad(source, "rdf:type", "cd:Source", graph),
        Quad(node(source), label, Literal("A list", language="en"), NamedNode(ns.GRAPH + graph)),
        Quad(node(source), node("dcterms:title"), Literal("A list", language="en"), NamedNode(ns.GRAPH + graph)),
        Quad(node(source), node("dcterms:rights"), Literal("not known", language="en"), NamedNode(ns.GRAPH + graph)),
    ]
    third = [
        Quad(one.subject, one.predicate, node(source), one.graph_name) if one.predicate == node("cd:statedIn") else one
        for one in renewed(2003).added
    ]
    records, previous = list[Record](), START
    for number, added in enumerate((first, renewed(2001).added, third), 1):
        records.append(record_of(number, added, previous))
        previous = records[-1].hash
    History(small.path).adopt(records)
    everything = conformance.choose_withheld(sources.load(), records, {1, 2, 3}).remaining.broken
    assert [broken.record.number for broken in everything] == [1, 2]  # if all of them counted
    summary = pipeline.build(small)
    assert [broken.record.number for broken in summary.withheld] == [1, 3]
    assert all(stated in small.open() for stated in renewed(2001).added)
    assert failures(small) == []


def test_a_withheld_change_has_no_say_over_what_another_one_stated(
    small: DataFolder, renewed: Renewed, drafted: Drafted, few_files: list[Quad], monkeypatch: pytest.MonkeyPatch
) -> None:
    city = node("city:london")
    note = Quad(city, node("skos:note"), Literal("Since spring.", language="en"), NamedNode(f"{ns.GRAPH}curated/test"))
    with Gate(small) as gate:
        gate.commit(drafted(Change.of([note]), "one", "Noted"))
        gate.commit(drafted(Change.of(renewed(2002).added, [note]), "two", "Renewed, and no note"))
    third_party = quad("twinning:beijing-london-2002", "cd:twin", "city:leeds", "report/table-1")
    with_other_files(monkeypatch, [*few_files, third_party])
    assert pipeline.build(small).build.withheld_numbers == {2}
    assert note in small.open()
    with CurationService(small) as curation:
        made = curation.undo(1, "back", agent="bob", summary="Never was", acknowledged=False)
        assert made.removed_quads() == {note}
        assert curation.skipped_json(made) == []
    assert note not in small.open()
    assert failures(small) == []


def test_a_change_that_was_exempted_is_named_no_longer(
    small: DataFolder, commit: Commit, few_files: list[Quad], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
    third_party = quad("twinning:beijing-london-2001", "cd:twin", "city:leeds", "report/table-1")
    with_other_files(monkeypatch, [*few_files, third_party])
    (broken,) = pipeline.build(small).withheld
    Exemptions(small.path).add(broken, "rita", "They were three")
    summary = pipeline.build(small)
    assert (summary.withheld, summary.broken) == ((), ())
    assert failures(small) == []
    with Gate(small) as gate:  # what follows is judged by itself
        assert commit(gate, 2003).number == 2


def test_violations_of_the_files_alone_are_not_laid_at_a_change(
    small: DataFolder, commit: Commit, few_files: list[Quad], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
    third_party = quad("twinning:beijing-london", "cd:twin", "city:leeds", "report/table-1")
    with_other_files(monkeypatch, [*few_files, third_party])
    with pytest.raises(NotConformingError) as caught:
        pipeline.build(small)
    assert "twinning:beijing-london" in caught.value.message
    assert "no longer conforms" not in caught.value.message


def test_a_violation_that_a_later_change_mends_is_none(
    small: DataFolder, commit: Commit, few_files: list[Quad], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
        gate.commit(gate.undo_draft(1, "back", "bob", "Never was"))
        commit(gate, 2002)
    third_parties = [
        quad(f"twinning:beijing-london-{year}", "cd:twin", "city:leeds", "report/table-1") for year in (2001, 2002)
    ]
    with_other_files(monkeypatch, [*few_files, *third_parties])
    assert [broken.record.number for broken in pipeline.build(small).withheld] == [3]
