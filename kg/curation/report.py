"""The report on a submission, the same for HTTP and the command line: all findings in one list, each fault once.

Findings that were in the graph before, and stay, are only counted. kg.curation.judging makes reports.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import ClassVar

from kg.curation.effects import Effects
from kg.findings import MOST_FINDINGS, Finding, FindingGroup
from kg.messages import bilingual
from kg.store import Snapshot

UNCLEAR = bilingual("What this would change cannot be said while a shape is violated: the meaning is not known.")
UNASKED = bilingual("What this would change is said by /validate: the change was refused for its warnings.")


@dataclass(frozen=True)
class SubmissionReport:
    """The findings that a change causes, in the order of the steps, and those that it mends.

    `standing` counts the findings that were there before and stay; `added` and `removed` count statements;
    `changes_nothing` is True if the graph already says all of it. `effects` is what it would mean, None if that is not
    known; then `no_effects` says why, in English and in Chinese. `snapshot` is the graph to which it was compared.
    """

    OBJECTION: ClassVar = "effects"
    """The step of the infos that are kept with a proposal or an import: what objects to it."""

    findings: tuple[Finding, ...]
    mended: tuple[Finding, ...] = ()
    standing: int = 0
    added: int = 0
    removed: int = 0
    changes_nothing: bool = False
    effects: Effects | None = None
    no_effects: tuple[str, str] | None = None
    snapshot: Snapshot | None = field(default=None, compare=False)

    @property
    def conforms(self) -> bool:
        """True if the change would be accepted: it causes no violation."""
        return all(finding.severity != "Violation" for finding in self.findings)

    @property
    def needs_acknowledgement(self) -> bool:
        """True if its author has to acknowledge warnings."""
        return any(finding.severity == "Warning" for finding in self.findings)

    def meant(self) -> list[tuple[str, str]]:
        """Return what the change would mean in English and in Chinese, or why that is not known."""
        said = [*self.effects.messages()] if self.effects is not None else []
        return said if self.no_effects is None else [self.no_effects]

    def kept(self) -> list[dict[str, object]]:
        """Return for JSON what is kept of it with a proposal or an import: the findings, and as infos what objects."""
        raised = self.effects.objections.raised[:MOST_FINDINGS] if self.effects is not None else ()
        told = (Finding(self.OBJECTION, "Info", *one.sentence()) for one in raised)
        return [finding.as_dict() for finding in (*self.findings, *told)]

    def as_dict(self) -> dict[str, object]:
        """Return the report for JSON; `differences` is the former name of a part of the effects, until 2.0."""
        told = self.effects
        effects = {"effects": told.as_dict(), "differences": told.objections.as_differences()} if told else {}
        missing = dict(zip(("noEffects", "noEffects_zh"), self.no_effects or (), strict=False))
        return {
            "conforms": self.conforms,
            "needsAcknowledgement": self.needs_acknowledgement,
            "added": self.added,
            "removed": self.removed,
            "standing": self.standing,
            "findings": [finding.as_dict() for finding in (*self.findings, *self.mended)],
            **({"changesNothing": True} if self.changes_nothing else {}),
            **effects,
            **missing,
        }

    def as_json(self) -> bytes:
        """Return the report as JSON."""
        return json.dumps(self.as_dict(), ensure_ascii=False, indent=1).encode() + b"\n"

    def as_text(self, *, is_grouped: bool = False) -> str:
        """Return the report for a terminal; grouped, it has findings with one message once, with the first places."""
        listed = FindingGroup.group(self.findings) if is_grouped else self.findings
        lines = [line for finding in listed for line in finding.lines()]
        lines += [f"mended: {finding}" for finding in self.mended]
        lines += [english for english, _ in self.meant()]
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
        from kg.curation.shacl_report import to_turtle  # noqa: PLC0415 – rdflib

        return to_turtle(self.findings, self.conforms, self.needs_acknowledgement, self.meant())
