"""Judge changes: their effective part, the verdict on them, acknowledged warnings, and the report.

The checks look at a submission (kg.submissions.checks), SHACL at the graph as it would be. All findings are in one
list, with places in the submitted text if they have one, each fault once (kg.curation.folding).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Store, Triple
from rdflib import SH, URIRef
from rdflib import Literal as Count

from kg.curation.check_queries import findings_in
from kg.curation.draft import Draft
from kg.curation.folding import SEVERITIES, fold, names_in
from kg.curation.refusals import NeededByOthersError, NothingToChangeError, SecondPersonError, refusal, refuse_missing
from kg.curation.report import SubmissionReport
from kg.curation.undo import dependent_changes
from kg.findings import Finding
from kg.history import History
from kg.jobs import Advance, Control
from kg.messages import bilingual
from kg.migrations import migrate_records
from kg.names import Names
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.shacl import ValidationResult, Verdict, project_shapes, to_findings
from kg.submissions import Submission
from kg.submissions.checks import withdraws

_MAX_COUNT = "MaxCountConstraintComponent"
MOST_SHOWN = 200
"""The most findings of SHACL in a report among those that a change causes, and among those that it mends."""


STEPS = 5
"""The steps of a large change: it is read, checked, validated and written, and its tables get checksums."""
_QUIET = Control().advance
Shapes = Callable[[Store, Change, Sequence[Finding]], Verdict | None]
"""Returns the verdict of SHACL on a change, as `Validation.verdict` does; None if too much else is wrong."""


@dataclass(frozen=True)
class Judgement:
    """A submission, its effective change, and the findings; no verdict of SHACL if too much else is wrong."""

    submission: Submission
    change: Change
    findings: Sequence[Finding]
    verdict: Verdict | None


def judge(
    draft: Draft,
    submission: Submission,
    store: Store,
    shapes: Shapes,
    history: History,
    *,
    names: Names | None = None,
    advance: Advance = _QUIET,
) -> Judgement:
    """Judge the submission of a draft upon a store; `shapes` returns the verdict of SHACL.

    `names` is the index of names in the store, if the caller has one; `advance` gets the steps. Raises
    SecondPersonError, and as `effective_change` does.
    """
    if draft.reviewer is None and withdraws(submission.change, store):
        raise SecondPersonError.for_withdrawal()
    change = effective_change(submission.change, store, history)
    advance("checking what it says", 1, STEPS)
    findings = findings_in(submission, store, names)
    advance("validating the graph as it would be", 2, STEPS)
    return Judgement(submission, change, findings, shapes(store, change, findings))


def effective_change(change: Change, store: Store, history: History) -> Change:
    """Return the part of a change that would change a store.

    Raises ConflictError for statements to remove that are missing, with the changes that removed them;
    NothingToChangeError.
    """
    refuse_missing(store, change, history)
    added = frozenset(quad for quad in change.added if quad not in store)
    if not added and not change.removed - change.added:
        raise NothingToChangeError(
            "The change changes nothing: the graph already says all of it.", "There is nothing to do."
        )
    return Change(added, change.removed - change.added)


def require_acceptable(
    draft: Draft, judgement: Judgement, history: History, withheld: Collection[int]
) -> tuple[tuple[str, ...], Verdict]:
    """Return the warnings of an acceptable change in words, and the verdict on it.

    `withheld` are the changes of the history that do not count. Raises RefusedChangeError for violations, or warnings
    that its author has not acknowledged.
    """
    findings, verdict = judgement.findings, judgement.verdict
    results = verdict.new if verdict is not None else ()
    severities = [finding.severity for finding in findings] + [result.severity for result in results]
    broken, warned = severities.count("Violation"), severities.count("Warning")
    if broken or (warned and not draft.acknowledged):
        report = report_on(judgement.submission, findings, verdict)
        if broken and draft.reverts is not None:
            later = migrate_records(history.records(), withheld)[draft.reverts :]
            found = (*findings, *(() if verdict is None else new_findings(verdict)))
            raise NeededByOthersError(draft.reverts, report, dependent_changes(later, found))
        raise refusal(report)
    assert verdict is not None  # or else there were violations
    words = (
        *(str(finding) for finding in findings if finding.severity == "Warning"),
        *(f"{ns.compact(str(one.focus))}: {one.message('en')}" for one in results if one.severity == "Warning"),
    )
    return words, verdict


def report_on(submission: Submission, findings: Iterable[Finding], verdict: Verdict | None) -> SubmissionReport:
    """Return the report on a submission: the findings of the checks, then those of SHACL.

    Without a verdict the report says that SHACL was skipped.
    """
    added, removed = len(submission.change.added), len(submission.change.removed)
    if verdict is None:
        not_asked = bilingual("The shapes were not asked, since so much else is wrong.")
        checks = fold(tuple(findings), (), submission.change, project_shapes()).checks
        return SubmissionReport((*checks, Finding("shapes", "Info", *not_asked)), added=added, removed=removed)
    told = fold(tuple(findings), new_findings(verdict), submission.change, project_shapes())
    return SubmissionReport(
        (*told.checks, *_with_correction_hints(_with_places(_limit_findings(told.shapes), submission), submission)),
        tuple(_limit_findings([replace(finding, state="mended") for finding in _worst_first(verdict.fixed)])),
        sum(1 for _ in verdict.existing()),
        added,
        removed,
    )


def new_findings(verdict: Verdict) -> list[Finding]:
    """Return all new findings of SHACL, the worst first, including those that follow from others."""
    return _worst_first(verdict.new)


def _limit_findings(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the first findings, and one that counts the rest."""
    yield from findings[:MOST_SHOWN]
    if rest := findings[MOST_SHOWN:]:
        words = bilingual("There are {count} more.", count=len(rest))
        hint = "Mend the first ones, and check again." if rest[0].state == "new" else ""
        yield Finding("shapes", rest[0].severity, *words, hint=hint, state=rest[0].state)


