"""The errors for changes that are not made: they break something, others depend on them, or the graph has changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from pyoxigraph import NamedNode, Store

from kg.curation.report import UNASKED, UNCLEAR, SubmissionReport
from kg.curation.undo import skipped_statements, titles_of
from kg.errors import CityKgError
from kg.history import ConflictError, History, Record
from kg.messages import quantity
from kg.rdf.change import Change
from kg.rdf.serialise import lines_of


class RefusedChangeError(CityKgError):
    """A change was not made because it causes violations, or warnings that were not acknowledged.

    `report` has what was found.
    """

    title = "The change does not conform"

    def __init__(self, message: str, hint: str, report: SubmissionReport) -> None:
        super().__init__(message, hint)
        self.report = report

    def details(self) -> dict[str, Any]:
        """Return the report, which says why it has no effects, as that of a validation does."""
        return replace(self.report, no_effects=UNASKED if self.report.conforms else UNCLEAR).as_dict()


class NeededByOthersError(RefusedChangeError):
    """A change cannot be undone, since something depends on it; `changes` are those that added it."""

    title = "Something depends on the change"

    def __init__(self, number: int, report: SubmissionReport, changes: Sequence[Record]) -> None:
        super().__init__(
            f"Change {number} cannot be undone: the graph would not conform.",
            f"Undo first: {titles_of(changes)}. Or all that builds on it at once: dependents=yes, or --dependents."
            if changes
            else "Change first what the findings name.",
            report,
        )
        self.changes = changes

    def details(self) -> dict[str, Any]:
        """Return the report, and the changes."""
        return super().details() | {"changes": [change.as_dict() for change in self.changes]}


class NothingToChangeError(ConflictError):
    """The graph already has everything that a change would do."""


class RevisionPassedError(CityKgError):
    """The graph is at another revision than the one that the client wants to change."""

    title = "The graph is at another revision"

    def __init__(self, wanted: str, current: str, history: History) -> None:
        super().__init__(f"The graph is at revision {current}, not at {wanted}.", "Read it again, then decide.")
        self._wanted = wanted
        self._history = history

    def details(self) -> dict[str, Any]:
        """Return the changes since the wanted revision, if that is known."""
        number = self._wanted.partition(".")[2] or "0"
        is_known = number.isascii() and number.isdigit() and int(number) <= self._history.count()
        return {
            "changes": [record.as_dict() for record in self._history.records(after=int(number))] if is_known else None
        }


class OvertakenError(Exception):
    """Others have changed what a change was computed from, or is about: it has to be computed again."""


def overtaken_error() -> ConflictError:
    """Return the error for a change that was overtaken at each attempt."""
    return ConflictError(
        "The graph was changed by others each time while the change was computed from it.",
        "Send it again later, or in smaller parts.",
    )


class SamePersonError(CityKgError):
    """A reviewer wants to accept a proposal of their own."""

    title = "The proposal is your own"


class SecondPersonError(CityKgError):
    """A change withdraws something, which takes two people."""

    title = "A second person is needed"

    @classmethod
    def for_withdrawal(cls) -> SecondPersonError:
        """Return the error, with the way for two people to do it."""
        return cls(
            "The change withdraws something, which a second person has to accept.",
            "Propose it: POST it to /changes or /proposals, or citykg submit; another curator accepts it.",
        )


def nothing_left_error(record: Record, later: Sequence[Record]) -> NothingToChangeError:
    """Return the error for an undo of a change of which nothing is left, with the later changes that replaced it."""
    since = [one.by for one in skipped_statements(record, later, ()) if one.by is not None]
    changes = list({one.number: one for one in since}.values())
    hint = f"Look at what came after it: {titles_of(changes)}." if changes else "The files of the graph say otherwise."
    return NothingToChangeError(f"Nothing of change {record.number} is left to undo.", hint, changes=changes)


def not_counting_error(number: int) -> NothingToChangeError:
    """Return the error for an undo of a change that does not count in the graph."""
    return NothingToChangeError(
        f"Change {number} does not count in the graph, since it no longer conforms: there is nothing to undo.",
        "It stays in the history. citykg build and /readyz say what is wrong with it.",
    )


def refusal(report: SubmissionReport) -> RefusedChangeError:
    """Return the error for a change with the violations or warnings of a report."""
    severities = [finding.severity for finding in report.findings]
    if broken := severities.count("Violation"):
        return RefusedChangeError(
            f"The change would cause {quantity(broken, 'violation')}.", "Mend what is named.", report
        )
    return RefusedChangeError(
        f"The change brings {quantity(severities.count('Warning'), 'warning')}.",
        "Mend what is named, or say that you have seen it: acknowledge=yes, or --acknowledge",
        report,
    )


def refuse_missing(store: Store, change: Change, history: History) -> None:
    """Raise ConflictError if a change removes statements that a store lacks, with the changes that removed them.

    The history is read from its end, until all of them are found removed.
    """
    missing = frozenset(quad for quad in change.removed - change.added if quad not in store)
    if not missing:
        return
    lines, changes = set(lines_of(missing)), list[Record]()
    for record in history.records_about({subject.value for subject, *_ in missing if isinstance(subject, NamedNode)}):
        if not lines:
            break
        if found := lines.intersection(record.removed):
            changes.insert(0, record)
            lines -= found
    who = f"Change {changes[-1].number} removed some of them. " if changes else ""
    raise ConflictError(
        f"The graph lacks what would be removed or replaced ({quantity(len(missing), 'statement')}).",
        f"{who}Read the graph again and leave out what is gone.",
        missing,
        changes,
    )
