"""The report on a submission, the same through every door: what the checks find in it, and what SHACL finds.

The checks look at what the submission says (kg.submissions.checks), SHACL at the graph as it would be. All findings
come in one list, with the place in the submitted text where there is one, each fault once. What stood in the graph
before, and stays, is only counted.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, Triple
from rdflib import SH, URIRef
from rdflib import Literal as Count

from kg.curation.one_fault import SEVERITIES, fold, names_in
from kg.curation.shacl_report import to_turtle
from kg.findings import Finding
from kg.messages import bilingual
from kg.rdf import namespaces as ns
from kg.shacl import Result, Verdict, in_words, project_shapes
from kg.submissions import Submission

_MOST = "MaxCountConstraintComponent"
SHOWN = 200
"""Findings of SHACL that a report carries at most of what a change causes, and of what it mends."""


@dataclass(frozen=True)
class SubmissionReport:
    """What is wrong with a change, in the order of the steps; what it mends, and how much stands without its doing;
    how many statements it adds and removes, and whether the graph already has it all so."""

    findings: tuple[Finding, ...]
    mended: tuple[Finding, ...] = ()
    standing: int = 0
    added: int = 0
    removed: int = 0
    changes_nothing: bool = False

    @property
    def conforms(self) -> bool:
        """Whether the change would be taken: it causes no violation."""
        return all(finding.severity != "Violation" for finding in self.findings)

    @property
    def needs_acknowledgement(self) -> bool:
        """Whether somebody has to say that he has seen the warnings."""
        return any(finding.severity == "Warning" for finding in self.findings)

    def as_dict(self) -> dict[str, object]:
        """Return the report for a program."""
        return {
            "conforms": self.conforms,
            "needsAcknowledgement": self.needs_acknowledgement,
            "added": self.added,
            "removed": self.removed,
            "standing": self.standing,
            "findings": [finding.as_dict() for finding in (*self.findings, *self.mended)],
            **({"changesNothing": True} if self.changes_nothing else {}),
        }

    def as_json(self) -> bytes:
        """Return the report as JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1).encode() + b"\n"

    def as_text(self) -> str:
        """Return the report for a terminal."""
        lines = [line for finding in self.findings for line in finding.lines()]
        lines += [f"mended: {finding}" for finding in self.mended]
        if self.standing:
            were, are = ("1 finding was", "is") if self.standing == 1 else (f"{self.standing} findings were", "are")
            lines.append(f"{were} there before and {are} not caused by this change.")
        if self.changes_nothing:
            lines.append("The graph already says all of it: there is nothing to do.")
        verdict = "conforms" if self.conforms else "does not conform"
        count = len(self.findings)
        last = f"{verdict}: {count} finding{'' if count == 1 else 's'}"
        if self.conforms and self.needs_acknowledgement:
            last += "; submit it with --acknowledge (acknowledge=yes) to say that you have seen the warnings"
        return "\n".join([*lines, last]) + "\n"

    def as_turtle(self) -> bytes:
        """Return the report as a sh:ValidationReport (SHACL, section 3.6) in Turtle."""
        return to_turtle(self.findings, self.conforms, self.needs_acknowledgement)


def report_on(submission: Submission, findings: Iterable[Finding], verdict: Verdict | None) -> SubmissionReport:
    """Return the report on a submission: what the checks found in what it says, then what SHACL finds.

    Without a verdict SHACL was not asked, which the report says.
    """
    added, removed = len(submission.change.added), len(submission.change.removed)
    if verdict is None:
        not_asked = bilingual("The shapes were not asked, since so much else is wrong.")
        checks = fold(tuple(findings), (), submission.change, project_shapes()).checks
        return SubmissionReport((*checks, Finding("shapes", "Info", *not_asked)), added=added, removed=removed)
    told = fold(tuple(findings), all_in_words(verdict), submission.change, project_shapes())
    return SubmissionReport(
        (*told.checks, *_beside_others(_placed(_shown(told.shapes), submission), submission)),
        tuple(_shown([replace(finding, state="mended") for finding in _worst_first(verdict.mended)])),
        sum(1 for _ in verdict.standing()),
        added,
        removed,
    )


def all_in_words(verdict: Verdict) -> list[Finding]:
    """Return all that SHACL finds new, the worst first, also what follows from something else."""
    return _worst_first(verdict.new)


def _shown(findings: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the first findings, and how many more there are."""
    yield from findings[:SHOWN]
    if rest := findings[SHOWN:]:
        words = bilingual("There are {count} more.", count=len(rest))
        hint = "Mend the first ones, and check again." if rest[0].state == "new" else ""
        yield Finding("shapes", rest[0].severity, *words, hint=hint, state=rest[0].state)


def _worst_first(results: Iterable[Result]) -> list[Finding]:
    return in_words(sorted(results, key=_rank), project_shapes())


def _rank(result: Result) -> tuple[int, str, str, str, str]:
    """Return what results are sorted by: the worst first, and each time in the same order."""
    about = (result.focus, result.path, result.value, result.source)
    focus, path, value, source = map(str, about)
    return SEVERITIES.index(result.severity), focus, path, value, source


def _placed(findings: Iterable[Finding], submission: Submission) -> Iterator[Finding]:
    """Yield findings with the place of the statement that each is about, if the submission has one."""
    by_subject: dict[str, list[Quad]] = defaultdict(list)
    for quad in submission.change.added | submission.change.removed:
        by_subject[_text(quad.subject)].append(quad)
    for finding in findings:
        about = by_subject.get(ns.expand(finding.focus) or finding.focus, []) if finding.focus else []
        place = _place(finding, about, submission)
        file, line, column = place or (finding.file, finding.line, finding.column)
        yield replace(finding, file=file, line=line, column=column)


def _beside_others(findings: Iterable[Finding], submission: Submission) -> Iterator[Finding]:
    """Yield findings; where the change adds the one value, and another one was there, with the way to correct that."""
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
    """Return True if the shape that found something allows one value."""
    shape = URIRef(ns.expand(finding.shape) or finding.shape)
    return finding.component == _MOST and (shape, SH.maxCount, Count(1)) in project_shapes()


def _place(finding: Finding, about: Iterable[Quad], submission: Submission) -> tuple[str, int, int] | None:
    """Return the place of the statement that a finding is of: the one with its value, else with its path, else any."""
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
