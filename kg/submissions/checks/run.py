"""Run the checks of a submission before SHACL: vocabulary, policy, identity and evidence, in that order."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from pyoxigraph import Quad, Store

from kg import garbage
from kg.findings import MOST_FINDINGS, Finding
from kg.messages import bilingual
from kg.names import Names
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.submissions import Submission
from kg.submissions.checks.concepts import check_concepts
from kg.submissions.checks.consistency import check_circles, check_disjoint, check_groups
from kg.submissions.checks.duplicates import check_identity
from kg.submissions.checks.files_only import check_files_only
from kg.submissions.checks.graph_after import GraphAfterChange
from kg.submissions.checks.naming import check_naming
from kg.submissions.checks.policy import check_domains, check_policy, check_statements
from kg.submissions.checks.sources import check_accounts, check_evidence
from kg.submissions.checks.vocabulary import check_vocabulary
from kg.submissions.checks.withdrawals import check_dangling, check_withdrawals

Found = Iterator[tuple[Quad, Finding]]
Check = Callable[[GraphAfterChange], Found]
_CHECKS_OF_BOTH: tuple[Check, ...] = (
    check_domains,
    check_disjoint,
    check_circles,
    check_groups,
    check_concepts,
)
"""The checks of submissions and of the files of works alike."""
_CHECKS_OF_FILES = (check_statements, *_CHECKS_OF_BOTH, check_withdrawals)
_CHECKS_OF_ADDED: tuple[Check, ...] = (
    check_vocabulary,
    check_policy,
    *_CHECKS_OF_BOTH,
    check_files_only,
    check_naming,
    check_identity,
    check_evidence,
    check_accounts,
    check_withdrawals,
)
_CHECKS = (*_CHECKS_OF_ADDED, check_dangling)
_NOWHERE = (chr(sys.maxunicode), 0, 0)
"""A place after all others."""


def check(
    submission: Submission, store: Store, *others: Callable[[Change, Store], Found], names: Names | None = None
) -> list[Finding]:
    """Return the findings on a submission with their places, at most twenty from each check.

    `others` are checks to run after these; `names` those of the store, if the caller has them. The default graph of
    `store` must be the union of all statements about the world.
    """
    with garbage.paused():  # it would scan what the checks hold of a large change again and again
        after = GraphAfterChange(submission.change, store, names)
        checks = _CHECKS if submission.change.removed else _CHECKS_OF_ADDED
        findings = [finding for run in checks for finding in _sorted_findings(run(after), submission)]
        del after  # of a large change it holds more than all else together
        others_found = (run(submission.change, store) for run in others)
        return [*findings, *(finding for found in others_found for finding in _sorted_findings(found, submission))]


def violations(change: Change, store: Store, names: Names | None = None) -> Iterator[tuple[Quad, Finding]]:
    """Yield every violation that the checks find in a change, each with its quad.

    `names` are those of the store, if the caller has them.
    """
    after = GraphAfterChange(change, store, names)
    return _violations(_CHECKS if change.removed else _CHECKS_OF_ADDED, after)


def violations_of_files(change: Change, store: Store) -> Iterator[tuple[Quad, Finding]]:
    """Yield every violation in the files of works that are added to the graph of a store, each with its quad."""
    return _violations(_CHECKS_OF_FILES, GraphAfterChange(change, store))


def _violations(checks: Iterable[Check], after: GraphAfterChange) -> Iterator[tuple[Quad, Finding]]:
    for run in checks:
        yield from ((quad, finding) for quad, finding in run(after) if finding.severity == "Violation")


def _sorted_findings(found: Iterable[tuple[Quad, Finding]], submission: Submission) -> list[Finding]:
    """Return the findings in the order of their places, each once, at its first place."""
    first: dict[Finding, tuple[tuple[str, int, int], str, Quad]] = {}
    for quad, finding in found:
        place = submission.place_of(quad)
        here = (_NOWHERE, str(quad), quad) if place is None else (place, "", quad)
        if finding not in first or here[:2] < first[finding][:2]:
            first[finding] = here
    in_order = sorted(
        first, key=lambda finding: (first[finding][0], finding.message, str(finding.focus), str(finding.value))
    )
    reported = [_with_place(finding, *first[finding]) for finding in in_order[:MOST_FINDINGS]]
    return [*reported, *_remainder(in_order[MOST_FINDINGS:])]


def _with_place(finding: Finding, place: tuple[str, int, int], _: str, quad: Quad) -> Finding:
    """Return a finding with its place; one on a name used in many statements names the first of them."""
    if finding.focus is None:
        is_value = finding.value == ns.compact(getattr(quad.object, "value", ""))
        path = ns.compact(quad.predicate.value) if is_value else None
        finding = replace(finding, focus=ns.compact(getattr(quad.subject, "value", "")), path=path)
    file, line, column = place
    return finding if place == _NOWHERE else replace(finding, file=file, line=line, column=column)


def _remainder(findings: list[Finding]) -> Iterator[Finding]:
    if findings:
        severity = "Violation" if any(finding.severity == "Violation" for finding in findings) else "Warning"
        words = bilingual("There are {count} more of this kind.", count=len(findings))
        yield Finding(findings[0].step, severity, *words, hint="Mend the first ones, and check again.")
