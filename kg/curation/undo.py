"""Compute the undo of a change: the inverse of the part that is still in force.

If a later change removed a statement, or added it again, that change decides about it until it is undone itself. An
undo skips such statements, and undoes the rest.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pyoxigraph import Store

from kg.findings import Finding
from kg.history import History, Record
from kg.migrations import migrate_records
from kg.rdf import namespaces as ns
from kg.rdf.change import Change

_MOST_NAMED = 5


@dataclass(frozen=True)
class SkippedStatements:
    """Statements, as N-Quads, that an undo skipped because of a later change (`by`), or because of the files (None)."""

    by: Record | None
    statements: tuple[str, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the statements and the reason, for JSON."""
        change = None if self.by is None else self.by.as_dict()
        return {"why": self.reason(), "statements": self.statements, "change": change}

    def reason(self) -> str:
        """Return the reason in a sentence."""
        if self.by is None:
            return "The files of the graph have it so by now."
        did = "stated it anew" if self.statements[0] in self.by.added else "took it away already"
        return f"{title_of(self.by)} {did}."


def title_of(record: Record) -> str:
    """Return the name of a change for use in a sentence."""
    return f"Change {record.number} (by {record.agent}: {record.summary})"


def titles_of(records: Iterable[Record]) -> str:
    """Return the names of changes, the newest first, which is the order in which to undo them."""
    newest = sorted(records, key=lambda record: -record.number)
    more = f" and {len(newest) - _MOST_NAMED} older ones" if len(newest) > _MOST_NAMED else ""
    return ", ".join(map(title_of, newest[:_MOST_NAMED])) + more


def inverse_change(record: Record, later: Iterable[Record], store: Store) -> Change:
    """Return the change that undoes a record in a store that has the `later` changes."""
    since = changes_in_force(later, {*record.added, *record.removed}.__contains__)
    added, removed = (tuple(line for line in lines if not since.get(line)) for lines in (record.added, record.removed))
    left = replace(record, added=added, removed=removed)
    return Change.of(
        (quad for quad in left.removed_quads() if quad not in store),
        (quad for quad in left.added_quads() if quad in store),
    )


def skipped_statements(record: Record, later: Iterable[Record], taken_back: Iterable[str]) -> list[SkippedStatements]:
    """Return the statements of a record that were not `taken_back`, by the later change that decides about them."""
    left = {*record.added, *record.removed}.difference(taken_back)
    since = changes_in_force(later, left.__contains__)
    by: dict[tuple[int, bool], Record | None] = {}
    lines: dict[tuple[int, bool], list[str]] = defaultdict(list)
    for line in sorted(left):
        last = since[line][-1] if since.get(line) else None
        key = (0, False) if last is None else (last.number, line in last.added)
        by[key] = last
        lines[key].append(line)
    return [SkippedStatements(by[key], tuple(lines[key])) for key in sorted(by)]


def skipped_by_undo(record: Record, history: History, withheld: Collection[int] = ()) -> list[SkippedStatements]:
    """Return the statements that an undo skipped; empty for other changes. `withheld` changes do not count."""
    if record.reverts is None or record.reverts_too or _is_complete(record, history):
        return []
    taken_back, *between, undo = migrate_records(history.records(), withheld)[record.reverts - 1 : record.number]
    return skipped_statements(taken_back, between, {*undo.added, *undo.removed})


def _is_complete(undo: Record, history: History) -> bool:
    """Return True if a large undo is as large as its change; comparing all statements would take seconds."""
    taken_back = history.get(undo.reverts or 0)
    return (
        undo.is_large
        and taken_back is not None
        and len(undo.added) == len(taken_back.removed)
        and len(undo.removed) == len(taken_back.added)
    )


def dependent_changes(later: Iterable[Record], findings: Iterable[Finding]) -> list[Record]:
    """Return the later changes that prevent an undo: those that touch the things of the findings."""
    about, values = set(), set()
    for finding in findings:
        if finding.severity == "Violation":
            about.add(_term(finding.focus))
            values.add(_term(finding.value))

    def concerns(line: str) -> bool:
        subject, value = ends_of(line)
        return subject in about or value in about or subject in values

    found = {record.number: record for records in changes_in_force(later, concerns).values() for record in records}
    return [found[number] for number in sorted(found)]


def ends_of(line: str) -> tuple[str, str]:
    """Return the subject and the value of a statement in N-Quads."""
    subject, _, rest = line.partition(" ")
    return subject, rest.split(" ", 1)[1].rsplit(" ", 2)[0]


def changes_in_force(records: Iterable[Record], concerns: Callable[[str], bool]) -> Mapping[str, list[Record]]:
    """Return the records that changed each statement of concern, in order, without those that were undone.

    An undo cancels its change: the statement is as it was before both. An undo of an undo makes the change again,
    whichever of several undos it undoes.
    """
    found: dict[str, list[Record]] = defaultdict(list)
    done: dict[int, tuple[int, bool]] = {}
    for record in records:
        undoes = [done.get(number, (number, True)) for number in record.undoes]
        change, does = undoes[0] if undoes else (record.number, False)
        done[record.number] = change, not does
        for line in filter(concerns, (*record.added, *record.removed)):
            changed_by = found[line]
            if changed_by and done[changed_by[-1].number] in undoes:
                changed_by.pop()
            else:
                changed_by.append(record)
    return found


def _term(name: str | None) -> str:
    return f"<{ns.expand(name) or name}>" if name else ""
