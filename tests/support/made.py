"""Folders that take seconds to make, made once: by one process of a run, and not again while nothing has changed."""

from __future__ import annotations

import fcntl
import hashlib
import shutil
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FunctionType

from kg import resources
from kg.building.sources import fingerprint, shipped_works

CODE = Path(resources.__file__).parent
LOCKED_VERSIONS = CODE.parent / "requirements.lock"


class Made:
    """Folders by name, in a folder of the run, and copies of them that outlive it where `cache` is given.

    A copy counts as long as the files of the graph and of all works, all code of `kg`, the versions of the libraries
    and the file that says how to make it are the same.
    """

    def __init__(self, of_the_run: Path, cache: Path | None) -> None:
        of_the_run.mkdir(exist_ok=True)
        self._of_the_run = of_the_run
        self._cache = cache

    def once(self, name: str, make: FunctionType) -> Path:
        """Return the folder of a name, made by whoever comes first; the others wait."""
        path = self._of_the_run / name
        with _locked(self._of_the_run / f"{name}.lock"):
            if not path.exists():
                if self._cache is None:
                    _whole(path, make)
                else:
                    self._from_cache(self._cache, name, make)
        return path

    def _from_cache(self, cache: Path, name: str, make: FunctionType) -> None:
        with _locked(cache / f"{name}.lock"):
            kept = cache / f"{name}-{_key(Path(make.__code__.co_filename))}"
            if not kept.exists():
                for older in cache.glob(f"{name}-*"):
                    shutil.rmtree(older)
                _whole(kept, make)
            _whole(self._of_the_run / name, lambda path: shutil.copytree(kept, path, dirs_exist_ok=True))


def _whole(path: Path, make: Callable[[Path], object]) -> None:
    """Make a folder aside, and give it its name once it is whole."""
    aside = path.with_name(f"unfinished-{path.name}")
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    make(aside)
    aside.rename(path)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _key(maker: Path) -> str:
    digest = hashlib.sha256(f"{sys.version} {fingerprint(tuple(shipped_works().values()))}".encode())
    for path in (maker, LOCKED_VERSIONS, *sorted(CODE.rglob("*.py"))):
        digest.update(f"{path.relative_to(CODE.parent)}\n".encode())
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
