"""What a change comes to once it is computed and judged, in this process or in a job, before it is recorded."""

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
    """The record to come, if there is one, and the ledger of the graph as it will be.

    `findings` are those of the checks, which let it pass. What a job has made holds it in a `build` that lies `aside`.
    """

    record: Record | None
    ledger: Ledger
    findings: Sequence[Finding] = ()
    build: Build | None = None
    aside: StagedBuild | None = None


@dataclass(frozen=True)
class ConcurrentChange:
    """A change that was made while another one is prepared, and what the checks found in it, without places."""

    record: Record
    findings: frozenset[Finding] = frozenset()

    @property
    def change(self) -> Change:
        """The statements of its record."""
        return Change(self.record.added_quads(), self.record.removed_quads())

    def new_among(self, findings: Sequence[Finding]) -> list[Finding]:
        """Return those of the findings that refuse or warn, and were not found when the change was made."""
        return [one for one in findings if one.severity != "Info" and one.without_place() not in self.findings]
