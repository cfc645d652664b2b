"""State that the processes of one service share, created before they are forked."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import IO

from server.service.rate_limit import QuerySeconds


@dataclass(frozen=True)
class SharedState:
    """The usage of clients, and the folder in which each process, by its number, keeps its metrics."""

    query_seconds: QuerySeconds
    metrics_folder: Path | None = None
    process_number: int = 0

    @classmethod
    def create(cls, client_seconds: float, numbers: Path, lock: IO[bytes]) -> SharedState:
        """Return what processes share that are about to be forked, with a file for locks.

        `client_seconds` is how many seconds of queries one client may have a minute; 0 sets no limit.
        """
        return cls(QuerySeconds(client_seconds, lock=lock), numbers)
