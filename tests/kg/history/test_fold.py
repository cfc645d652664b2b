"""Folding a history into kg/facts, as a maintainer does it: the files of an export, and the next builds from them."""

import json
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pyoxigraph import Literal, NamedNode, Quad

from kg import resources
from kg.building import build_if_needed, pipeline, sources
from kg.curation.gate import Draft, Gate
from kg.errors import CityKgError
from kg.history import FoldedHistory
from kg.history.chain import History, Record
from kg.history.fold import FoldedFiles
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.parse import read_file
from kg.store import LiveStore
from kg.store.data_folder import DataFolder
from tests.support.damage import failures
from tests.support.part import loaded

pytestmark = pytest.mark.drawn

Commit = Callable[[Gate, int], Record]
Renewed = Callable[[int], Change]
Drafted = Callable[[Change, str, str], Draft]

CURATED = NamedNode(ns.GRAPH + "curated/test")


@pytest.fixture
def facts(small: DataFolder, few_files: list[Quad], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder kg/facts/curated, which the files of a build are read from beside those of the small graph."""
    path = tmp_path / "facts" / "curated"

    def load(works: Sequence[Path] = ()) -> sources.LoadedFiles:
        return loaded([*few_files, *(quad for file in sorted(path.glob("*.trig")) for quad in read_file(file))], works)

    monkeypatch.setattr(resources, "FACTS", path.parent)
    monkeypatch.setattr(sources, "load_files", load)
    return path


def fold(folder: DataFolder, directory: Path) -> FoldedFiles:
    snapshot = folder.current_snapshot()
    records = list(History(folder.path).records())[: snapshot.build.changes]
    return FoldedHistory(directory).write(snapshot.store, records)


def curated(folder: DataFolder) -> set[Quad]:
    return set(folder.open().quads_for_pattern(None, None, None, CURATED))


def test_the_next_build_of_the_files_alone_states_what_the_changes_made(
    small: DataFolder, facts: Path, commit: Commit, tmp_path: Path
) -> None:
    with Gate(small) as gate:
        for year in (2001, 2002, 2003):
            commit(gate, year)
        gate.commit(gate.undo_draft(2, "back", "bob", "Never was"))
    stated = curated(small)
    folded = fold(small, facts)
    assert (folded.files, folded.statements, folded.changes) == ((facts / "test.trig",), len(stated), 4)
    assert set(read_file(facts / "test.trig")) == stated

    again = build_if_needed(small)
    assert again is not None
    assert (again.build.changes, curated(small)) == (4, stated)
    assert failures(small) == []
    with Gate(small) as gate:  # folded changes keep their ids
        assert commit(gate, 2001).number == 1
        assert commit(gate, 2004).number == 5

    fresh = DataFolder(tmp_path / "fresh")
    assert pipeline.build(fresh).build.changes == 4
    assert curated(fresh) == stated
    assert list(History(fresh.path).records()) == list(History(small.path).records())[:4]
    assert failures(fresh) == []
    with Gate(fresh) as gate:
        assert commit(gate, 2009).number == 5


def test_what_a_maintainer_mends_in_folded_files_stays_mended(
    small: DataFolder, facts: Path, commit: Commit, few_files: list[Quad]
) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
        commit(gate, 2002)
    fold(small, facts)
    text = (facts / "test.trig").read_text()
    (facts / "test.trig").write_text(text.replace("Twinning of 2001", "Renewal of 2001"))
    pipeline.build(small)
    labels = {quad.object.value for quad in curated(small) if isinstance(quad.object, Literal)}
    assert labels == {"Renewal of 2001", "Twinning of 2002"}
    assert failures(small) == []


def test_a_folded_change_can_be_taken_back_for_good(small: DataFolder, facts: Path, commit: Commit) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
        commit(gate, 2002)
    fold(small, facts)
    pipeline.build(small)
    with Gate(small) as gate:
        gate.commit(gate.undo_draft(1, "back", "bob", "Never was"))
    assert failures(small) == []
    left = curated(small)
    assert "2001" not in str(left)
    pipeline.build(small)
    assert curated(small) == left
    assert failures(small) == []


def test_folding_again_goes_on_from_the_last_time_also_where_nothing_is_left(
    small: DataFolder, facts: Path, commit: Commit
) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
    fold(small, facts)
    pipeline.build(small)
    with Gate(small) as gate:
        gate.commit(gate.undo_draft(1, "back", "bob", "Never was"))
    folded = fold(small, facts)
    assert (folded.statements, folded.changes, read_file(facts / "test.trig")) == (0, 2, [])
    pipeline.build(small)
    assert curated(small) == set()
    assert failures(small) == []


def test_files_without_the_records_replay_as_nothing_too(
    small: DataFolder, facts: Path, commit: Commit, renewed: Renewed
) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
    fold(small, facts)
    shutil.rmtree(facts / "history")
    pipeline.build(small)
    assert curated(small) == renewed(2001).added
    assert failures(small) == []


def test_another_deployment_keeps_its_own_history_upon_folded_files(
    small: DataFolder, facts: Path, commit: Commit, renewed: Renewed, drafted: Drafted
) -> None:
    other = DataFolder(small.path.with_name("other"))
    shutil.copytree(small.path, other.path)
    with Gate(small) as gate:
        commit(gate, 2001)
    with Gate(other) as gate:
        gate.commit(drafted(renewed(2005), "mine", "Another change"))
    fold(small, facts)
    pipeline.build(other)
    assert curated(other) == renewed(2001).added | renewed(2005).added
    assert [record.summary for record in History(other.path).records()] == ["Another change"]
    assert failures(other) == []
    with pytest.raises(CityKgError, match="changes of another history"):
        fold(other, facts)


def test_check_queries_do_not_look_at_folded_statements(
    small: DataFolder, facts: Path, commit: Commit, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
    fold(small, facts)
    seen: list[set[Quad]] = []
    monkeypatch.setattr(pipeline, "run_checks", lambda store: seen.append(set(store)) or [])
    pipeline.build(small)
    assert "beijing-london-2001" not in str(seen)
    assert "beijing-london" in str(seen)


def test_damaged_records_in_the_files_are_told(small: DataFolder, facts: Path, commit: Commit) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
    fold(small, facts)
    path = facts / "history" / "00000001.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"agent": "eve"}))
    with pytest.raises(CityKgError, match=r"not what was written(.|\n)*Fold anew: citykg history --export"):
        pipeline.build(small)


def test_two_exports_are_the_same_to_the_byte(small: DataFolder, commit: Commit, tmp_path: Path) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
    texts = set()
    for name in "abcd":
        fold(small, tmp_path / name)
        texts.add((tmp_path / name / "test.trig").read_bytes())
    assert len(texts) == 1
    assert b"cd:twin city:beijing" in texts.pop()


def test_a_change_of_other_graphs_is_not_folded(small: DataFolder, drafted: Drafted, tmp_path: Path) -> None:
    quad = Quad(
        NamedNode(ns.ID + "city/beijing"),
        NamedNode(ns.CD + "adminArea"),
        Literal("x"),
        NamedNode(ns.GRAPH + "gazetteer"),
    )
    change = Change.of([quad])
    History(small.path).append(drafted(change, "x", "By a program that goes round the policy").record(change))
    LiveStore.finish_interrupted_write(small, small.require_build())
    with pytest.raises(CityKgError, match="which only files write"):
        fold(small, tmp_path / "out")


def test_a_directory_that_cannot_be_written_is_told(small: DataFolder, commit: Commit, tmp_path: Path) -> None:
    with Gate(small) as gate:
        commit(gate, 2001)
    (tmp_path / "file").write_text("")
    with pytest.raises(CityKgError, match="cannot be written"):
        fold(small, tmp_path / "file" / "below")
