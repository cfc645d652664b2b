"""The integrity of the stores in a data folder: the one place that compares files with their checksums.

A start, a build, a writer, a backup, `verify` and an hourly check compare before anything reads a file. Damage that one
of them finds is known to the whole process, `/readyz` included, until the snapshot is gone or is found intact.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import ClassVar

from kg.errors import DataFolderError
from kg.store.builds import Build
from kg.store.checksums import Inode, altered_files, checksums, sha256, write_checksums
from kg.store.snapshots import drop_snapshot

REBUILD = "Run `citykg build`: it makes the store anew from the files and the history."


class Integrity:
    """The damaged files among the stores of a data folder. Safe for use by many threads."""

    WAY_OUT: ClassVar = (
        "Run `citykg build` while no service runs, or start the service again: either makes the store anew from the "
        "files and the history."
    )

    def __init__(self, with_checksums: Callable[[], list[Path]], snapshots: Callable[[Build], list[Path]]) -> None:
        """Take functions that return the snapshots with checksums, and those of a build: the whole, then its scopes."""
        self._snapshots_with_checksums = with_checksums
        self._snapshots_of = snapshots
        self._damaged: dict[Path, list[Path]] = {}

    def compare_all(self) -> dict[Path, list[Path]]:
        """Compare every snapshot that has checksums; return each with its damaged files."""
        read: dict[Inode, str] = {}
        found = {}
        for snapshot in self._snapshots_with_checksums():
            with suppress(FileNotFoundError):  # a writer drops snapshots at any time
                found[snapshot] = altered_files(snapshot, read)
        self._damaged = {**found}
        return {snapshot: files for snapshot, files in found.items() if snapshot.exists()}

    def compare(self, build: Build) -> list[Path]:
        """Compare the snapshots of a build, those of its scopes included; return the damaged files.

        Snapshots of older versions have no checksums and are not compared.
        """
        with_checksums = self._snapshots_with_checksums()
        for snapshot in self._snapshots_of(build):
            if snapshot in with_checksums:
                self._damaged[snapshot] = altered_files(snapshot)
        return self.known_damage(build)

    def refuse_damaged(self, build: Build) -> None:
        """Compare as `compare` does. Raise DataFolderError for a damaged file: to read it may take all memory."""
        self.compare(build)
        self.refuse_known_damage(build)

    def refuse_known_damage(self, build: Build) -> None:
        """Raise DataFolderError if a file of a build is known to be damaged, without comparing."""
        if damaged := self.known_damage(build):
            message = "The snapshot of {revision} is damaged: {place} is not as it was written."
            raise DataFolderError(message, self.WAY_OUT, place=damaged[0], revision=build.revision)

    def known_damage(self, build: Build) -> list[Path]:
        """Return the files of a build's snapshots that are known to be damaged, without comparing."""
        known = self.all_known_damage()
        return [path for snapshot in self._snapshots_of(build) for path in known.get(snapshot, [])] if known else []

    def all_known_damage(self) -> dict[Path, list[Path]]:
        """Return the snapshots known to be damaged that are still there, each with its damaged files."""
        return {snapshot: files for snapshot, files in [*self._damaged.items()] if files and snapshot.exists()}

    def compare_live(self, store: Path, build: Build) -> tuple[list[str], bool]:
        """Compare a copy of the live store with the checksums of its build's snapshot.

        Return the names of its damaged tables, and True if it has exactly the tables of the snapshot.
        """
        stated = checksums(self._snapshots_of(build)[0])
        tables = {path.name: path for path in sorted(store.glob("*.sst"))}
        shared = [name for name in tables if name in stated]
        damaged = [name for name in shared if sha256(tables[name]) != stated[name]]
        return damaged, len(shared) == len(tables) == sum(name.endswith(".sst") for name in stated)

    def drop_damaged(self) -> None:
        """Remove each snapshot that has a damaged file. The folder's lock must be held."""
        for snapshot, damaged in self.compare_all().items():
            if damaged:
                drop_snapshot(snapshot)

    @staticmethod
    def seal(copy: Path) -> None:
        """Write the checksums of a folder whose files will not change any more."""
        write_checksums(copy)

    @staticmethod
    def compare_copy(copy: Path) -> list[Path]:
        """Return the files of a sealed folder that have changed. Raises FileNotFoundError if it was never sealed."""
        return altered_files(copy)
