"""Errors name no place of the machine to strangers, and leave alone what only looks like one."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg.store.data_folder import DataFolder
from tests.support.serving import client

pytestmark = pytest.mark.drawn


def detail(asking: FlaskClient, path: str, status: int) -> str:
    answer = asking.get(path)
    assert (answer.status_code, answer.json is not None) == (status, True)
    return str((answer.json or {})["detail"])


@pytest.mark.parametrize("name", ["data", "d2", "e"])
def test_a_name_that_holds_the_name_of_the_data_folder_stays_as_it_is(
    folder: DataFolder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.chdir(tmp_path)
    Path(name).symlink_to(folder.path)
    with client(DataFolder(Path(name))) as asking:
        assert "'data-ville-d2'" in detail(asking, "/doc/city/data-ville-d2", 404)
        assert "'metadata-d2'" in detail(asking, "/queries/metadata-d2", 404)
        assert "Revision 4e3afdd20b22.39 is not kept." in detail(asking, "/healthz?at=4e3afdd20b22.39", 410)


def test_of_a_place_in_the_data_folder_strangers_learn_the_name_and_the_operator_the_path(
    folder: DataFolder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    data = tmp_path / "data"
    with client(DataFolder(data)) as asking:
        assert detail(asking, "/healthz", 503) == "The data folder holds no built graph."
        assert f"{data} holds no built graph." in caplog.text
        data.mkdir()
        (data / "current.json").write_text("{")
        assert detail(asking, "/healthz", 503) == "current.json cannot be read: the log of the service says why."
        assert f"{data}/current.json cannot be read: Expecting" in caplog.text
        shutil.copy(folder.path / "current.json", data)
        opened = detail(asking, "/readyz", 503)
        assert opened.endswith(" cannot be opened: the log of the service says why")
    assert str(tmp_path) not in opened
