"""The verdict on a submission, the same through every door: what was read, what it says, and what SHACL finds of it.

Reading, vocabulary, identity and evidence look at the submission (kg.submissions and its like), SHACL at the graph as
it would be. All faults come in one list, with the place in the submitted text where there is one.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import nsmallest
from typing import Protocol

from pyoxigraph import BlankNode, Literal, NamedNode, Quad, RdfFormat, Triple

from kg import namespaces as ns
from kg.faults import Fault
from kg.validation import Change, Verdict, in_words, project_shapes
from kg.validation.findings import Finding
from kg.writing import to_bytes

Place = tuple[int, int]
NO_CHANGE = Change(frozenset(), frozenset())
SHOWN = 200
"""Findings of SHACL that a judgement carries at most of what a change causes, and of what it mends."""
_NOT_ASKED = Fault(
    "shapes", "Info", "The shapes were not asked, since so much else is wrong.", "其他错误过多，未进行形状校验。"
)
SHOWN_STANDING = 100
"""Standing findings that a judgement carries at most; they are not of the submission's making."""

_SEVERITIES = ("Violation", "Warning", "Info")


class Placed(Protocol):
    """A submission as far as a judgement needs it."""

    @property
    def change(self) -> Change:
        """The quads that it adds and removes."""

    def place_of(self, quad: Quad) -> Place | None:
        """Return line and column of a quad in the submitted text."""


