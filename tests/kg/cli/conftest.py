"""What tests of the command line share: a folder of their own to change."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from kg.building import pipeline
from kg.store.data_folder import DataFolder
from tests.support.made import Made
from tests.support.part import only, part_of_files

CITIES = "city:jinan city:york city:leeds status:current".split()


@pytest.fixture
def own(made: Made, tmp_path: Path) -> DataFolder:
    """A data folder of a few cities, and what is said of twinnings."""

    def make(path: Path) -> None:
        with only(part_of_files(*CITIES)):
            pipeline.build(DataFolder(path / "data"))

    shutil.copytree(made.once("cities", make) / "data", tmp_path / "data")
    return DataFolder(tmp_path / "data")
