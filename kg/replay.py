"""The history upon the files: what is stated once every change has been made again, and which of them broke what.

A quad is stated or not, however often it was said. So what the files state by now replays as nothing, and so does the
removal of what they no longer have.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from pyoxigraph import Quad, Store

from kg.history import Record
from kg.validation import Change, ChangeValidation, in_words, project_shapes
from kg.validation.findings import Finding

SHOWN_QUADS = 20


def replayed(files: Iterable[Quad], records: Iterable[Record]) -> list[Quad]:
    """Return the quads of the files with the changes made upon them in order, in the engine's form."""
    store = Store()
    store.bulk_extend(files)
    for record in records:
        _make(store, record)
    return list(store)


@dataclass(frozen=True)
class Broken:
    """A change that no longer conforms, and the violations that are there since it."""

    record: Record
    findings: tuple[Finding, ...]

    def lines(self) -> list[str]:
        """Return in words the change, its quads, up to twenty of them, and which shapes they break."""
        record = self.record
        quads = [*(f"- {line}" for line in record.removed), *(f"+ {line}" for line in record.added)]
        more = [f"… and {len(quads) - SHOWN_QUADS} more"] if len(quads) > SHOWN_QUADS else []
        return [
            f"Change {record.number}, {record.summary!r} by {record.agent}, no longer conforms. Its statements:",
            *(f"    {line}" for line in [*quads[:SHOWN_QUADS], *more]),
            "  break:",
            *(f"    {line}" for line in dict.fromkeys(map(_said, self.findings))),
        ]


def broken_changes(files: Iterable[Quad], records: Sequence[Record]) -> list[Broken]:
    """Return the changes that violations at the end of the replay came with; those of the files alone are nobody's.

    Each change is validated upon the ones before it, so that a violation is told of the change that brought it, even
    where that names other nodes.
    """
    store = Store()
    store.bulk_extend(files)
    validation = ChangeValidation(project_shapes())
    ledger = validation.standing(store)
    came: dict[int, Counter[Finding]] = {}
    for record in records:
        verdict = validation.verdict(store, ledger, Change(record.added_quads(), record.removed_quads()))
        _make(store, record)
        ledger = verdict.ledger
        came = {number: found - Counter(verdict.mended) for number, found in came.items()}
        came[record.number] = Counter(finding for finding in verdict.new if finding.severity == "Violation")
    return [Broken(record, tuple(found)) for record in records if (found := came[record.number])]


def _make(store: Store, record: Record) -> None:
    added = record.added_quads()
    for quad in record.removed_quads() - added:
        store.remove(quad)
    store.extend(added)


def _said(finding: Finding) -> str:
    fault = in_words(finding, project_shapes())
    return f"{fault.shape}: {fault.message} [{fault.focus}]"