@dataclass(frozen=True)
class Judgement:
    """What is wrong with a change, in the order of the steps; what it mends, and what stands without its doing."""

    faults: tuple[Fault, ...]
    mended: tuple[Fault, ...] = ()
    standing: tuple[Fault, ...] = ()
    change: Change = NO_CHANGE

    @property
    def conforms(self) -> bool:
        """Whether the change would be taken: it causes no violation."""
        return all(fault.severity != "Violation" for fault in self.faults)

    @property
    def needs_acknowledgement(self) -> bool:
        """Whether somebody has to say that he has seen the warnings."""
        return any(fault.severity == "Warning" for fault in self.faults)

    def as_dict(self) -> dict[str, object]:
        """Return the judgement for a program."""
        return {
            "conforms": self.conforms,
            "needsAcknowledgement": self.needs_acknowledgement,
            "added": len(self.change.added),
            "removed": len(self.change.removed),
            "findings": [fault.as_dict() for fault in (*self.faults, *self.mended, *self.standing)],
        }

    def as_json(self) -> bytes:
        """Return the judgement as JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1).encode() + b"\n"

    def as_text(self) -> str:
        """Return the judgement for a terminal."""
        lines = [line for fault in self.faults for line in fault.lines()]
        lines += [f"mended: {fault}" for fault in self.mended]
        if self.standing:
            lines.append(f"{len(self.standing)} findings stood before and are not of your doing.")
        verdict = "conforms" if self.conforms else "does not conform"
        count = len(self.faults)
        return "\n".join([*lines, f"{verdict}: {count} finding{'' if count == 1 else 's'}"]) + "\n"

    def as_turtle(self) -> bytes:
        """Return the judgement as a sh:ValidationReport (SHACL, section 3.6) in Turtle."""
        return to_bytes(list(_report(self)), RdfFormat.TURTLE)


def judged(submission: Placed, faults: Iterable[Fault], verdict: Verdict | None) -> Judgement:
    """Return the judgement of a submission: the faults that were found in what it says, then what SHACL finds.

    Without a verdict SHACL was not asked, which the judgement says.
    """
    if verdict is None:
        return Judgement((*faults, _NOT_ASKED), change=submission.change)
    of_shapes = of_verdict(verdict)
    about = _by_subject(submission.change)
    placed = (_placed(fault, submission, about) for fault in of_shapes.faults)
    return replace(of_shapes, faults=(*faults, *placed), change=submission.change)


def of_verdict(verdict: Verdict) -> Judgement:
    """Return what SHACL finds alone, for a change that was not submitted as a text."""
    return Judgement(
        tuple(_shown(verdict.new, "new")),
        tuple(_shown(verdict.mended, "mended")),
        tuple(_faults(nsmallest(SHOWN_STANDING, verdict.standing(), key=_rank), "standing")),
    )


def _shown(findings: Sequence[Finding], state: str) -> Iterator[Fault]:
    """Yield the worst of the findings, and how many more there are."""
    worst = sorted(findings, key=_rank)
    yield from _faults(worst[:SHOWN], state)
    if rest := worst[SHOWN:]:
        message, zh = f"There are {len(rest)} more.", f"另有 {len(rest)} 处。"
        hint = "Mend the first ones, and check again." if state == "new" else ""
        yield Fault("shapes", rest[0].severity, message, zh, hint=hint, state=state)


def _rank(finding: Finding) -> tuple[int, str, str, str, str]:
    """Return what findings are sorted by: the worst first, and each time in the same order."""
    about = (finding.focus, finding.path, finding.value, finding.source)
    focus, path, value, source = map(str, about)
    return _SEVERITIES.index(finding.severity), focus, path, value, source


def _faults(findings: Iterable[Finding], state: str) -> Iterator[Fault]:
    return (replace(in_words(finding, project_shapes()), state=state) for finding in findings)


def _by_subject(change: Change) -> Mapping[str, list[Quad]]:
    found: dict[str, list[Quad]] = defaultdict(list)
    for quad in change.added | change.removed:
        found[_text(quad.subject)].append(quad)
    return found


def _placed(fault: Fault, submission: Placed, by_subject: Mapping[str, list[Quad]]) -> Fault:
    """Return a fault with the place of the statement that it is about: the value's, else the property's, else any."""
    named = {ns.expand(name) or name for name in (fault.focus, fault.path, fault.value) if name}
    about = [
        (len(named & {_text(term) for term in (quad.subject, quad.predicate, quad.object)}), place)
        for quad in (by_subject.get(ns.expand(fault.focus) or fault.focus, ()) if fault.focus else ())
        if (place := submission.place_of(quad)) is not None
    ]
    if not about:
        return fault
    most = max(count for count, _ in about)
    line, column = min(place for count, place in about if count == most)
    return replace(fault, line=line, column=column)


def _text(term: NamedNode | BlankNode | Literal | Triple) -> str:
    return str(term) if isinstance(term, Triple) else term.value


def _report(judgement: Judgement) -> Iterator[Triple]:
    report = BlankNode("report")
    yield Triple(report, ns.RDF_TYPE, _sh("ValidationReport"))
    conforms = "true" if judgement.conforms else "false"
    yield Triple(report, _sh("conforms"), Literal(conforms, datatype=NamedNode(ns.PREFIXES["xsd"] + "boolean")))
    for place, fault in enumerate(judgement.faults):
        result = BlankNode(f"result{place}")
        yield Triple(report, _sh("result"), result)
        yield Triple(result, ns.RDF_TYPE, _sh("ValidationResult"))
        yield Triple(result, _sh("resultSeverity"), _sh(fault.severity))
        yield Triple(result, _sh("sourceConstraintComponent"), _component(fault))
        if fault.shape:
            yield Triple(result, _sh("sourceShape"), _term(fault.shape))
        yield Triple(result, _sh("resultMessage"), Literal(fault.message, language="en"))
        if fault.message_zh:
            yield Triple(result, _sh("resultMessage"), Literal(fault.message_zh, language="zh-Hans"))
        for name, value in (("focusNode", fault.focus), ("resultPath", fault.path), ("value", fault.value)):
            if value is not None:
                yield Triple(result, _sh(name), _term(value))


def _component(fault: Fault) -> NamedNode:
    """Return what found a fault; each of our own steps counts as a component, since a result must name one."""
    return _sh(fault.component) if fault.component else NamedNode(f"{ns.SHAPES}{fault.step.capitalize()}Check")


def _term(name: str) -> NamedNode | Literal:
    try:
        return NamedNode(ns.expand(name) or name)
    except ValueError:
        return Literal(name)


def _sh(name: str) -> NamedNode:
    return NamedNode(ns.PREFIXES["sh"] + name)
