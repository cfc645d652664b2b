"""A disk that is full in the middle of a large change: the old store goes on, or the change is recorded and told."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kg.building.verification import verify
from kg.curation.draft import Draft
from kg.curation.gate import Gate
from kg.history import History
from kg.rdf.change import Change, ChangeFile
from kg.shortage import NoSpaceError
from kg.store.data_folder import DataFolder
from kg.store.staging import StagedBuild, StoreWriter
from tests.kg.curation.large.conftest import Here
from tests.support.tiers import by_tier, fresh_random


def full(*_: Any, **__: Any) -> None:
    raise OSError(28, os.strerror(28))


MOMENTS: dict[str, tuple[object, str, bool]] = {
    "the base is linked": (StagedBuild, "link_base", False),
    "the copy is made": (StagedBuild, "copy_stores", False),
    "the engine writes": (StoreWriter, "write_large", False),
    "the statements are written": (ChangeFile, "write", False),
    "the snapshot is made": (StagedBuild, "finish", False),
    "the file of statements is moved": (History, "_move_statements", False),
    "the copy takes over": (DataFolder, "switch", True),
    "the folder gets its name": (shutil, "copyfile", False),
}
"""Each with what fails then, and whether the change is recorded."""


@pytest.mark.drawn
def test_whatever_the_moment_what_was_told_is_so_and_the_next_one_is_made(
    small: DataFolder,
    renewed: Callable[[int], Change],
    drafted: Callable[[Change, str, str], Draft],
    here: type[Here],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moments = fresh_random("moments").sample(list(MOMENTS), by_tier(3, len(MOMENTS), len(MOMENTS)))
    with Gate(small) as gate:
        for year, moment in enumerate(moments, 2001):
            owner, name, is_recorded = MOMENTS[moment]
            before, draft = gate.build.changes, drafted(renewed(year), f"id-{year}", "Stated")
            with monkeypatch.context() as patch:
                patch.setattr(owner, name, full)
                with pytest.raises(NoSpaceError, match="No space left on device") as caught:
                    gate.commit(draft)
            told = caught.value.change
            del caught
            assert told == (before + 1 if is_recorded else None), moment
            assert small.require_build().changes == before, moment
            left = [*small.path.glob("builds/unfinished*"), *Path(small.path / "history").glob("draft*")]
            assert left == [], moment
            assert gate.commit(draft).number == before + 1 == small.require_build().changes, moment
    assert [check for check in verify(small) if not check.passed] == []
