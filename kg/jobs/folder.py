"""Jobs that outlive who works on them: a folder each, with its input, what was asked for, and how far it has come.

    <folder>/lock               held (flock) by the process that works on the jobs
    <folder>/<number>/          one job, there once it is whole
        <kind>.json             what was asked for, and by whom; never changed
        state.json              how far it has come; replaced atomically

Numbers are never given twice. Whatever the step at which a process dies, that step is begun again by the next one.
"""

from __future__ import annotations

import fcntl
import json
import shutil
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from kg.shortage import shortage_told, write_synced
from kg.store import LockedError

_UNFINISHED = "unfinished-"
"""What the name of a folder begins with until it is whole."""


class JobFolder:
    """The jobs of one kind. Of those who write, one at a time does."""

    def __init__(self, path: Path, kind: str) -> None:
        """Take a folder, which is made when it is needed, and the name of the kind."""
        self.path = path
        self._kind = kind

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Keep other processes from working on the jobs until the block ends. Raises LockedError if one does."""
        with shortage_told(self.path):
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
        """Keep a job, and return its number. `fill` writes its input into a folder, and returns what was asked for.

        Raises NoSpaceError, and then nothing is kept.
        """
        with shortage_told(self.path):
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
            aside = Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=self.path))
            try:
                stated = fill(aside)
                _write(aside / "state.json", state)
                _write(aside / f"{self._kind}.json", stated)
                number = max(self.numbers(), default=0) + 1
                aside.rename(self.path / str(number))
            except BaseException:
                shutil.rmtree(aside, ignore_errors=True)
                raise
        return number

    def read(self, number: int) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what was asked for by a job, and how far it has come. Raises OSError, ValueError."""
        stated, state = (
            json.loads((self.path / str(number) / name).read_text(encoding="utf-8"))
            for name in (f"{self._kind}.json", "state.json")
        )
        return stated, state

    def numbers(self) -> list[int]:
        """Return the numbers of all jobs, the latest first."""
        with suppress(FileNotFoundError):
            return sorted((int(path.name) for path in self.path.iterdir() if path.name.isdigit()), reverse=True)
        return []

    def note(self, number: int, state: Mapping[str, Any]) -> None:
        """Note how far a job has come. Raises NoSpaceError."""
        place = self.path / str(number)
        with shortage_told(place):
            _write(place / "state.json", state)

    def scratch(self, number: int) -> Path:
        """Return a folder within that of a job that counts for nothing until it is renamed."""
        place = self.path / str(number)
        with shortage_told(place):
            return Path(tempfile.mkdtemp(prefix=_UNFINISHED, dir=place))

    def tidy(self) -> None:
        """Remove what a process that died has left unfinished."""
        for left in [*self.path.glob(f"{_UNFINISHED}*"), *self.path.glob(f"*/{_UNFINISHED}*")]:
            shutil.rmtree(left, ignore_errors=True)


def _write(path: Path, stated: Mapping[str, Any]) -> None:
    write_synced(path, json.dumps(stated, ensure_ascii=False, indent=1))
