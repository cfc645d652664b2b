"""The program that decides what becomes of each row of an import.

Run as `python -m kg.importing.program DATA NUMBER SCRATCH MOST_BYTES MOST_ROWS WITH_FINDINGS`.

It reads the current snapshot at a low priority, writes the plan into the folder SCRATCH, and tells on standard output
(kg.frames) how far it is, then what has come of it. Whoever has started it gives the folder its name; if that one is
gone, the plan counts for nothing.
"""

from __future__ import annotations

import hashlib
import json
import os
import resource
import sys
import time
from collections.abc import Callable
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from kg import frames
from kg.curation import Curation
from kg.errors import CityKgError
from kg.findings import RefusedSubmissionError
from kg.imports import Limits, Plan, plan, read_mapping, read_table
from kg.imports.jobs import Import, Imports, ImportState
from kg.names import names_of
from kg.rdf.change_file import ChangeFile
from kg.shortage import is_shortage, write_failed
from kg.store import DataFolder
from kg.submissions import Submission

Progress = Callable[[int, int], None]

MEMORY_BYTES = 3 << 30
"""Bytes of address space that it may have."""
SHOWN = 100
"""Rows that a page shows."""
_NICENESS = 10
_SECONDS_BETWEEN = 0.2
"""Seconds from one word about how far it is to the next."""


def main() -> int:
    """Decide on the rows, and tell what has come of it."""
    data, number, scratch, most_bytes, most_rows, with_findings = sys.argv[1:]
    os.nice(_NICENESS)
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    folder = DataFolder(Path(data))
    one = Imports(folder.path).get(int(number))
    limits = Limits(int(most_bytes), int(most_rows))
    try:
        planned = _planned(folder, one, one.path / scratch, limits, with_findings == "yes")
    except (CityKgError, OSError, RuntimeError) as error:
        tell(**_failure(folder, one, error))
    else:
        tell(planned=planned)
    return 0


def _failure(folder: DataFolder, one: Import, error: Exception) -> dict[str, Any]:
    """Return what to say of an error. Raises one that nobody has foreseen."""
    cause = error.__cause__ if isinstance(error, CityKgError) and isinstance(error.__cause__, OSError) else error
    if is_shortage(cause):
        failure = write_failed(one.path, cause, " Nothing was imported.")
        return {
            "failed": {"detail": failure.told(folder.path), "hint": "Try again once there is room."},
            "findings": [],
        }
    if not isinstance(error, CityKgError):
        raise error
    if isinstance(error, RefusedSubmissionError):
        first = error.findings[0]
        said = {"detail": first.message, "hint": first.hint}
        return {"failed": said, "findings": [finding.as_dict() for finding in error.findings]}
    return {"failed": {"detail": error.told(folder.path), "hint": error.hint}, "findings": []}


def _planned(folder: DataFolder, one: Import, scratch: Path, limits: Limits, with_findings: bool) -> dict[str, Any]:
    """Write a plan into a folder, and return what is known of it. Raises what reading and planning raise."""
    mapping = read_mapping(one.mapping.read_bytes(), one.request.mapping)
    table = read_table(one.table, limits)
    snapshot = folder.current_snapshot()
    made = plan(table, mapping, names_of(snapshot.store), one.request.source, _progress())
    submission = made.submission()
    added = submission.change.added
    digest = _written(made, submission, scratch)
    left_out = [] if made.unread is None else [made.unread.as_dict()]
    return {
        "counts": dict(made.counts),
        "source": made.source.address,
        "statements": len(added),
        "graph": next((quad.graph_name.value for quad in added if isinstance(quad.graph_name, NamedNode)), ""),
        "revision": snapshot.build.revision,
        "digest": digest,
        "findings": [*left_out, *(_findings(folder, submission) if with_findings and added else [])],
    }


def _written(made: Plan, submission: Submission, scratch: Path) -> str:
    """Write the files of a plan, and return the SHA-256 of that with its statements."""
    for name in ("report.csv", "report.json"):
        made.write_report(scratch / name)
    if any(made.unfit()):
        made.write_unfit(scratch / "unfit")
    (scratch / "shown.json").write_text(json.dumps(_shown(made), ensure_ascii=False), encoding="utf-8")
    file = ChangeFile.write(scratch / Import.CHANGE, submission.change).path
    with file.open("rb") as written:
        os.fsync(written.fileno())
        return hashlib.file_digest(written, "sha256").hexdigest()


def _shown(made: Plan) -> list[dict[str, Any]]:
    """Return the rows that a page shows: the first ones that want a decision, then the first of the others."""
    others = (row for row in made.rows if row.outcome in ("new", "known"))
    return [made.as_dict(row) for row in islice(chain(made.unfit(), others), SHOWN)]


def _findings(folder: DataFolder, submission: Submission) -> list[dict[str, object]]:
    tell(state=ImportState.VALIDATING)
    report = Curation(folder).validation.report(submission)
    return [finding.as_dict() for finding in report.findings]


def _progress() -> Progress:
    """Return what tells from time to time how many rows are decided."""
    told = 0.0

    def progress(done: int, of: int) -> None:
        nonlocal told
        if (current := time.monotonic()) - told > _SECONDS_BETWEEN:
            told = current
            tell(state=ImportState.RECONCILING, rows=done, of=of)

    return progress


def tell(**members: object) -> None:
    """Send a frame."""
    frames.send(members)


if __name__ == "__main__":
    sys.exit(main())
