"""Whether a change may be made: what of it, or of an undo, is not so yet; which of its warnings its author has seen."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from pyoxigraph import Store

from kg.curation.draft import Draft
from kg.curation.refusals import NeededByOthersError, NothingToChangeError, does_not_count, nothing_left, refused
from kg.curation.report import all_in_words, report_on
from kg.curation.undo import depending, undone
from kg.curation.validation import refuse_missing
from kg.findings import Finding
from kg.history import ConflictError, History, Record
from kg.migrations import in_terms_of_today
from kg.rdf.change import Change
from kg.rdf.serialise import lines_of
from kg.shacl import Verdict
from kg.submissions import Submission


def effective(change: Change, store: Store, history: History) -> Change:
    """Return what of a change is not so yet in a store.

    Raises ConflictError for what cannot be removed, with the changes that did so; NothingToChangeError.
    """
    try:
        refuse_missing(store, change)
    except ConflictError as error:
        raise _with_changes(error, history) from None
    added = frozenset(quad for quad in change.added if quad not in store)
    if not added and not change.removed - change.added:
        raise NothingToChangeError(
            "The change changes nothing: the graph already says all of it.", "There is nothing to do."
        )
    return Change(added, change.removed - change.added)


def acknowledged(
    draft: Draft,
    submission: Submission,
    findings: Sequence[Finding],
    verdict: Verdict | None,
    history: History,
    *,
    withheld: Collection[int],
) -> tuple[str, ...]:
    """Return the warnings of a draft in words. Raises RefusedChangeError for violations, or warnings not seen.

    `withheld` are the changes of the history that do not count.
    """
    results = verdict.new if verdict is not None else ()
    severities = [finding.severity for finding in findings] + [result.severity for result in results]
    broken, warned = severities.count("Violation"), severities.count("Warning")
    if broken or (warned and not draft.acknowledged):
        report = report_on(submission, findings, verdict)
        if broken and draft.reverts is not None:
            later = in_terms_of_today(history.records(), withheld)[draft.reverts :]
            found = (*findings, *(() if verdict is None else all_in_words(verdict)))
            raise NeededByOthersError(draft.reverts, report, depending(later, found))
        raise refused(report)
    return (
        *(str(finding) for finding in findings if finding.severity == "Warning"),
        *(f"{result.focus}: {result.message('en')}" for result in results if result.severity == "Warning"),
    )


def undoing(number: int, records: Iterable[Record], store: Store, withheld: Collection[int]) -> Submission:
    """Return what takes back, upon a store with these records, what is still as one of them made it.

    Those that are `withheld` are not in the store. Raises NothingToChangeError if nothing is left of it.
    """
    if number in withheld:
        raise does_not_count(number)
    record, *later = in_terms_of_today(records, withheld)[number - 1 :]
    change = undone(record, later, store)
    if not change.added and not change.removed:
        raise nothing_left(record, later)
    return Submission(change)


def _with_changes(error: ConflictError, history: History) -> ConflictError:
    lines = set(lines_of(error.quads))
    changes = [record for record in history.records() if not lines.isdisjoint((*record.added, *record.removed))]
    removers = [record.number for record in changes if not lines.isdisjoint(record.removed)]
    who = f"Change {removers[-1]} removed some of them. " if removers else ""
    return ConflictError(error.message, who + error.hint, error.quads, changes)
