"""Measures are computed into a build that takes the place of the one before, and stay until they are computed again."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.building import LedgerFile, build_if_needed, pipeline, verify
from kg.errors import CityKgError, DataFolderError
from kg.evidence import Sources
from kg.measuring import measure
from kg.publish.entities import Description
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.scopes import EVERYTHING, REPORT, WORLD
from kg.rdf.vocabulary import CD
from kg.sparql.evaluation import Dataset, Unions
from kg.store import DataFolder
from tests.support import small_world


def measured(store: Store) -> set[Quad]:
    return set(match(store, graph=graphs.MEASURES))


def failures(folder: DataFolder) -> list[str]:
    return [check.name for check in verify(folder) if not check.passed]


def test_the_build_that_holds_them_is_current_and_whole(small: DataFolder) -> None:
    before, without = small.built(), set(small.open())
    made = measure(small)
    assert made == small.built()
    assert (made.revision, made.measured, made.changes) == (before.revision, before.revision, before.changes)
    found = measured(small.open())
    assert {quad.predicate for quad in found} >= {
        CD.degree,
        CD.betweenness,
        CD.community,
        CD.revision,
    }
    assert set(small.open()) == without.union(found, graphs.in_union(found))
    assert LedgerFile(small).read(made) is not None
    assert failures(small) == []


def test_they_are_computed_once_a_revision(small: DataFolder) -> None:
    assert measure(small) == measure(small)
    assert len(small.kept()) == 2


def test_whoever_writes_meanwhile_is_left_alone(small: DataFolder) -> None:
    with small.locked(), pytest.raises(DataFolderError):
        measure(small)
    assert not small.built().measured


def test_what_fails_leaves_the_build_as_it_is(small: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(quads: object, revision: str) -> list[Quad]:
        raise CityKgError("igraph is not installed")

    monkeypatch.setattr("kg.measuring.measures", fails)
    before = small.built()
    with pytest.raises(CityKgError):
        measure(small)
    assert small.built() == before
    assert not list((small.path / "builds").glob("unfinished-*"))
    assert failures(small) == []


def test_a_build_has_them_where_it_is_asked_for_them_and_the_next_one_keeps_them(
    small: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = pipeline.build(small, measured=True).build
    assert made.measured == made.revision
    of_build = measured(small.open())
    assert {quad for quad in of_build if quad.predicate == CD.degree}
    monkeypatch.setattr("kg.building.sources.is_up_to_date", lambda build: False)
    again = build_if_needed(small)
    assert again is not None
    assert again.build.measured == again.build.revision
    assert not pipeline.build(small).build.measured
    assert not measured(small.open())


@pytest.fixture
def measured_world(with_world: DataFolder, tmp_path: Path) -> DataFolder:
    shutil.copytree(with_world.path, tmp_path / "data")
    folder = DataFolder(tmp_path / "data")
    measure(folder)
    return folder


def test_each_scope_has_those_of_its_own(measured_world: DataFolder) -> None:
    build = measured_world.built()
    leeds = NamedNode(f"{ns.ID}city/leeds")
    for scope, twins in {WORLD: 6, REPORT: 2, EVERYTHING: 7}.items():
        store = Store.read_only(str(measured_world.snapshot_in(scope, build)))
        assert len(list(match(store, leeds, CD.twinnedWith, None, DefaultGraph()))) == twins, scope
        assert [quad.object for quad in match(store, leeds, CD.degree, None, graphs.MEASURES)] == [Literal(twins)]


@pytest.mark.slow
def test_measures_of_scopes_are_no_fault_to_whoever_verifies(measured_world: DataFolder, tmp_path: Path) -> None:
    with small_world.shipped(small_world.write(tmp_path / "world")):
        assert not {name for name in failures(measured_world) if name.startswith("scope")}


def test_nobody_states_them(measured_world: DataFolder) -> None:
    store = measured_world.open()
    text = "SELECT ?twins { city:leeds cd:degree ?twins }"
    found, _ = Sources(store, Unions(store, 0)).evidence(text, Dataset.stated_in(text), 10)
    assert [row.sources for row in found.rows] == [()]
    described = Description(store, NamedNode(f"{ns.ID}city/leeds")).page()
    assert {quad.subject for quad in described if quad.graph_name == graphs.MEASURES} == {
        NamedNode(f"{ns.ID}city/leeds")
    }
