"""Parse RDF Patch (RDF Delta, version 1): lines that add or delete quads, in transactions.

`H` headers are skipped; `TX` and `TC` begin and commit transactions, which count as one change together; `PA` and `PD`
declare and drop prefixes. A patch that aborts (`TA`), or ends within a transaction, is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from pyoxigraph import RdfFormat

from kg.findings import MOST_FINDINGS, Finding, RefusedSubmissionError, UnreadableError
from kg.rdf.lexers import TURTLE
from kg.rdf.parse import read_text
from kg.rdf.positions import Position
from kg.submissions.limits import scan
from kg.submissions.rdf import ParsedText, SubmittedQuad, refuse_too_many, refuse_unfit, syntax_finding

MEDIA_TYPE = "application/rdf-patch"

_PREFIX = re.compile(r"""(?:"([\w.-]*)"|'([\w.-]*)'|([\w.-]*):)\s+(?:<([^<>"{}|^`\s\\]*)>|"([^"\s\\]*)")\s*\.?""")
_PREFIX_NAME = re.compile(r"""["']?([\w.-]*)["']?:?\s*\.?""")


class _Patch:
    """The state of parsing a patch line by line."""

    def __init__(self) -> None:
        self.statements: list[SubmittedQuad] = []
        self.places: list[Position] = []
        self.findings: list[Finding] = []
        self.in_transaction = False
        self._prefixes: dict[str, str] = {}

    def read(self, number: int, line: str) -> None:
        column = len(line) - len(line.lstrip()) + 1
        code, _, rest = line.strip().partition(" ")
        if code in ("A", "D"):
            self._read_quad(number, column + 2, code, rest)
        elif code == "PA":
            self._declare(number, column, rest)
        elif code == "PD" and (dropped := _PREFIX_NAME.fullmatch(rest)):
            self._prefixes.pop(dropped[1], None)
        elif code in ("TX", "TC") and rest.strip() in ("", "."):
            if self.in_transaction == (code == "TX"):
                self.report(number, column, f"{code} does not fit: a transaction begins with TX and ends with TC.")
            self.in_transaction = code == "TX"
        elif code == "TA":
            self.report(number, column, "TA aborts the transaction: the patch is not meant to be made.")
        elif code and code != "H" and not code.startswith("#"):
            self.report(number, column, f"{code[:20]!r} is none of H, TX, TC, TA, PA, PD, A and D.")

    def report(self, line: int, column: int, message: str) -> None:
        self.findings.append(syntax_finding(message, line, column))

    def _declare(self, number: int, column: int, rest: str) -> None:
        found = _PREFIX.fullmatch(rest.strip())
        if not found:
            return self.report(number, column, 'A prefix is declared as in PA "city" "https://…/id/city/" .')
        name = next((group for group in found.groups()[:3] if group is not None), "")
        self._prefixes[name] = found[4] if found[4] is not None else found[5]
        return None

    def _read_quad(self, number: int, column: int, code: str, rest: str) -> None:
        text = "".join(self._expand(rest))
        try:
            quads = read_text(text, "", RdfFormat.N_QUADS)
        except UnreadableError as error:
            finding = error.findings[0]
            at = column + (finding.column or 1) - 1 if text == rest else column
            return self.report(number, at, finding.message)
        if len(quads) != 1:
            return self.report(number, column, f"{code} needs one quad behind it.")
        self.statements.append(SubmittedQuad(quads[0], code == "D"))
        self.places.append((number, column))
        return refuse_too_many(len(self.statements))

    def _expand(self, text: str) -> Iterator[str]:
        """Yield the tokens of a line, with prefixed names as IRIs."""
        if not self._prefixes:
            yield text
            return
        for token in TURTLE.finditer(text):
            prefix, colon, local = token[0].partition(":")
            known = token.lastgroup == "word" and colon and prefix in self._prefixes
            yield f"<{self._prefixes[prefix]}{local}>" if known else token[0]


def read_patch(text: str) -> ParsedText:
    """Parse a patch into the quads that it adds and removes, in its order.

    Raises RefusedSubmissionError with what is not well-formed, and for a patch that aborts or is cut off.
    """
    if found := scan(text, RdfFormat.N_QUADS):
        raise RefusedSubmissionError(found)
    patch, lines = _Patch(), text.split("\n")
    for number, line in enumerate(lines, 1):
        patch.read(number, line.rstrip("\r"))
        if len(patch.findings) == MOST_FINDINGS:
            break
    if patch.in_transaction and not patch.findings:
        patch.report(len(lines), 1, "The patch ends within a transaction: TC is missing, and perhaps more.")
    if patch.findings:
        raise RefusedSubmissionError(patch.findings)
    reading = ParsedText(patch.statements, lambda: patch.places)
    refuse_unfit(reading)
    return reading
