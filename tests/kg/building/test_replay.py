from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad

from kg.building import pipeline, sources
from kg.building.conformance import Exemptions
from kg.building.replay import replayed
from kg.building.verification import verify
from kg.curation.gate import Draft, Gate
from kg.errors import NotConformingError
from kg.history.records import Record
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.serialise import lines_of
from kg.store.data_folder import DataFolder
from tests.support.turtle import node

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
        assert set(replayed(these, records)) == stated | (these - touched)


def with_other_files(monkeypatch: pytest.MonkeyPatch, quads: list[Quad]) -> None:
    monkeypatch.setattr(sources, "load", lambda works=(): quads)
    monkeypatch.setattr(sources, "fingerprint", lambda works=(): f"{len(quads)}")


def failures(folder: DataFolder) -> list[str]:
    return [check.name for check in verify(folder) if not check.passed]


def quad(subject: str, predicate: str, value: str, graph: str) -> Quad:
    return Quad(node(subject), node(predicate), node(value), NamedNode(ns.GRAPH + graph))


def test_a_build_of_other_files_has_the_changes_upon_them(
    small: DataFolder, commit: Commit, renewed: Renewed, few_files: list[Quad], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gate(small) as gate:
        for year in (2001, 2002):
            commit(gate, year)
        gate.commit(gate.reverting(1, "back", "bob", "Never was"))
        before = gate.build
    more = quad("city:leeds", "cd:within", "country:united-kingdom", "gazetteer")
    with_other_files(monkeypatch, [*few_files, more])
    summary = pipeline.build_if_needed(small)
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


def test_a_change_that_no_longer_conforms_is_made_and_named_with_its_quads_and_shapes(
    small: DataFolder, commit: Commit, few_files: list[Quad], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gate(small) as gate:
        for year in (2001, 2002):
            commit(gate, year)
    third_party = quad("twinning:beijing-london-2002", "cd:twin", "city:leeds", "report/table-1")
    with_other_files(monkeypatch, [*few_files, third_party])
    summary = pipeline.build_if_needed(small)
    assert summary is not None
    assert [broken.record.number for broken in summary.broken] == [2]
    said = "\n".join(summary.broken[0].lines())
    assert "Change 2, 'Renewed in 2002' by ann, no longer conforms" in said
    assert f"+ <{ns.ID}twinning/beijing-london-2002> <{ns.CD}twin> <{ns.ID}city/london>" in said
    assert "shape:" in said.partition("break:")[2]
    assert "citykg revert 2" in said
    assert failures(small) == ["changes"]
    with Gate(small) as gate:  # one way out
        gate.commit(gate.reverting(2, "back", "bob", "There are three of them"))
    assert pipeline.build(small).broken == ()
    assert failures(small) == []


def test_a_change_that_was_exempted_is_named_no_longer(
    small: DataFolder, commit: Commit, few_files: list[Quad], monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
    third_party = quad("twinning:beijing-london-2001", "cd:twin", "city:leeds", "report/table-1")
    with_other_files(monkeypatch, [*few_files, third_party])
    (broken,) = pipeline.build(small).broken
    Exemptions(small.path).add(broken, "rita", "They were three")
    assert pipeline.build(small).broken == ()
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
        gate.commit(gate.reverting(1, "back", "bob", "Never was"))
        commit(gate, 2002)
    third_parties = [
        quad(f"twinning:beijing-london-{year}", "cd:twin", "city:leeds", "report/table-1") for year in (2001, 2002)
    ]
    with_other_files(monkeypatch, [*few_files, *third_parties])
    assert [broken.record.number for broken in pipeline.build(small).broken] == [3]
