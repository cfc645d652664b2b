"""A fault of a submission, as every step of the gate reports it: what is wrong, where, and what would do."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

from kg.errors import CityKgError


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, or that its author should look at.

    `step` is the step that found it: size, syntax, vocabulary, policy, identity, shapes or evidence. `severity` is as
    in SHACL: a Violation refuses, a Warning needs a word of acknowledgement, Info passes. `state` tells what the change
    causes (new), what was there before (standing), and what it mends (mended). Lines and columns start at 1. `shape`
    and `component` name what of SHACL found it, where SHACL did.
    """

    step: str
    severity: str
    message: str
    message_zh: str = ""
    focus: str | None = None
    path: str | None = None
    value: str | None = None
    hint: str = ""
    line: int | None = None
    column: int | None = None
    file: str = ""
    state: str = "new"
    shape: str = ""
    component: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return the members that say something, for a program."""
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}

    def lines(self) -> list[str]:
        """Return it for a terminal: what is wrong, the same in Chinese, and what would do."""
        chinese = [f"    {self.message_zh}"] if self.message_zh else []
        return [str(self), *chinese, *([f"    would do: {self.hint}"] if self.hint else [])]

    def __str__(self) -> str:
        file = f"{self.file}:" if self.file else ""
        place = f"{file}{self.line}:{self.column or 1}: " if self.line else ""
        about = " ".join(part for part in (self.focus, self.path, self.value) if part)
        return f"{place}{self.severity}: {self.message}" + (f" [{about}]" if about else "")


MOST_BEFORE_SHAPES = 20


def are_enough(faults: Sequence[Fault]) -> bool:
    """Tell whether so many violations were found that SHACL need not be asked, whose time grows with them."""
    return sum(fault.severity == "Violation" for fault in faults) > MOST_BEFORE_SHAPES


class RefusedSubmissionError(CityKgError):
    """A submission that could not be read, or says what it must not; `faults` has all that was found."""

    def __init__(self, faults: list[Fault]) -> None:
        count = "1 fault" if len(faults) == 1 else f"{len(faults)} faults"
        lines = "\n".join(line for fault in faults for line in fault.lines())
        super().__init__(f"The submission has {count}:\n{lines}", "Mend these places and try again.")
        self.faults = tuple(faults)
