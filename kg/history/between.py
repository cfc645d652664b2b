"""The things that the changes between two revisions are about."""

from __future__ import annotations

from functools import lru_cache
from itertools import islice
from pathlib import Path

from pyoxigraph import RdfFormat, parse

from kg.errors import DataFolderError
from kg.history.records import History
from kg.names.name_index import ChangedIris


def things_changed_between(data: Path, one: str, other: str) -> ChangedIris | None:
    """Return the things that the changes between two heads are about, None if the heads are of different histories.

    A head is the number of the last change and its hash, with a space between them.
    """
    (first, begun), (last, ended) = sorted((int(number), of) for number, of in (one.split(" "), other.split(" ")))
    touched, reached = ChangedIris(set(), set()), begun
    try:
        if first and _hash_of(data, first) != begun:
            return None
        for record in islice(_history(data).records(after=first), last - first):
            for line in (*record.added, *record.removed):
                for quad in parse(line, RdfFormat.N_QUADS):
                    touched.add(quad)
            reached = record.hash
    except DataFolderError:
        return None
    return touched if reached == ended else None


def _hash_of(data: Path, number: int) -> str:
    record = _history(data).get(number)
    return record.hash if record is not None else ""


@lru_cache(maxsize=4)
def _history(data: Path) -> History:
    return History(data)
