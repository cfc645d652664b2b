"""Findings of parsers, checks and validation: what is wrong, where, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from kg.errors import CityKgError


@dataclass(frozen=True)
class Finding:
    """Something that is wrong, or that its author should look at.

    `step` is the step that found it: of a submission size, syntax, vocabulary, policy, identity, shapes, evidence or
    effects; of a build syntax, checks or shapes; lint of shapes. `severity` is as in SHACL: a Violation refuses, a
    Warning needs to be acknowledged, Info passes. `state` is new if the change causes the finding, mended if it removes
    it.

    `focus`, `path` and `value` are prefixed names where we have the prefix; a path is written as in SPARQL; a value
    with a `datatype` is a literal. `meant` is what a misspelt name or literal probably means. Lines and columns start
    at 1 and count code points. `shape` and `component` name the shape and the constraint component of SHACL;
    `component` may also name the check query, or the rule for shapes, that found it.
    """

    step: str
    severity: str
    message: str
    message_zh: str = ""
    focus: str | None = None
    path: str | None = None
    value: str | None = None
    datatype: str = ""
    language: str = ""
    hint: str = ""
    meant: str = ""
    line: int | None = None
    column: int | None = None
    file: str = ""
    state: str = "new"
    shape: str = ""
    component: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return the fields that are set, for JSON."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}

    def lines(self) -> list[str]:
        """Return lines for a terminal: the finding, its message in Chinese, and a suggestion."""
        chinese = [f"    {self.message_zh}"] if self.message_zh else []
        return [str(self), *chinese, *([f"    suggestion: {self.hint}"] if self.hint else [])]

    @property
    def place(self) -> str:
        """Where it is in a text, and what it is about: line 3, city:leeds."""
        line = f"line {self.line}" if self.line else ""
        return ", ".join(part for part in (line, self.focus, self.value) if part)

    def without_place(self) -> Finding:
        """Return the finding without its place in a text."""
        return replace(self, file="", line=None, column=None)

    def __str__(self) -> str:
        file = f"{self.file}:" if self.file else ""
        place = f"{file}{self.line}:{self.column or 1}: " if self.line else ""
        about = " ".join(part for part in (self.focus, self.path, self.value) if part)
        return f"{place}{self.severity}: {self.message}" + (f" [{about}]" if about else "")


_PLACES = 3
"""Places that are shown of findings with one message."""


@dataclass
class FindingGroup:
    """Findings of one severity with one message and one hint: the first of them, how many, and the first few places."""

    first: Finding
    count: int = 0
    places: list[str] = field(default_factory=list)

    @classmethod
    def group(cls, findings: Iterable[Finding]) -> list[FindingGroup]:
        """Group findings, in the order of the first of each group."""
        groups: dict[tuple[str, ...], FindingGroup] = {}
        for finding in findings:
            key = (finding.severity, finding.message, finding.message_zh, finding.hint)
            group = groups.setdefault(key, cls(finding))
            group.count += 1
            if (place := finding.place) and place not in group.places and len(group.places) < _PLACES:
                group.places.append(place)
        return list(groups.values())

    def as_dict(self) -> dict[str, object]:
        """Return what they have in common, their number, and the first places, for JSON."""
        common = {name: getattr(self.first, name) for name in ("severity", "message", "message_zh", "hint")}
        return {**common, "count": self.count, "places": self.places}

    def lines(self) -> list[str]:
        """Return lines for a terminal: those of a finding that is alone, else what they have in common, and where."""
        if self.count == 1:
            return self.first.lines()
        listed = "; ".join(self.places) + ("; …" if self.count > len(self.places) else "")
        where = [f"    {self.count:,} times: {listed}"]
        return [*replace(self.first, line=None, focus=None, path=None, value=None).lines(), *where]


@dataclass(frozen=True)
class Check:
    """The result of one check of a data folder (kg.building.verify) or an engine.

    `found` describes it, `hint` says what to do if it has not passed.
    """

    name: str
    passed: bool
    found: str
    hint: str = ""


MOST_FINDINGS = 20
"""The most findings of one kind in a report: an author corrects those before looking at more."""
MOST_BEFORE_SHAPES = 20


def has_too_many_violations(findings: Sequence[Finding]) -> bool:
    """Return True if there are so many violations that SHACL, whose time grows with them, is skipped."""
    return sum(finding.severity == "Violation" for finding in findings) > MOST_BEFORE_SHAPES


class UnreadableError(CityKgError):
    """One or several files are not well-formed RDF."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        places = "1 place that is" if len(findings) == 1 else f"{len(findings)} places that are"
        lines = "\n".join(f"{found.file}:{found.line}:{found.column}: {found.message}" for found in findings)
        super().__init__(f"{places} not well-formed RDF:\n{lines}", "Mend these places and try again.")
        self.findings = tuple(findings)


class RefusedSubmissionError(CityKgError):
    """A submission that cannot be read, or contains something forbidden; `findings` has all that was found."""

    title = "The submission cannot be read"

    def __init__(self, findings: list[Finding], of: str = "submission") -> None:
        """`of` names the part of the submission that has the findings, if it has a name of its own."""
        count = "1 finding" if len(findings) == 1 else f"{len(findings)} findings"
        count += " or more" if len(findings) == MOST_FINDINGS else ""  # who reads stops looking there
        lines = "\n".join(line for finding in findings for line in finding.lines())
        self.brief = f"The {of} has {count}."
        super().__init__(f"The {of} has {count}:\n{lines}", "Mend these places and try again.")
        self.findings = tuple(findings)

    def details(self) -> dict[str, Any]:
        """Return the findings, and the place of the first."""
        first = self.findings[0]
        return {"line": first.line, "column": first.column, "findings": [found.as_dict() for found in self.findings]}
