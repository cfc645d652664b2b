"""Measures are computed into a build that takes the place of the one before, while others make their changes.

Run by itself, this file is the writers that die.
"""

from __future__ import annotations

import os
import shutil
import sys
import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store

from kg.building import LedgerFile, build_if_needed, pipeline
from kg.curation import gate as module
from kg.curation.gate import Gate
from kg.errors import CityKgError, DataFolderError
from kg.evidence import EvidenceFinder
from kg.history import History, Record
from kg.jobs import CancelledError, Control
from kg.measures import require_igraph
from kg.publish.entities import Description
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lines import term_of
from kg.rdf.lookup import match
from kg.rdf.scopes import EVERYTHING, REPORT, WORLD
from kg.rdf.vocabulary import CD
from kg.shacl import ChangeValidation
from kg.sparql.evaluation import Dataset, Unions
from kg.store import Build, DataFolder
from kg.store.staging import StagedBuild
from tests.kg.curation.large.conftest import Here
from tests.support.damage import failures
from tests.support.dying import Dying, fork_for_each
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn

Commit = Callable[[Gate, int], Record]


def measure(folder: DataFolder) -> Build:
    with Gate(folder) as gate:
        return gate.measure()


def measured(store: Store) -> set[Quad]:
    return set(match(store, graph=graphs.MEASURES))


def test_the_build_that_holds_them_is_current_and_whole(small: DataFolder) -> None:
    before, without = small.require_build(), set(small.open())
    made = measure(small)
    assert made == small.require_build()
    assert (made.revision, made.measured, made.changes) == (before.revision, before.revision, before.changes)
    found = measured(small.open())
    assert {quad.predicate for quad in found} >= {
        CD.degree,
        CD.betweenness,
        CD.community,
        CD.revision,
    }
    assert set(small.open()) == without.union(found, graphs.default_graph_quads(found))
    assert LedgerFile(small).read(made) is not None
    assert failures(small) == []


@pytest.mark.usefixtures("here")
def test_they_are_computed_once_a_revision(small: DataFolder) -> None:
    assert measure(small) == measure(small)
    assert len(small.available_builds()) == 2


def test_whoever_writes_meanwhile_is_left_alone(small: DataFolder) -> None:
    with small.lock(), pytest.raises(DataFolderError):
        measure(small)
    assert not small.require_build().measured


@pytest.mark.usefixtures("here")
def test_without_igraph_the_build_stays_as_it_is(small: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "igraph", None)
    before = small.require_build()
    with pytest.raises(CityKgError, match="igraph, which is not installed"):
        measure(small)
    assert small.require_build() == before
    assert not list((small.path / "builds").glob("unfinished-*"))
    assert failures(small) == []


@pytest.mark.usefixtures("here")
def test_others_make_their_changes_meanwhile_and_measures_are_those_of_before(
    small: DataFolder, commit: Commit
) -> None:
    before = small.require_build()

    def commits(step: str, done: int, of: int) -> None:
        other = threading.Thread(target=commit, args=(gate, 2001), daemon=True)
        other.start()
        other.join(30)
        assert not other.is_alive(), "the gate is held"

    with Gate(small) as gate:
        commit(gate, 2000)
        made = gate.measure(Control(commits))
        assert (made.changes, made.measured) == (2, f"{before.revision}.1")
        assert gate.build == small.require_build() == made
        commit(gate, 2002)
    assert small.require_build().revision == f"{before.revision}.3"
    assert failures(small) == []


@pytest.mark.usefixtures("here")
def test_the_revision_without_them_can_still_be_read(small: DataFolder, commit: Commit) -> None:
    with Gate(small) as gate:
        commit(gate, 2000)
        unmeasured = small.snapshot(small.require_build())
        made = gate.measure()
        commit(gate, 2001)
    found = small.find(made.revision)
    assert found == made
    assert measured(Store.read_only(str(small.snapshot(found))))
    assert not measured(Store.read_only(str(unmeasured)))


HOLDS_THE_STORE = """
import sys
from pathlib import Path

frame = sys._getframe()
while "twins" not in frame.f_locals:
    frame = frame.f_back
{keep}
sys.path.remove(str(Path(__file__).parent))
del sys.modules["igraph"]
import igraph
"""
"""In the place of igraph: does something with what the process that computes measures reads from the store."""


