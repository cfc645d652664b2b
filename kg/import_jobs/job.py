"""One import: the request, its status, and the paths of its files."""

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
from kg.findings import Finding, FindingGroup
from kg.tables import TableLimits

_WORST_FIRST = ("Violation", "Warning", "Info")


class ImportState(StrEnum):
    """The state of an import."""

    QUEUED = "queued"
    READING = "reading"
    RECONCILING = "reconciling"
    VALIDATING = "validating"
    WAITING = "waiting"
    """Until a curator decides on the proposal that it has become."""
    COMMITTING = "committing"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"

    @property
    def is_over(self) -> bool:
        """True if it is finished, one way or another."""
        return self in (ImportState.DONE, ImportState.FAILED, ImportState.CANCELLED)

    @property
    def is_to_be_done(self) -> bool:
        """True if the importer has to run it."""
        return not self.is_over and self is not ImportState.WAITING


class ImportOverError(CityKgError):
    """The import has come too far for the request."""

    title = "The import has come too far"


@dataclass(frozen=True)
class ImportLimits:
    """The largest table that a role may import, in bytes and rows."""

    curator_import_bytes: int = 50_000_000
    curator_import_rows: int = 50_000
    contributor_import_bytes: int = 5_000_000
    contributor_import_rows: int = 10_000

    def of(self, role: Role) -> TableLimits:
        """Return the limits of a role."""
        if role is Role.CURATOR:
            return TableLimits(self.curator_import_bytes, self.curator_import_rows)
        return TableLimits(self.contributor_import_bytes, self.contributor_import_rows)


@dataclass(frozen=True)
class ImportRequest:
    """A request to import a table by a mapping: name and media type of the file, and why.

    `mapping` is the name of the mapping, or of its file; empty if it is to be guessed, for the list of twin towns of
    `city`. `source` is the name or address of the source, and may be empty if the mapping declares it. An import of a
    contributor becomes a proposal.
    """

    agent: str
    role: Role
    file: str
    media_type: str
    mapping: str
    source: str
    summary: str
    city: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    """For a guess: the field of each column that is read, by its heading, if a person has said so."""


@dataclass(frozen=True)
class ImportStatus:
    """The state of an import, and what is known of it so far.

    `acknowledged` says that its author has seen the warnings. Once all rows are planned, `counts` has the number of
    rows by outcome, `source` the address of the source, `statements` the number of statements for the graph with the
    IRI `graph` at a revision, and `digest` the SHA-256 of the file that holds them. `error` has the detail and the hint
    of a failure.
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
    reasons: list[dict[str, Any]] = field(default_factory=list)
    """Rows by outcome and kind of reason, as in the report; empty in imports of older versions."""
    fields: list[Mapping[str, str]] = field(default_factory=list)
    """The fields of the mapping with their columns, as of a plan; empty in imports of older versions."""
    error: Mapping[str, str] | None = None
    proposal: int | None = None
    change: int | None = None
    parts: list[int] = field(default_factory=list)
    """The changes that parts of its proposal have become."""
    files: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of each file of its plan, by its path in the folder of the import."""

    @property
    def changes(self) -> list[int]:
        """All changes that it has become, oldest first: one, or more if it was accepted in parts."""
        return sorted({*self.parts, *([] if self.change is None else [self.change])})


@dataclass(frozen=True)
class Import:
    """An import and its folder. `id` is that of the change which it becomes, so that it becomes only one.

    `submitted` is an xsd:dateTime in UTC; `size` is that of the table in bytes.
    """

    path: Path
    number: int
    id: str
    request: ImportRequest
    submitted: str
    size: int
    status: ImportStatus
    files: Mapping[str, str] = field(default_factory=dict)
    """The SHA-256 of each file that was sent, by its path in the folder of the import."""

    @property
    def address(self) -> str:
        """The path of its page."""
        return f"/imports/{self.number}"

    @property
    def table(self) -> Path:
        """The table as it was sent."""
        return self.path / "table" / self.request.file

    @property
    def is_guessed(self) -> bool:
        """True if its mapping is guessed from the headings of the table."""
        return not self.request.mapping

    @property
    def sent_mapping(self) -> Path:
        """The file of the mapping as it was sent; of one that is guessed it has the source at most."""
        return self.path / "mapping.yaml"

    @property
    def mapping(self) -> Path:
        """The file of its mapping; missing until it is guessed, if it has to be."""
        return self.plan / self.sent_mapping.name if self.is_guessed else self.sent_mapping

    @property
    def plan(self) -> Path:
        """The folder of its plan; missing until its rows are planned."""
        return self.path / "plan"

    def shown_rows(self) -> list[dict[str, Any]]:
        """Return some rows of the report, as JSON: those first that need a decision."""
        path = self.plan / "shown.json"
        return list(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else []

    def reported_rows(self) -> list[dict[str, Any]]:
        """Return all rows of the report, as JSON, in the order of the table."""
        path = self.plan / "report.json"
        return list(json.loads(path.read_text(encoding="utf-8"))["rows"]) if path.exists() else []

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
        """Return it as JSON for clients."""
        standing = self.status
        findings = sorted(standing.findings, key=lambda finding: _WORST_FIRST.index(finding["severity"]))
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
            "guessed": self.is_guessed,
            "fields": standing.fields,
            "mappingFile": f"{self.address}/mapping" if self.mapping.exists() else None,
            "city": self.request.city,
            "source": standing.source or self.request.source,
            "summary": self.request.summary,
            "agent": self.request.agent,
            "submitted": self.submitted,
            "changed": standing.at,
            "error": standing.error,
            "reasons": standing.reasons,
            "findings": findings,
            "findingGroups": [one.as_dict() for one in FindingGroup.group(Finding(**finding) for finding in findings)],
            "report": f"{self.address}/report.csv" if (self.plan / "report.csv").exists() else None,
            "unfit": f"{self.address}/unfit" if (self.plan / "unfit").exists() else None,
            "proposal": f"/proposals/{standing.proposal}" if standing.proposal is not None else None,
            "change": f"/changes/{standing.change}" if standing.change is not None else None,
        }
