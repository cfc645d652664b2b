"""Jobs that outlive their process: a folder each, with the input, the request and the state.

    <folder>/lock               held (flock) by the process that works on the jobs
    <folder>/<number>/          one job, there once it is whole
        <kind>.json             the request, and by whom; never changed
        state.json              its state; replaced atomically

Numbers are never used twice. If a process dies in a step, the next process begins that step again.

Both files contain the SHA-256 of the other files of the job (`files`), and their own (`sha256`). Those of older
versions have neither, and are not compared.
"""

from __future__ import annotations

import fcntl
import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kg.errors import DataFolderError
from kg.shortage import translating_shortage, write_synced
from kg.store import LockedError, sha256

_UNFINISHED = "unfinished-"
"""The prefix of the name of a folder until it is whole."""


class JobFolder:
    """The jobs of one kind. One process at a time may write."""

    def __init__(self, path: Path, kind: str) -> None:
        """Take a folder, which is created on demand, and the name of the kind of jobs."""
        self.path = path
        self._kind = kind

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the lock on the jobs until the block ends. Raises LockedError if another process holds it."""
        with translating_shortage(self.path):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            file = (self.path / "lock").open("w")
        with file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LockedError(
                    "{place} is locked by another process, which works on the {kinds}.",
                    f"{self._kind.capitalize()} through that one, or stop it.",
                    place=self.path,
                    kinds=f"{self._kind}s",
                ) from None
            yield

    def add(self, fill: Callable[[Path], Mapping[str, Any]], state: Mapping[str, Any]) -> int:
        """Store a new job, and return its number. `fill` writes its input into a folder, and returns its request.

        Raises NoSpaceError, and then nothing is stored.
        """
        with translating_shortage(self.path):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.path))
            try:
                stated = fill(aside)
                files = self.digests(aside)
                _write(aside / "state.json", state)
                _write(aside / f"{self._kind}.json", {**stated, "files": files})
                number = max(self.numbers(), default=0) + 1
                aside.rename(self.path / str(number))
            except BaseException:
                shutil.rmtree(aside, ignore_errors=True)
                raise
        return number

    def read(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return the request and the state of a job, both with the digests of their `files`.

        Raises FileNotFoundError if there is no such job, DataFolderError for a damaged file.
        """
        place = self.path / str(number)
        stated, state = (self._read(place / name) for name in (f"{self._kind}.json", "state.json"))
        return stated, state

    def _read(self, path: Path) -> dict[str, Any]:
        try:
            stated: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            is_sealed = {"files", "sha256"} & stated.keys()
            if is_sealed and stated.pop("sha256") != _digest(stated):
                raise self._damaged_error(path)
            return {"files": {}, **stated}
        except FileNotFoundError:
            raise
        except (OSError, ValueError, KeyError, AttributeError) as error:
            raise self._damaged_error(path) from error

    def _damaged_error(self, path: Path) -> DataFolderError:
        way_out = f"Restore the folder {self.path.name} from a backup, or begin the {self._kind} anew."
        return DataFolderError("{place} is not as it was written.", way_out, place=path)

    def refuse_damaged(self, number: int) -> None:
        """Raise DataFolderError if a file of a job is damaged; missing files are accepted, since some are removed.

        Raises FileNotFoundError if there is no such job.
        """
        place = self.path / str(number)
        for said in self.read(number):
            for name, digest in said["files"].items():
                with suppress(FileNotFoundError):
                    if sha256(place / name) != digest:
                        raise self._damaged_error(place / name)

    @staticmethod
    def digests(folder: Path) -> dict[str, str]:
        """Return the SHA-256 of each file below a folder, by relative path."""
        files = (path for path in sorted(folder.rglob("*")) if path.is_file())
        return {path.relative_to(folder).as_posix(): sha256(path) for path in files}

    def numbers(self) -> list[int]:
        """Return the numbers of all jobs, the latest first."""
        with suppress(FileNotFoundError):
            return sorted((int(path.name) for path in self.path.iterdir() if path.name.isdigit()), reverse=True)
        return []

    def write_state(self, number: int, state: Mapping[str, Any]) -> None:
        """Write the state of a job. Raises NoSpaceError."""
        place = self.path / str(number)
        with translating_shortage(place):
            _write(place / "state.json", state)

    def scratch(self, number: int) -> Path:
        """Return a new folder within that of a job, which is ignored until it is renamed."""
        place = self.path / str(number)
        with translating_shortage(place):
            return Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=place))

    def drop_unfinished(self) -> None:
        """Remove the unfinished folders of a process that died."""
        for left in [*self.path.glob(f"{_UNFINISHED}*"), *self.path.glob(f"*/{_UNFINISHED}*")]:
            shutil.rmtree(left, ignore_errors=True)


def _write(path: Path, stated: Mapping[str, Any]) -> None:
    said = {"files": {}, **stated}
    write_synced(path, json.dumps({**said, "sha256": _digest(said)}, ensure_ascii=False, indent=1))


def _digest(stated: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(stated, sort_keys=True).encode()).hexdigest()
