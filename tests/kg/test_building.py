from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg import building, loading, resources
from kg import namespaces as ns
from kg.errors import NotConformingError
from kg.snapshots import DataFolder
from kg.validation import Report


def test_the_real_facts_conform_and_every_family_of_graphs_is_there(built: building.Summary) -> None:
    assert built.report.conforms
    assert set(built.quads_by_family) >= {
        "report", "passages", "register", "gazetteer", "interpretation", "ontology", "vocabulary", "shapes", "inferred"
    }  # fmt: skip


def test_warnings_are_explained(built: building.Summary) -> None:
    explained = (Path(resources.SHAPES) / "README.md").read_text(encoding="utf-8")
    standing = {result.shape for result in built.report.results if result.severity == "Warning"}
    assert {shape for shape in standing if shape not in explained} == set()


def test_the_default_graph_of_the_store_is_the_set_union(store: Store) -> None:
    named = [quad for quad in store if isinstance(quad.graph_name, NamedNode)]
    default = {quad.triple for quad in store.quads_for_pattern(None, None, None, DefaultGraph())}
    assert default == {quad.triple for quad in loading.set_union(named)}
    assert len(list(store.quads_for_pattern(None, None, None, DefaultGraph()))) == len(default)


def test_every_step_of_a_build_is_told(
    tmp_path: Path, built: building.Summary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "validate_quads", lambda quads: built.report)
    told: list[str] = []
    building.build(DataFolder(tmp_path), told.append)
    assert len(told) == building.STEPS


def test_two_builds_have_the_same_hash_and_the_same_store(
    tmp_path: Path, built: building.Summary, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "validate_quads", lambda quads: built.report)
    again = building.build(DataFolder(tmp_path))
    assert again.build.content_hash == built.build.content_hash
    assert again.build.quads == built.build.quads
    assert {str(quad) for quad in DataFolder(tmp_path).open()} == {str(quad) for quad in store}


def test_the_hash_of_the_store_is_the_hash_of_what_was_stated(store: Store, built: building.Summary) -> None:
    named = [quad for quad in store if isinstance(quad.graph_name, NamedNode)]
    assert building.content_hash(named) == built.build.content_hash


@settings(deadline=None)
@given(st.permutations([Quad(ns.HISTORY, ns.RDF_TYPE, Literal(n), ns.SHAPES_GRAPH) for n in range(5)]))
def test_the_hash_does_not_depend_on_order_or_repetition(quads: list[Quad]) -> None:
    assert building.content_hash(quads) == building.content_hash([*sorted(quads, key=str), quads[0]])


def test_a_build_is_made_only_when_the_files_have_changed(
    tmp_path: Path, built: building.Summary, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "validate_quads", lambda quads: built.report)
    assert building.build_if_needed(DataFolder(tmp_path)) is not None
    assert building.build_if_needed(DataFolder(tmp_path)) is None
    monkeypatch.setattr(loading, "fingerprint", lambda: "other")
    assert building.build_if_needed(DataFolder(tmp_path)) is not None


def test_facts_that_do_not_conform_leave_the_older_build_and_say_where(
    tmp_path: Path, built: building.Summary, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = DataFolder(tmp_path)
    monkeypatch.setattr(building, "validate_quads", lambda quads: built.report)
    kept = building.build(folder).build
    monkeypatch.undo()
    original = loading.load

    def with_a_third_party() -> list[Quad]:
        twinning, graph = NamedNode(ns.ID + "twinning/beijing-london"), NamedNode(ns.REPORT + "table-3")
        return [*original(), Quad(twinning, NamedNode(ns.CD + "twin"), NamedNode(ns.ID + "city/leeds"), graph)]

    monkeypatch.setattr(loading, "load", with_a_third_party)
    with pytest.raises(NotConformingError) as caught:
        building.build(folder)
    assert "twinning:beijing-london" in caught.value.message
    assert ".trig:" in caught.value.message
    assert folder.current() == kept


def test_a_defect_of_a_check_refuses_as_well(built: building.Summary) -> None:
    defect = building.Defect("some-check", "Something is wrong.", {"node": "city:x"})
    with pytest.raises(NotConformingError, match="some-check: Something is wrong"):
        building.refuse(Report(()), [defect])
