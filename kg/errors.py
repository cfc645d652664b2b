"""What can go wrong, said so that the reader knows what to do next."""

from __future__ import annotations

from dataclasses import dataclass
from difflib import get_close_matches


class CityKgError(Exception):
    """A mistake or a hindrance that its reader can mend.

    `hint` is the way out, in one sentence; it is shown below the message.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}\n{self.hint}" if self.hint else self.message


@dataclass(frozen=True)
class SyntaxFinding:
    """One place in a file that is not well-formed. Lines and columns start at 1 and count code points."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"


class UnreadableError(CityKgError):
    """One or several files are not well-formed RDF."""

    def __init__(self, findings: list[SyntaxFinding]) -> None:
        count = len(findings)
        places = "1 place that is" if count == 1 else f"{count} places that are"
        lines = "\n".join(map(str, findings))
        super().__init__(f"{places} not well-formed RDF:\n{lines}", "Mend these places and try again.")
        self.findings = findings


class UnknownNameError(CityKgError):
    """A name that is not there; says which names are, and the nearest one."""

    def __init__(self, kind: str, name: str, known: list[str]) -> None:
        near = get_close_matches(name, known, n=1, cutoff=0.5)
        message = f"There is no {kind} named {name!r}." + (f" Did you mean {near[0]!r}?" if near else "")
        super().__init__(message, f"There are: {', '.join(sorted(known)) or 'none'}.")
        self.nearest = near[0] if near else None


class BadValueError(CityKgError):
    """A value that its parameter does not take."""


class QueryError(CityKgError):
    """A query that the engine does not understand."""


class DataFolderError(CityKgError):
    """The data folder cannot be used: not writable, locked, of a newer version, or without a built graph."""


class DeskError(DataFolderError):
    """The file of tokens and proposals cannot be used: not writable, busy, damaged or of a newer version."""


class NotConformingError(CityKgError):
    """The facts do not conform to the shapes; nothing was changed."""
