"""Every fault planted here has to be found, by the check that is there for it."""

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store

from kg.building import sources
from kg.building.verification import verify
from kg.curation.gate import Gate
from kg.errors import DataFolderError
from kg.history.chain import History, Record
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.store.builds import Build
from kg.store.checksums import write_checksums
from kg.store.data_folder import DataFolder
from tests.support.part import loaded

pytestmark = pytest.mark.drawn

Commit = Callable[[Gate, int], Record]
CURATED = NamedNode(ns.GRAPH + "curated/test")


def failures(folder: DataFolder) -> list[str]:
    failed = [check for check in verify(folder) if not check.passed]
    assert all(check.hint for check in failed)
    return [check.name for check in failed]


def current(folder: DataFolder) -> Build:
    build = folder.current()
    assert build is not None
    return build


def rewritten(folder: DataFolder, added: list[Quad], removed: list[Quad]) -> None:
    """Put the current snapshot back with other quads, as no gate would."""
    snapshot = folder.snapshot(current(folder))
    quads = (set(Store.read_only(str(snapshot))) | set(added)) - set(removed)
    shutil.rmtree(snapshot)
    store = Store(str(snapshot))
    store.bulk_extend(quads)
    del store
    write_checksums(snapshot)


def one(folder: DataFolder, graph: NamedNode | DefaultGraph) -> Quad:
    return min(folder.open().quads_for_pattern(None, None, None, graph), key=str)


def of(graph: NamedNode | DefaultGraph) -> Quad:
    return Quad(CURATED, CURATED, CURATED, graph)


def test_a_sound_folder_passes_every_check_beside_its_writer(changed: DataFolder) -> None:
    told: list[int] = []
    with changed.lock("http://127.0.0.1:8000"):
        checks = verify(changed, lambda step, steps: told.append(steps))
    assert [(check.name, check.passed) for check in checks] == [
        (name, True)
        for name in (
            "history", "files", "content", "default graph", "graph/inferred", "graph/history", "counts", "ledger",
            "changes", "live store", "snapshots", "desk", "imports",
        )
    ]  # fmt: skip
    assert "2 changes in an unbroken chain" in checks[0].found
    assert told == [5] * 5


def test_a_statement_too_many_or_too_few_in_a_graph_is_found(changed: DataFolder) -> None:
    rewritten(changed, [of(CURATED), of(DefaultGraph())], [])
    assert failures(changed) == ["content", "counts", "live store"]
    rewritten(changed, [], [of(CURATED), of(DefaultGraph())])
    assert "content" not in failures(changed)
    rewritten(changed, [], [one(changed, CURATED)])
    assert {"content", "counts"} <= set(failures(changed))


@pytest.mark.parametrize(
    ("graph", "name"),
    [(DefaultGraph(), "default graph"), (graphs.INFERRED, "graph/inferred"), (graphs.HISTORY, "graph/history")],
)
def test_what_follows_and_is_not_there_is_found(
    changed: DataFolder, graph: NamedNode | DefaultGraph, name: str
) -> None:
    gone = one(changed, graph)
    rewritten(changed, [], [gone])
    assert name in failures(changed)
    rewritten(changed, [gone, of(graph)], [])
    assert name in failures(changed)


def test_other_counts_are_found(changed: DataFolder) -> None:
    path = changed.path / "current.json"
    path.write_text(json.dumps(json.loads(path.read_text()) | {"inferred": 0}))
    assert failures(changed) == ["counts", "snapshots"]


def test_other_files_are_found(changed: DataFolder, few_files: list[Quad], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "fingerprint", lambda works=(): "other")
    monkeypatch.setattr(sources, "load_files", lambda works=(): loaded(few_files[:-1]))
    assert failures(changed) == ["files", "content"]


def test_a_record_that_is_missing_is_found(changed: DataFolder) -> None:
    (changed.path / "history" / "00000002.json").unlink()
    assert "records are missing" in verify(changed)[0].found


def test_a_history_sealed_anew_is_found(changed: DataFolder) -> None:
    records = list(History(changed.path).records())
    shutil.rmtree(changed.path / "history")
    forged = History(changed.path)
    for record in records:
        forged.append(replace(record, agent="eve"))
    assert failures(changed) == ["graph/history"]


def test_a_record_that_waits_for_the_next_writer_is_told_and_no_failure(changed: DataFolder) -> None:
    first = History(changed.path).get(1)
    assert first is not None
    History(changed.path).append(replace(first, id="third"))
    checks = verify(changed)
    assert "1 more not in the store yet" in checks[0].found
    assert all(check.passed for check in checks)


def test_a_damaged_store_is_found(changed: DataFolder) -> None:
    snapshot = changed.snapshot(current(changed))
    for table in sorted(snapshot.glob("*.sst"), key=lambda path: path.stat().st_size)[-6:]:
        content = bytearray(table.read_bytes())
        content[100:200] = bytes(100)
        table.unlink()  # it is linked elsewhere
        table.write_bytes(content)
    assert failures(changed) == ["snapshots"]
    next(snapshot.glob("MANIFEST*")).unlink()
    assert failures(changed) == ["snapshots"]
    with pytest.raises(DataFolderError, match=r"is damaged: .* is not as it was written(.|\n)*citykg build"):
        changed.current_snapshot()
    snapshot.with_suffix(".sha256").unlink()  # as an older version made it
    assert failures(changed) == ["snapshot"]


def test_without_a_built_graph_there_is_nothing_to_verify(tmp_path: Path) -> None:
    with pytest.raises(DataFolderError, match="citykg build"):
        verify(DataFolder(tmp_path))
