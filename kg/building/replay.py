"""Replay the history upon the files.

A graph is a set. So replaying an addition has no effect if the files have the quad by now, and neither has a removal of
a quad that they no longer have.
"""

from __future__ import annotations

from collections.abc import Iterable

from pyoxigraph import Quad, Store

from kg.history import Record


def replay(files: Iterable[Quad], records: Iterable[Record]) -> list[Quad]:
    """Return the quads of the files after the changes, made in order, in the engine's form."""
    store = Store()
    store.bulk_extend(files)
    for record in records:
        record.apply_to(store)
    return list(store)
