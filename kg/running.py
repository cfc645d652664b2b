"""Queries that take long, as files in the data folder: the operator lists them, and ends one."""

from __future__ import annotations

import itertools
import json
import os
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from kg.errors import CityKgError

_LONGEST = 2_000
"""Characters of a query that are noted."""
_NUMBERS = itertools.count(1)


class EndedError(CityKgError):
    """The operator has ended a query."""

    title = "The query was ended"

    def __init__(self) -> None:
        super().__init__("The operator of this service has ended the query.", "Ask for less at a time.")


@dataclass(frozen=True)
class RunningQuery:
    """A query that a worker has: since when, in seconds since 1970, for which client, and the beginning of its text."""

    id: str
    began: float
    client: str
    text: str

    def seconds(self) -> float:
        """Return the seconds that it has been running."""
        return max(0.0, time.time() - self.began)


class RunningQueries:
    """The queries of a data folder's services that have been running for a while, each in a file of its own.

    A file has the id of the process that has the query in its name: of one that is gone none counts.
    """

    def __init__(self, data: Path) -> None:
        self._folder = data / "running"

    def add(self, began: float, client: str, text: str) -> str:
        """Record a query of this process; return its id, empty where nothing can be written."""
        query = RunningQuery(f"{os.getpid()}-{next(_NUMBERS)}", began, client, text[:_LONGEST])
        with suppress(OSError):
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._file(query.id, ".json").write_text(json.dumps(asdict(query)), encoding="utf-8")
            return query.id
        return ""

    def is_to_end(self, query_id: str) -> bool:
        """Return True if the operator wants the query to end."""
        return self._file(query_id, ".end").exists()

    def remove(self, query_id: str) -> None:
        """Remove a query that is over."""
        for suffix in (".json", ".end"):
            with suppress(OSError):
                self._file(query_id, suffix).unlink(missing_ok=True)

    def all(self) -> list[RunningQuery]:
        """Return the queries, the longest running first."""
        return sorted(self._files(), key=lambda query: query.began)

    def end(self, query_id: str) -> RunningQuery:
        """Ask for a query to be ended. Raises CityKgError if it is not running."""
        for query in self._files():
            if query.id == query_id:
                self._file(query_id, ".end").touch()
                return query
        raise CityKgError(f"There is no running query {query_id}.", "It may have ended. See: citykg queries running")

    def _files(self) -> Iterator[RunningQuery]:
        for path in self._folder.glob("*.json"):
            if not _is_alive(int(path.name.partition("-")[0])):
                self.remove(path.stem)
                continue
            with suppress(OSError, ValueError):  # it is over, or being written
                yield RunningQuery(**json.loads(path.read_text(encoding="utf-8")))

    def _file(self, query_id: str, suffix: str) -> Path:
        return self._folder / f"{query_id}{suffix}"


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        pass
    return True
