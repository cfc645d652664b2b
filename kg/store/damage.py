"""What of a data folder is no longer as it was written, found by checksums before anything reads it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from kg.errors import DataFolderError
from kg.store.builds import Build
from kg.store.checksums import Comparison, write_checksums
from kg.store.data_folder import DataFolder

REBUILD = "Run `citykg build`: it makes the store anew from the files and the history."


class Damage:
    """Compares the snapshots of a data folder with their checksums; each file is read once, however often it is met."""

    def __init__(self, folder: DataFolder, rest: Callable[[float], object] = lambda seconds: None) -> None:
        """Take a folder; `rest` is called after each file that was read, with the seconds that took."""
        self._folder = folder
        self._comparison = Comparison(rest)

    def by_snapshot(self) -> dict[Path, list[Path]]:
        """Return each snapshot that has checksums, and which of its files are damaged; mostly none."""
        found = {}
        for snapshot in self._folder.with_checksums():
            with suppress(FileNotFoundError):  # a writer drops snapshots at any time
                found[snapshot] = self._compared(snapshot)
        return {snapshot: files for snapshot, files in found.items() if snapshot.exists()}

    def of(self, build: Build) -> list[Path]:
        """Return the damaged files of a snapshot and of its scopes'.

        None where it has no checksums, since an older version made it.
        """
        with_checksums = self._folder.with_checksums()
        snapshots = (snapshot for snapshot in self._snapshots(build) if snapshot in with_checksums)
        return [path for snapshot in snapshots for path in self._compared(snapshot)]

    def known(self) -> dict[Path, list[Path]]:
        """Return the snapshots that this process has found damaged and that are still there, without comparing."""
        return {snapshot: files for snapshot, files in [*self._folder.damaged.items()] if snapshot.exists()}

    def known_of(self, build: Build) -> list[Path]:
        """Return the damaged files of a snapshot and of its scopes' as far as they are known, without comparing."""
        known = self.known()
        return [path for snapshot in self._snapshots(build) for path in known.get(snapshot, [])] if known else []

    def _snapshots(self, build: Build) -> list[Path]:
        scopes = (self._folder.snapshot_in(scope, build) for scope in self._folder.scopes(build))
        return [self._folder.snapshot(build), *scopes]

    def _compared(self, snapshot: Path) -> list[Path]:
        """Compare a snapshot with its checksums, and let the folder know, so that all tell the same of it."""
        files = self._comparison.damaged(snapshot)
        if files:
            self._folder.damaged[snapshot] = files
        else:
            self._folder.damaged.pop(snapshot, None)
        return files

    def refuse(self, build: Build) -> None:
        """Raise DataFolderError if a file of a snapshot is damaged: whoever reads it may take all memory."""
        if damaged := self.of(build):
            message = "The snapshot of {revision} is damaged: {place} is not as it was written."
            raise DataFolderError(message, REBUILD, place=damaged[0], revision=build.revision)

    def drop(self) -> None:
        """Remove each snapshot that has a damaged file. The folder's lock must be held."""
        for snapshot, damaged in self.by_snapshot().items():
            if damaged:
                self._folder.drop(snapshot)

    @staticmethod
    def seal(copy: Path) -> None:
        """Write the checksums of a folder that is not to change any more."""
        write_checksums(copy)

    @staticmethod
    def of_copy(copy: Path) -> list[Path]:
        """Return what of a folder is not as it was sealed. Raises FileNotFoundError if it never was."""
        return Comparison().damaged(copy)
