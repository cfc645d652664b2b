"""Jobs on disk: there once they are whole, read as they always were, and worked on by one process."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kg.accounts import Role
from kg.errors import DataFolderError
from kg.import_jobs.folder import ImportFolder, NoSuchImportError
from kg.import_jobs.job import ImportState
from kg.jobs import JobFolder
from kg.store import LockedError

STATED = {
    "id": "5f0c",
    "request": {
        "agent": "Ann",
        "role": "curator",
        "file": "twins.csv",
        "media_type": "text/csv",
        "mapping": "mine.yaml",
        "source": "",
        "summary": "As the council lists it",
    },
    "submitted": "2026-11-20T10:00:00Z",
    "size": 46,
    "digest": "ab" * 32,
}
STATE = {
    "state": "committing",
    "at": "2026-11-20T10:00:05Z",
    "is_dry_run": False,
    "acknowledged": True,
    "counts": {"new": 1, "known": 0, "ambiguous": 0, "refused": 0},
    "source": "https://example.org/list",
    "statements": 9,
    "graph": "https://w3id.org/city-diplomacy/graph/curated/list",
    "revision": "4e3afdd20b22.7",
    "digest": "cd" * 32,
    "findings": [],
    "error": None,
    "proposal": None,
    "change": None,
}
"""An import as version 0.2.0 wrote it."""


def test_imports_that_an_earlier_version_wrote_are_read(tmp_path: Path) -> None:
    place = tmp_path / "imports" / "7"
    (place / "table").mkdir(parents=True)
    (place / "import.json").write_text(json.dumps(STATED), encoding="utf-8")
    (place / "state.json").write_text(json.dumps(STATE), encoding="utf-8")
    (one,) = ImportFolder(tmp_path).read_all()
    assert (one.number, one.id, one.request.role, one.size) == (7, "5f0c", Role.CURATOR, 46)
    assert (one.status.state, one.status.digest) == (ImportState.COMMITTING, "cd" * 32)
    assert one.table == place / "table" / "twins.csv"
    noted = ImportFolder(tmp_path).save_status(one, one.status)
    assert json.loads((place / "state.json").read_text(encoding="utf-8")).items() >= STATE.items()
    assert noted == one == ImportFolder(tmp_path).get(7)
    ImportFolder(tmp_path).refuse_damaged(7)


def test_what_cannot_be_read_is_passed_over_and_named_to_who_asks_for_it(tmp_path: Path) -> None:
    place = tmp_path / "imports" / "1"
    place.mkdir(parents=True)
    (place / "import.json").write_text(json.dumps(STATED), encoding="utf-8")
    (place / "state.json").write_text("{", encoding="utf-8")
    imports = ImportFolder(tmp_path)
    assert [*imports.read_all()] == []
    with pytest.raises(DataFolderError, match=r"1/state\.json is not as it was written"):
        imports.get(1)
    with pytest.raises(NoSuchImportError):
        imports.get(2)


def test_a_job_is_there_once_it_is_whole(tmp_path: Path) -> None:
    jobs = JobFolder(tmp_path / "jobs", "job")

    def breaks_off(place: Path) -> dict[str, str]:
        (place / "input").write_text("half", encoding="utf-8")
        raise KeyError

    with pytest.raises(KeyError):
        jobs.add(breaks_off, {})
    assert [*jobs.path.iterdir()] == []
    assert [jobs.add(lambda place, name=str(number): {"name": name}, {"state": "queued"}) for number in range(2)] == [
        1,
        2,
    ]
    jobs.write_state(2, {"state": "done"})
    assert (jobs.numbers(), jobs.read(2)) == ([2, 1], ({"name": "1", "files": {}}, {"state": "done", "files": {}}))
    jobs.scratch(2)
    jobs.drop_unfinished()
    assert sorted(path.name for path in jobs.path.rglob("*")) == ["1", "2", "job.json", "job.json", *["state.json"] * 2]


def test_one_process_works_on_them(tmp_path: Path) -> None:
    jobs = JobFolder(tmp_path / "jobs", "job")
    with jobs.lock(), pytest.raises(LockedError, match="works on the jobs"), jobs.lock():
        pass
    with jobs.lock():
        pass
