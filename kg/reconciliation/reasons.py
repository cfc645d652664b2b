"""Why a row or a table does not fit: a sentence in both languages, with the way out."""

from __future__ import annotations

from dataclasses import dataclass

from kg.findings import Finding, RefusedSubmissionError
from kg.messages import bilingual


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence and its Chinese, the way out, and the kind of reason: the template, by which they are grouped."""

    kind: str
    message: str
    message_zh: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


def reason(template: str, hint: str = "", /, **values: object) -> Reason:
    """Return a reason. Raises KeyError for a template that has no Chinese."""
    return Reason(template, *bilingual(template, **values), hint)


def table_refusal(
    why: Reason,
    file: str,
    line: int | None = None,
    column: int | None = None,
    *,
    step: str = "syntax",
    of: str = "table",
) -> RefusedSubmissionError:
    """Return the error that a whole table, or a mapping, cannot be used."""
    return RefusedSubmissionError([finding(why, file, line, column, step)], of)


def finding(
    why: Reason, file: str, line: int | None = None, column: int | None = None, step: str = "syntax"
) -> Finding:
    """Return a reason as a finding at a place of a file."""
    return Finding(step, "Violation", why.message, why.message_zh, hint=why.hint, line=line, column=column, file=file)
