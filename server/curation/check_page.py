"""The page that checks a text: what is found at its lines, what may stand there, and mends that can be tried."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from flask import Response, render_template, request
from pyoxigraph import NamedNode

from kg.curation import SubmissionReport
from kg.errors import BadValueError, shorten
from kg.findings import Finding, RefusedSubmissionError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.submissions import Submission, SubmittedText, read
from kg.submissions.checks import Mend
from server.service import service
from server.web import AnswerType, Labels, LinkedText

TYPES = {
    "text/turtle": "Turtle",
    "application/trig": "TriG",
    "application/ld+json": "JSON-LD",
    "application/rdf-patch": "RDF Patch",
    "text/csv": "CSV",
}
"""The formats of the form, by media type."""

_SUFFIXES = dict(zip((".ttl", ".trig", ".jsonld", ".rdfp", ".csv"), TYPES, strict=True))
_MOST_SHOWN = 200_000
"""Characters of a text up to which it is in the page, to be mended there."""
_MOST_KEPT = 500_000
"""Characters of a text up to which it stays in its field."""
FIELDS = ("text", "file", "type", "graph", "mend", "answers")
"""Names of the fields of the form."""
_AROUND = 1
"""Lines that an excerpt has before and behind the one that it is about."""
_LONGEST_LINE = 200
_PATCH = re.compile(r"\s*(H|TX|PA|PD|A|D)\s")
_HEADINGS = re.compile(r"[\w ]+(,[\w ]*)+")  # no two repeats that may share a space: it would take the square of it


@dataclass(frozen=True)
class CheckedText:
    """A text of the form: its media type, "" to be guessed, the graph of its triples, and what was done to it."""

    text: str = ""
    media_type: str = ""
    graph: str = ""
    note: str = ""
    raw: bytes = b""
    """The bytes of a file."""
    is_guessed: bool = False
    """True if the media type is guessed."""

    @classmethod
    def of_request(cls) -> CheckedText:
        """Return the text that the current request sends, with the mend that is to be tried."""
        request.max_form_memory_size = None  # the front bounds bodies, and says so in words
        sent, form, raw = request.files.get("file"), request.values, b""
        media_type = form.get("type", "")
        if sent is not None and sent.filename:
            raw = sent.read()
            text = raw.decode("utf-8-sig", "replace")
            media_type = media_type or _SUFFIXES.get(Path(sent.filename).suffix.lower(), "")
        else:
            text = form.get("text", "")
        text = text.replace("\r\n", "\n")
        checked = cls(
            text, media_type or _guess(text), form.get("graph", "").strip(), raw=raw, is_guessed=not media_type
        )
        return checked._try(form["mend"]) if form.get("mend") else checked

    def _try(self, said: str) -> CheckedText:
        mend = Mend.parse(said) if len(self.text) <= _MOST_SHOWN else None
        mended = mend.apply(self.text, self.media_type) if mend is not None else None
        if mend is None or mended is None:
            return replace(self, note="The text is another one at that place by now, so it was left as it is.")
        return replace(self, text=mended, raw=b"", note=f"{mend.done}. The text was checked again.")

    @property
    def sent(self) -> SubmittedText:
        """The text as a submission has it."""
        return SubmittedText(self.raw or self.text.encode(), self.media_type)

    def submission(self) -> Submission:
        """Return the change that the text is. Raises BadValueError, RefusedSubmissionError."""
        if self.media_type not in TYPES:
            raise BadValueError(f"type={shorten(self.media_type)!r} is not a format.", f"One of: {', '.join(TYPES)}")
        return read([self.sent], graphs.writable_graph(self.graph), store=service.revisions.newest_snapshot().store)


@dataclass(frozen=True)
class ShownFinding:
    """What was found, in the reader's language: with the lines around it, what may stand there, its shape, its mend."""

    finding: Finding
    message: str
    excerpt: str
    allowed: Sequence[LinkedText]
    shape: LinkedText | None
    mend: Mend | None


def respond(
    checked: CheckedText,
    report: SubmissionReport | None = None,
    error: RefusedSubmissionError | None = None,
    template: str = "check.html",
    **more: object,
) -> Response:
    """Return the page with a form that holds a text, and the report on it, or the places where it cannot be read.

    `template` is that page or one that extends it, which takes `more`.
    """
    findings = error.findings if error is not None else report.findings if report is not None else ()
    is_chinese = AnswerType.reader_language() == "zh"
    page = render_template(
        template,
        checked=checked,
        is_checked=bool(findings) or report is not None,
        report=report,
        found=_shown(checked, findings, is_chinese),
        lang="zh-Hans" if is_chinese else "en",
        types=TYPES,
        is_whole=len(checked.text) <= (_MOST_SHOWN if checked.raw else _MOST_KEPT),
        **more,
    )
    response = Response(page, headers={"Cache-Control": "no-store"})
    response.vary.update(("Accept", "Accept-Language"))
    return response


def _shown(checked: CheckedText, findings: Sequence[Finding], is_chinese: bool) -> list[ShownFinding]:
    paths = sorted({finding.path for finding in findings if finding.path and finding.step in ("vocabulary", "shapes")})
    listed = Mend.allowed_values(service.revisions.newest_snapshot().store, paths)
    shapes = {one.shape: NamedNode(iri) for one in findings if one.shape and (iri := ns.expand(one.shape))}
    labels = Labels.of([*shapes.values()])
    lines = checked.text.split("\n")
    mends = _mends(checked, findings)
    return [
        ShownFinding(
            finding,
            (is_chinese and finding.message_zh) or finding.message,
            _excerpt(lines, finding.line),
            _allowed(listed, finding),
            labels.value(shapes[finding.shape]) if finding.shape in shapes else None,
            mend,
        )
        for finding, mend in zip(findings, mends, strict=True)
    ]


def _allowed(listed: Mapping[str, Sequence[str]], finding: Finding) -> list[LinkedText]:
    return [LinkedText.of(name, ns.expand(name) or "") for name in listed.get(finding.path or "", ())]


def _mends(checked: CheckedText, findings: Sequence[Finding]) -> list[Mend | None]:
    """Return the mend of each finding, None where it cannot be made in the text, or stands with one before."""
    seen: set[Mend] = set()
    found: list[Mend | None] = []
    for finding in findings:
        mend = Mend.of(finding) if len(checked.text) <= _MOST_SHOWN else None
        is_new = mend is not None and mend not in seen and mend.apply(checked.text, checked.media_type) is not None
        found.append(mend if is_new else None)
        seen.update([mend] if mend is not None else [])
    return found


def _excerpt(lines: Sequence[str], line: int | None) -> str:
    """Return a line with its neighbours and their numbers; "" without one."""
    if not line or line > len(lines):
        return ""
    numbers = range(max(1, line - _AROUND), min(len(lines), line + _AROUND) + 1)
    width = len(str(numbers[-1]))
    return "\n".join(
        f"{'>' if number == line else ' '} {number:{width}} {_shortened(lines[number - 1])}" for number in numbers
    )


def _shortened(line: str) -> str:
    return line if len(line) <= _LONGEST_LINE else line[:_LONGEST_LINE] + "…"


def _guess(text: str) -> str:
    """Return the media type that a text seems to have: without a brace it is Turtle, which TriG holds as well."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    if first.lstrip().startswith(("{", "[")) and "@" in text:
        return "application/ld+json"
    if _PATCH.match(first):
        return "application/rdf-patch"
    if _HEADINGS.fullmatch(first.strip()):
        return "text/csv"
    return "application/trig" if "{" in text else "text/turtle"
