"""One import: what was asked for, how far it has come, and where its files are."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from kg.accounts import Role
from kg.curation.proposals import ImportedChange, NewProposal
from kg.errors import CityKgError
from kg.tables import TableLimits

_WORST_FIRST = ("Violation", "Warning", "Info")


class ImportState(StrEnum):
    """How far an import has come."""

    QUEUED = "queued"
    READING = "reading"
    RECONCILING = "reconciling"
    VALIDATING = "validating"
    WAITING = "waiting"
    """For a curator to decide on the proposal that it has become."""
    COMMITTING = "committing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """Whether nothing more comes of it."""
        return self in (ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED)

    @property
    def is_to_be_done(self) -> bool:
        """Whether there is something to be done by those who work on imports."""
        return not self.is_over and self is not ImportState.WAITING


class ImportOverError(CityKgError):
    """An import has come too far for what was asked of it."""

    title = "The import has come too far"


@dataclass(frozen=True)
class ImportLimits:
    """How much somebody may import at a time, by role: bytes and rows of the table."""

    curator_import_bytes: int = 50_000_000
    curator_import_rows: int = 100_000
    contributor_import_bytes: int = 5_000_000
    contributor_import_rows: int = 10_000

    def of(self, role: Role) -> TableLimits:
        """Return what holds for a role."""
        if role is Role.CURATOR:
            return TableLimits(self.curator_import_bytes, self.curator_import_rows)
        return TableLimits(self.contributor_import_bytes, self.contributor_import_rows)


@dataclass(frozen=True)
class ImportRequest:
    """What somebody wants imported: a table with the name (also here) and type of its file, by a mapping, and why.

    `mapping` is its name, or that of the file that was sent; `source` names it or its address, and may be empty where
    the mapping declares it. An import of a contributor becomes a proposal.
    """

    agent: str
    role: Role
    file: str
    media_type: str
    mapping: str
    source: str
    summary: str


@dataclass(frozen=True)
class ImportStatus:
    """How far an import has come, and what is known of it by then.

    `acknowledged` says that its author has seen the warnings. Once all rows are decided, `counts` are those by outcome,
    `source` is where one can look it up, `statements` what they come to, for the graph with the IRI `graph`, upon a
    revision; `digest` is the SHA-256 of the file that they lie in. `error` has the detail and the hint of a failure.
    """

    state: ImportState
    at: str
    is_dry_run: bool = False
    acknowledged: bool = False
    counts: Mapping[str, int] | None = None
    source: str = ""
    statements: int = 0
    graph: str = ""
    revision: str = ""
    digest: str = ""
    findings: list[dict[str, Any]] = field(default_factory=list)
    error: Mapping[str, str] | None = None
    proposal: int | None = None
    change: int | None = None
    files: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of each file of its plan, by its path from the folder of the import."""


@dataclass(frozen=True)
class Import:
    """An import in its folder. `id` is that of the change which it becomes, so that it becomes one only.

    `submitted` is an xsd:dateTime in UTC; `size` is that of the table.
    """

    path: Path
    number: int
    id: str
    request: ImportRequest
    submitted: str
    size: int
    status: ImportStatus
    files: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of each file that was sent, by its path from the folder of the import."""

    @property
    def address(self) -> str:
        """The path of its page."""
        return f"/imports/{self.number}"

    @property
    def table(self) -> Path:
        """The table as it was sent."""
        return self.path / "table" / self.request.file

    @property
    def mapping(self) -> Path:
        """The mapping that it is read by."""
        return self.path / "mapping.yaml"

    @property
    def plan(self) -> Path:
        """The folder of what becomes of its rows; not there before they are decided."""
        return self.path / "plan"

    def as_proposal(self) -> NewProposal:
        """Return the proposal that it becomes."""
        said = {"import": self.number, "id": self.id, "digest": self.status.digest}
        return NewProposal(
            proposer=self.request.agent,
            summary=self.request.summary,
            source=self.status.source,
            graph=self.status.graph,
            media_type=ImportedChange.MEDIA_TYPE,
            body=json.dumps(said, sort_keys=True).encode(),
            findings=self.status.findings,
        )

    def as_dict(self) -> dict[str, Any]:
        """Return what clients learn of it, for JSON."""
        standing = self.status
        return {
            "number": self.number,
            "address": self.address,
            "state": standing.state,
            "dryRun": standing.is_dry_run,
            "counts": standing.counts,
            "statements": standing.statements if standing.counts is not None else None,
            "graph": standing.graph or None,
            "file": self.request.file,
            "bytes": self.size,
            "mapping": self.request.mapping,
            "source": standing.source or self.request.source,
            "summary": self.request.summary,
            "agent": self.request.agent,
            "submitted": self.submitted,
            "changed": standing.at,
            "error": standing.error,
            "findings": sorted(standing.findings, key=lambda finding: _WORST_FIRST.index(finding["severity"])),
            "report": f"{self.address}/report.csv" if (self.plan / "report.csv").exists() else None,
            "unfit": f"{self.address}/unfit" if (self.plan / "unfit").exists() else None,
            "proposal": f"/proposals/{standing.proposal}" if standing.proposal is not None else None,
            "change": f"/changes/{standing.change}" if standing.change is not None else None,
        }
