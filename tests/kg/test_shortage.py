"""A file that is written anew is there as it was, or as it shall be, however full the disk is."""

from pathlib import Path

import pytest

from kg.shortage import no_space_error, write_synced


def test_a_full_disk_leaves_what_was_there_and_nothing_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(handle: int) -> None:
        raise no_space_error()

    path = tmp_path / "state.json"
    write_synced(path, "old")
    monkeypatch.setattr("os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_synced(path, "new")
    assert ([*tmp_path.iterdir()], path.read_text(encoding="utf-8")) == ([path], "old")
