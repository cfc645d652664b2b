"""Keep the ledger of validation beside the store, so that neither a gate nor `validate` has to compute it again.

    <data>/builds/<name>/ledger.json    the findings by target shape and focus node, their revision, and the SHA-256 of
                                        both

A build writes it, and each change. It can be computed from the store at any time. So it is not synced, and a damaged
one counts as missing. It is replaced as a whole: a graph that conforms has few findings.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path

from kg.building.sources import is_up_to_date
from kg.shacl import Ledger
from kg.store import Build, DataFolder


class LedgerFile:
    """The ledger of a data folder. Many may read; the process that holds the folder's lock writes."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._up_to_date: dict[str, bool] = {}
        """By the fingerprint of a build. Checked once: a process keeps the shapes that it has read."""

    def read(self, build: Build, place: Path | None = None) -> Ledger | None:
        """Return the ledger of a revision, None if there is none that can be used.

        It is read from its own path unless `place` is given. It cannot be used if the files, and so perhaps the shapes,
        have changed since the build.
        """
        if not self.is_of_these_files(build):
            return None
        try:
            return _parse_ledger((place or self.path(build)).read_text(encoding="utf-8"), build)
        except (OSError, ValueError, TypeError, KeyError):
            return None

    def is_of_these_files(self, build: Build) -> bool:
        """Return True if a build was made from the files as they are, or were when this was first asked."""
        if build.fingerprint not in self._up_to_date:
            self._up_to_date[build.fingerprint] = is_up_to_date(build)
        return self._up_to_date[build.fingerprint]

    def write(self, build: Build, ledger: Ledger, place: Path | None = None) -> None:
        """Write the ledger of a revision, at its own path or at `place`, unless that fails.

        The folder's lock must be held.
        """
        path = place or self.path(build)
        draft = path.with_suffix(".draft")
        try:
            draft.write_text(ledger_json(build, ledger), encoding="utf-8")
            os.replace(draft, path)
        except OSError:  # the old file is of another revision, and so not used
            draft.unlink(missing_ok=True)

    def is_whole(self, build: Build) -> bool:
        """Return True if the ledger of a build is intact, for whichever revision, or missing."""
        try:
            stated = json.loads(self.path(build).read_text(encoding="utf-8"))
            return bool(stated["sha256"] == _checksum(stated["revision"], stated["ledger"]))
        except FileNotFoundError:
            return True
        except (OSError, ValueError, TypeError, KeyError):
            return False

    def path(self, build: Build) -> Path:
        """Return the path of the ledger of a build."""
        return self._folder.live_store_path(build).parent / "ledger.json"


def ledger_json(build: Build, ledger: Ledger) -> str:
    """Return the ledger of a revision as JSON for its file."""
    text = ledger.to_json()
    return json.dumps({"revision": build.revision, "ledger": text, "sha256": _checksum(build.revision, text)})


def _parse_ledger(text: str, build: Build) -> Ledger | None:
    """Return the ledger that `packed` wrote, None if it is of another revision, or was altered since."""
    stated = json.loads(text)
    revision, ledger = stated["revision"], stated["ledger"]
    is_ours = revision == build.revision and stated["sha256"] == _checksum(revision, ledger)
    return Ledger.from_json(ledger) if is_ours else None


def _checksum(revision: str, ledger: str) -> str:
    return hashlib.sha256(f"{revision}\n{ledger}".encode()).hexdigest()
