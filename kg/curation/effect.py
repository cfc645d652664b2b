"""Changes that were judged, in this process or in a job, and are about to be recorded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from kg.findings import Finding
from kg.history import Record
from kg.rdf.change import Change
from kg.shacl import Ledger
from kg.store import Build
from kg.store.aside import StagedBuild


@dataclass(frozen=True)
class PendingWrite:
    """A record to be written, or None for measures, and the ledger of the graph after it.

    `findings` are those of the checks, which let it pass. If a job has prepared it, `build` holds it, and is staged in
    `aside`.
    """

    record: Record | None
    ledger: Ledger
    findings: Sequence[Finding] = ()
    build: Build | None = None
    aside: StagedBuild | None = None


@dataclass(frozen=True)
class ConcurrentChange:
    """A change that was made while another one was prepared, and the findings of its checks, without places."""

    record: Record
    findings: frozenset[Finding] = frozenset()

    @property
    def change(self) -> Change:
        """The statements of its record."""
        return Change(self.record.added_quads(), self.record.removed_quads())

    def new_among(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return the violations and warnings among findings that were not found when the change was made."""
        return [one for one in findings if one.severity != "Info" and one.without_place() not in self.findings]