def _worst_first(results: Iterable[ValidationResult]) -> list[Finding]:
    return to_findings(sorted(results, key=_rank), project_shapes())


def _rank(result: ValidationResult) -> tuple[int, str, str, str, str]:
    """Return the sort key of results: the worst first, in a stable order."""
    about = (result.focus, result.path, result.value, result.source)
    focus, path, value, source = map(str, about)
    return SEVERITIES.index(result.severity), focus, path, value, source


def _with_places(findings: Iterable[Finding], submission: Submission) -> Iterator[Finding]:
    """Yield findings with the places of the statements that they are about, if the submission has them."""
    by_subject: dict[str, list[Quad]] = defaultdict(list)
    for quad in submission.change.added | submission.change.removed:
        by_subject[_text(quad.subject)].append(quad)
    for finding in findings:
        about = by_subject.get(ns.expand(finding.focus) or finding.focus, []) if finding.focus else []
        place = _place_of(finding, about, submission)
        file, line, column = place or (finding.file, finding.line, finding.column)
        yield replace(finding, file=file, line=line, column=column)


def _with_correction_hints(findings: Iterable[Finding], submission: Submission) -> Iterator[Finding]:
    """Yield findings; if the change adds a second value where one is allowed, with a hint on how to correct it."""
    values: dict[tuple[str, str], set[str]] = defaultdict(set)
    for quad in submission.change.added:
        values[_text(quad.subject), quad.predicate.value].add(str(quad.object))
    for finding in findings:
        name = (ns.expand(finding.focus or "") or finding.focus or "", ns.expand(finding.path or "") or "")
        if _allows_one(finding) and len(values.get(name, ())) == 1:
            who = f"/changes?about={finding.focus} says who stated it"
            out = "To correct it, take that change back, or remove the old value in the change that adds the new one."
            yield replace(finding, hint=f"{finding.hint}, and the graph has another one already: {who}. {out}")
        else:
            yield finding


def _allows_one(finding: Finding) -> bool:
    """Return True if a finding is of a shape that allows only one value."""
    shape = URIRef(ns.expand(finding.shape) or finding.shape)
    return finding.component == _MAX_COUNT and (shape, SH.maxCount, Count(1)) in project_shapes()


def _place_of(finding: Finding, about: Iterable[Quad], submission: Submission) -> tuple[str, int, int] | None:
    """Return the place of the statement of a finding: the one with its value, else with its path, else any."""
    names = (finding.focus, *names_in(finding.path), finding.value)
    named = {ns.expand(name) or name for name in names if name}
    places: dict[int, list[tuple[str, int, int]]] = defaultdict(list)
    for quad in about:
        if (place := submission.place_of(quad)) is not None:
            in_common = named & {_text(term) for term in (quad.subject, quad.predicate, quad.object)}
            places[len(in_common)].append(place)
    return min(places[max(places)]) if places else None


def _text(term: NamedNode | BlankNode | Literal | Triple) -> str:
    return str(term) if isinstance(term, Triple) else term.value
