"""The revision of a snapshot, from its place in a data folder (kg.store) and the description beside it."""

from __future__ import annotations

import json
from pathlib import Path

from pyoxigraph import Store

from kg.history import HistoryGraph
from kg.names.name_index import Revision

_SCOPES = "scopes"


def revision_of_snapshot(snapshot: Path, store: Store) -> Revision | None:
    """Return the revision of an open snapshot, None if it has no description of its build."""
    try:
        build = json.loads(snapshot.with_suffix(".json").read_text(encoding="utf-8"))
        folder = snapshot.parents[3]  # <data>/builds/<name>/snapshots/7
        data = folder.parents[3] if folder.parent.name == _SCOPES else folder  # <data>/builds/<name>/scopes/report
        return HistoryGraph(store).revision(data, build["content_hash"], build["changes"])
    except (OSError, ValueError, KeyError, IndexError):
        return None
