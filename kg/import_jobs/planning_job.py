"""Plan the rows of an import: of a long table in a process of its own (kg.jobs), of a short one in the importer's.

The current snapshot is read, and the plan is written into a scratch folder, which the importer then renames; if the
importer has died meanwhile, the plan is dropped.
"""

from __future__ import annotations

import json
import os
import time
from collections import defaultdict
from collections.abc import Callable
from contextlib import nullcontext
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode

from kg.accounts import Role
from kg.curation import CurationService, SubmissionReport
from kg.curation.proposals import ImportedChange
from kg.errors import CityKgError
from kg.gazetteer import Gazetteer
from kg.import_jobs.folder import ImportFolder
from kg.import_jobs.job import Import, ImportLimits, ImportState
from kg.jobs import Advance
from kg.rdf import namespaces as ns
from kg.rdf.change import ChangeFile
from kg.shortage import is_shortage, write_error
from kg.store import DataFolder
from kg.submissions import Submission
from kg.tables import Plan, TableMapping, guess_mapping, plan, read_table

ROWS_SHOWN = 100
"""Most rows that a page shows."""
_SECONDS_BETWEEN = 0.2
"""Seconds between two reports of progress."""


class Planning:
    """The planning of one import."""

    def __init__(
        self,
        folder: DataFolder,
        one: Import,
        scratch: Path,
        limits: ImportLimits,
        advance: Advance,
        *,
        curation: CurationService | None = None,
    ) -> None:
        """Use a scratch folder for the plan, the limits of the table, and the curation that this process has."""
        self._folder, self._one, self._scratch = folder, one, scratch
        self._validation = (curation or CurationService(folder)).validation
        self._limits = limits.of(one.request.role)
        self._advance = advance
        self._reported = 0.0

    def plan(self) -> dict[str, Any]:
        """Write the plan and return the fields of the status.

        Raises what reading and planning raise, and NoSpaceError.
        """
        try:
            return self._plan()
        except (CityKgError, OSError, RuntimeError) as error:
            cause = error.__cause__ if isinstance(error.__cause__, OSError) else error
            if not is_shortage(cause):
                raise
            failure = write_error(self._one.path, cause, " Nothing was imported.")
            failure.hint = "Try again once there is room."
            raise failure from None

    def _plan(self) -> dict[str, Any]:
        ImportFolder(self._folder.path).refuse_damaged(self._one.number)
        request = self._one.request
        table = read_table(self._one.table, self._limits)
        build, names = self._validation.names()
        with Gazetteer.open(self._folder.path) or nullcontext() as gazetteer:
            guess = partial(guess_mapping, table, request.city, names, gazetteer, said=request.columns)
            mapping = self._mapping(guess)
            planned = plan(table, mapping, names, request.source, self._progress, gazetteer=gazetteer)
            planned.refuse_too_many_statements(self._limits)
            submission = Submission.of(planned.statements_with_places(), planned.table.file)
            added = submission.change.added
            is_shown = self._one.status.is_dry_run or request.role is not Role.CURATOR  # else the gate reports the same
            report = self._report(submission) if is_shown and added else None
            self._write(planned, submission, report)
        digests = ImportFolder.digests(self._scratch)
        return {
            "counts": dict(planned.counts),
            "source": planned.source.address,
            "statements": len(added),
            "graph": next((quad.graph_name.value for quad in added if isinstance(quad.graph_name, NamedNode)), ""),
            "revision": build.revision,
            "digest": digests[ImportedChange.FILE],
            "files": {f"{self._one.plan.name}/{name}": digest for name, digest in digests.items()},
            "reasons": planned.summary()["reasons"],
            "fields": planned.fields,
            "findings": [
                *(one.as_dict() for one in planned.findings),
                *(report.kept() if report is not None else []),
            ],
        }

    def _mapping(self, guess: Callable[..., str]) -> TableMapping:
        """Return the mapping that was sent, or one that is guessed, and written into the plan."""
        one, body = self._one, self._one.sent_mapping.read_bytes()
        if one.is_guessed:
            body = guess(rest=body.decode()).encode()
            (self._scratch / one.mapping.name).write_bytes(body)
        return TableMapping.read(body, one.request.mapping or "mapping")

    def _write(self, planned: Plan, submission: Submission, report: SubmissionReport | None) -> None:
        """Write the files of the plan."""
        for name in ("report.csv", "report.json"):
            planned.write_report(self._scratch / name)
        if any(planned.unfit_rows()):
            planned.write_unfit(self._scratch / "unfit")
        (self._scratch / "shown.json").write_text(
            json.dumps(_rows_to_show(planned, report), ensure_ascii=False), encoding="utf-8"
        )
        with ChangeFile.write(self._scratch / ImportedChange.FILE, submission.change).path.open("rb") as written:
            os.fsync(written.fileno())

    def _report(self, submission: Submission) -> SubmissionReport:
        self._advance(ImportState.VALIDATING, 0, 0)
        return self._validation.report(submission)

    def _progress(self, done: int, of: int) -> None:
        """Report from time to time how many rows are planned."""
        if (current := time.monotonic()) - self._reported > _SECONDS_BETWEEN:
            self._reported = current
            self._advance(ImportState.RECONCILING, done, of)


def _rows_to_show(planned: Plan, report: SubmissionReport | None) -> list[dict[str, Any]]:
    """Return the rows that a page shows: those that need a decision, then those to which something objects."""
    told = _told_by_row(planned, report)
    fit = [row for row in planned.rows if row.outcome in ("new", "known")]
    objected, others = ([row for row in fit if (row.row.number in told["objections"]) is has] for has in (True, False))
    return [
        planned.for_page(row) | {name: by_row.get(row.row.number, []) for name, by_row in told.items()}
        for row in islice(chain(planned.unfit_rows(), objected, others), ROWS_SHOWN)
    ]


def _told_by_row(planned: Plan, report: SubmissionReport | None) -> dict[str, dict[int, list[object]]]:
    """Return by the numbers of rows what each says in sentences, and what the graph and it have against each other."""
    found: dict[str, dict[int, list[object]]] = {"objections": defaultdict(list), "sentences": defaultdict(list)}
    if report is None or (effects := report.effects) is None:
        return found
    row_of = {str(quad.subject): row.number for quad, row in planned.statements() if row is not None}
    for one in effects.objections.raised:
        if (number := row_of.get(f"<{one.statement}>")) is not None:
            found["objections"][number].append(one.as_dict())
    for said in (said for thing in effects.sentences for said in thing["added"]):
        number = row_of.get(f"<{said['statement']}>")
        if number is not None and ns.kind_of(said["statement"]) == "account":
            found["sentences"][number].append(said["text"])
    return found
