"""Reasons why a row or a table does not fit: a sentence in both languages, with a hint."""

from __future__ import annotations

from dataclasses import dataclass

from kg.findings import Finding, RefusedSubmissionError
from kg.messages import bilingual


@dataclass(frozen=True, slots=True)
class Reason:
    """A sentence in English and Chinese, a hint, and the kind of reason: the template, by which reasons are grouped."""

    kind: str
    message: str
    message_zh: str
    hint: str = ""

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()


def reason(template: str, hint: str = "", /, **values: object) -> Reason:
    """Return a reason. Raises KeyError for a template without a Chinese translation."""
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
    """Return the error that a table or mapping cannot be used as a whole; `of` is the title's word for it."""
    return RefusedSubmissionError([finding(why, file, line, column, step)], of)


def finding(
    why: Reason, file: str, line: int | None = None, column: int | None = None, step: str = "syntax"
) -> Finding:
    """Return a reason as a finding at a place of a file."""
    return Finding(step, "Violation", why.message, why.message_zh, hint=why.hint, line=line, column=column, file=file)
