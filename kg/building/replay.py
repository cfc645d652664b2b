"""The history upon the files: what is stated once every change has been made again.

A quad is stated or not, however often it was said. So what the files state by now replays as nothing, and so does the
removal of what they no longer have.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Quad, Store

from kg.history import Record


def replay(files: Iterable[Quad], records: Iterable[Record]) -> list[Quad]:
    """Return the quads of the files with the changes made upon them in order, in the engine's form."""
    store = Store()
    store.bulk_extend(files)
    for record in records:
        record.apply_to(store)
    return list(store)
