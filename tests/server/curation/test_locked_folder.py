"""A command that finds the data folder held by a server says which one, and acts through it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kg.accounts.database import Database
from kg.accounts.tokens import Role, Tokens
from kg.store.data_folder import DataFolder
from tests.support.called import called
from tests.support.command import Start
from tests.support.folders import OF_A_SERVER

TABLE = """city_a,city_b,since,status,source,source_title,source_licence
city:jinan,city:york,2019,current,source:council-list,Sister cities,not known
"""
WORDS = ("--summary", "As the council lists it", "--source", "https://example.org/list")


@pytest.mark.drawn
def test_a_folder_that_a_server_writes_says_which(folder: DataFolder, start: Start, tmp_path: Path) -> None:
    own, table = DataFolder(tmp_path / "data"), tmp_path / "mine.csv"
    shutil.copytree(folder.path, own.path, ignore=OF_A_SERVER)
    table.write_text(TABLE, encoding="utf-8")
    command = start(tmp_path, data=own.path)
    try:
        command.wait()
        token = Tokens(Database(own.path)).create("Rita", Role.CURATOR)
        made = called("submit", str(table), *WORDS, "--server", command.address, CITYKG_TOKEN=token)
        assert made.returncode == 0, made
        locked = called("revert", "1", CITYKG_DATA=str(own.path))
        assert (locked.returncode, f"--server {command.address}" in locked.stderr) == (1, True)
        unknown = called("revert", "1", "--server", command.address, CITYKG_TOKEN="x")
        assert (unknown.returncode, "token" in unknown.stderr) == (1, True)
    finally:
        command.stop()
    gone = called("revert", "1", "--server", command.address, CITYKG_TOKEN=token)
    assert (gone.returncode, "does not answer" in gone.stderr) == (1, True)