def with_igraph_that(keep: str, place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (place / "igraph.py").write_text(HOLDS_THE_STORE.format(keep=keep), encoding="utf-8")
    monkeypatch.setenv("PYTHONPATH", str(place))


def test_a_process_that_still_holds_the_store_does_not_keep_the_gate_from_going_on(
    small: DataFolder, commit: Commit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with_igraph_that('sys.kept = frame.f_locals["twins"]', tmp_path, monkeypatch)
    with Gate(small) as gate:
        made = gate.measure()
        commit(gate, 2000)
        assert gate.build.name == made.name
    assert measured(small.open())
    assert failures(small) == []


def test_iterators_of_the_engine_end_in_the_thread_that_began_them(
    small: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    with_igraph_that(
        'import gc; gc.disable(); cycle = [frame.f_locals["twins"]]; cycle.append(cycle); del cycle',
        tmp_path,
        monkeypatch,
    )
    measure(small)
    assert caplog.text == ""


@pytest.mark.usefixtures("here")
def test_a_change_after_a_take_over_that_failed_goes_into_the_build_that_is_current(
    small: DataFolder, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(folder: DataFolder, build: Build) -> Store:
        raise DataFolderError("The store cannot be opened.")

    with Gate(small) as gate:
        commit(gate, 2000)
        with monkeypatch.context() as patched:
            patched.setattr("kg.store.live._open_store", fails)
            with pytest.raises(DataFolderError):
                gate.measure()
        commit(gate, 2001)
        assert gate.build == small.require_build()
    assert measured(small.open())
    assert failures(small) == []


def test_what_is_no_longer_wanted_ends(small: DataFolder) -> None:
    before = small.require_build()
    with Gate(small) as gate, pytest.raises(CancelledError):
        gate.measure(Control(is_cancelled=lambda: True))
    assert small.require_build() == before
    assert not list((small.path / "builds").glob("unfinished-*"))


@pytest.mark.usefixtures("here")
def test_one_who_holds_the_gate_does_not_wait_for_them(small: DataFolder) -> None:
    told = []

    def holds(step: str, done: int, of: int) -> None:
        told.append(step)
        with gate.holding(), pytest.raises(CityKgError, match="until the measures are computed"):
            gate.measure()

    with Gate(small) as gate:
        gate.measure(Control(holds))
    assert told == ["computing the measures of all"]


POINTS = {
    "before the base is linked": (StagedBuild, "link_base"),
    "before the process is asked": (Here, "call"),
    "before the changes are followed": (Gate, "_finish_job"),
    "before the build is named": (DataFolder, "switch"),
}


@pytest.mark.slow
def test_the_old_measures_or_the_new_ones_are_there_after_a_kill(small: DataFolder, commit: Commit) -> None:
    measure(small)
    drawn = fresh_random("points of the kills").sample([*POINTS], by_tier(1, 1, len(POINTS)))
    with Dying(__file__, small.path) as dying:
        for point in [*drawn, "while the measures are computed", "after the build is named"]:
            with Gate(small) as gate:
                record = commit(gate, 2000 + gate.build.changes)
            before, there = small.require_build(), measured(small.open())
            assert dying.ends(point) == -9, point
            with Gate(small) as gate:
                is_made = gate.build.measured == before.revision
            assert is_made == (point == "after the build is named"), point
            assert (measured(small.open()) == there) != is_made, point
            assert History(small.path).count() == record.number == small.require_build().changes
            assert not list((small.path / "builds").glob("unfinished-*")), point
            assert failures(small) == [], point


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


@pytest.fixture(scope="module")
def measured_world(with_world: DataFolder, tmp_path_factory: pytest.TempPathFactory) -> DataFolder:
    folder = DataFolder(tmp_path_factory.mktemp("world") / "data")
    shutil.copytree(with_world.path, folder.path)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(module, "JobProcess", Here)
        measure(folder)
    return folder


def test_each_scope_has_those_of_its_own(measured_world: DataFolder) -> None:
    build = measured_world.require_build()
    leeds = NamedNode(f"{ns.ID}city/leeds")
    for scope, twins in {WORLD: 6, REPORT: 2, EVERYTHING: 7}.items():
        store = Store.read_only(str(measured_world.snapshot_in(scope, build)))
        assert len(list(match(store, leeds, CD.twinnedWith, None, DefaultGraph()))) == twins, scope
        assert [quad.object for quad in match(store, leeds, CD.degree, None, graphs.MEASURES)] == [Literal(twins)]


def test_nobody_states_them(measured_world: DataFolder) -> None:
    store = measured_world.open()
    text = "SELECT ?twins { city:leeds cd:degree ?twins }"
    found, _ = EvidenceFinder(store, Unions(store, 0)).find(text, Dataset.from_query(text), 10)
    assert [row.sources for row in found.rows] == [()]
    described = Description(store, NamedNode(f"{ns.ID}city/leeds")).page()
    measured = {subject for subject, _, _, graph in described if graph == term_of(graphs.MEASURES)}
    assert measured == {term_of(NamedNode(f"{ns.ID}city/leeds"))}


def main(data: Path, point: str) -> None:
    """Compute measures, and die at a point of it."""

    def dies(*arguments: Any, **named: Any) -> None:
        os.kill(os.getpid(), 9)

    if point in POINTS:
        module.JobProcess = Here  # type: ignore[misc,assignment]
        owner, name = POINTS[point]
        setattr(owner, name, dies)
    with Gate(DataFolder(data)) as gate:
        gate.measure(Control(dies) if point == "while the measures are computed" else Control())
        dies()


if __name__ == "__main__":
    require_igraph(), ChangeValidation()  # what would take each of them longer than all else
    fork_for_each(partial(main, Path(sys.argv[1])))
