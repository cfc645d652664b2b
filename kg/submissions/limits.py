"""Scan a text before the engine parses it, for nesting that is too deep, or would take too much time.

Measured with pyoxigraph 0.5.13: JSON-LD nested 10,000 deep and triple terms nested 100,000 deep end the process, not
only the parse. The time for JSON-LD grows with contexts times their terms; for RDF/XML with depth, and with elements
times prefixes in scope. Each scan passes over the text once.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pyoxigraph import RdfFormat

from kg.errors import shorten
from kg.findings import MOST_FINDINGS, Finding, RefusedSubmissionError
from kg.messages import bilingual
from kg.rdf.lexers import JSON, TURTLE, XML, place_at, unescape_json

MOST_TOKENS = 2_000_000
"""Most tokens (words, signs and spaces); 100,000 statements have about a million."""
MOST_DEPTH = 200
MOST_CONTEXTS = 100
MOST_CONTEXT_TERMS = 500
MOST_PREFIXES_IN_FORCE = 200
MOST_ATTRIBUTES = 500

_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_COLON = re.compile(r"\s*:")
_ATTRIBUTE = re.compile(r"=\s*[\"']")


def scan(text: str, engine_format: RdfFormat) -> list[Finding]:
    """Return the reasons not to parse a text, empty if there are none.

    Raises RefusedSubmissionError for too many tokens.
    """
    return _SCANS.get(engine_format, _scan_turtle)(text)


def _tokens(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the tokens of a text. Raises RefusedSubmissionError if there are too many."""
    for count, token in enumerate(pattern.finditer(text)):
        if count == MOST_TOKENS:
            words = bilingual("The text has more than {most:,} words and signs.", most=MOST_TOKENS)
            raise RefusedSubmissionError([_finding("size", place_at(text, token.start()), words, "Send it in parts.")])
        yield token


def _scan_turtle(text: str) -> list[Finding]:
    depth = 0
    for token in _tokens(TURTLE, text):
        if token.lastgroup == "open":
            depth += 1
            if depth > MOST_DEPTH:
                return [_depth_finding(text, token.start())]
        elif token.lastgroup == "close":
            depth = max(depth - 1, 0)
    return []


def _scan_xml(text: str) -> list[Finding]:
    if found := _DOCTYPE.search(text):
        words = bilingual("Document type declarations and entities are not accepted: entities may expand without end.")
        hint = "Leave out <!DOCTYPE …> and write each character itself, or as &#…;."
        return [_finding("syntax", place_at(text, found.start()), words, hint)]
    open_tags: list[int] = []  # how many prefixes each declares
    for tag in _tokens(XML, text):
        if tag.lastgroup == "close" and open_tags:
            open_tags.pop()
        if tag.lastgroup not in ("open", "empty"):
            continue
        declared = tag[0].count("xmlns")
        if len(_ATTRIBUTE.findall(tag[0])) > MOST_ATTRIBUTES or sum(open_tags) + declared > MOST_PREFIXES_IN_FORCE:
            words = bilingual(
                "More than {attributes} attributes in one tag, or {prefixes} prefixes in force.",
                attributes=MOST_ATTRIBUTES,
                prefixes=MOST_PREFIXES_IN_FORCE,
            )
            hint = "Write properties as elements, and fewer prefixes."
            return [_finding("size", place_at(text, tag.start()), words, hint)]
        if tag.lastgroup == "open":
            open_tags.append(declared)
            if len(open_tags) > MOST_DEPTH:
                return [_depth_finding(text, tag.start())]
    return []


@dataclass
class _Value:
    """An open object or array of JSON; `in_context` if it is part of a @context, `is_context` if it is one."""

    is_object: bool
    in_context: bool
    is_context: bool
    keys: set[str] = field(default_factory=set)
    key: str | None = None


class _JsonScan:
    """One pass over JSON-LD, with findings in the order of their places."""

    def __init__(self, text: str) -> None:
        self.findings: list[Finding] = []
        self._text = text
        self._open: list[_Value] = []
        self._contexts = self._terms = 0

    def run(self) -> list[Finding]:
        for token in _tokens(JSON, self._text):
            if token.lastgroup == "open":
                if len(self._open) >= MOST_DEPTH:
                    return [*self.findings, _depth_finding(self._text, token.start())]
                self._open.append(self._open_value(token[0] == "{"))
            elif token.lastgroup == "close" and self._open:
                self._open.pop()
            elif token.lastgroup == "string" and self._open:
                self._read_string(token)
            if len(self.findings) == MOST_FINDINGS or (self.findings and self.findings[-1].step == "size"):
                break
        return self.findings

    def _open_value(self, is_object: bool) -> _Value:
        if not self._open:
            return _Value(is_object, False, False)
        around = self._open[-1]
        is_context = around.key == "@context" if around.is_object else around.is_context
        return _Value(is_object, around.in_context or is_context, is_context)

    def _read_string(self, token: re.Match[str]) -> None:
        value, around = unescape_json(token[0]), self._open[-1]
        if not around.is_object or not _COLON.match(self._text, token.end()):
            if around.key == "@context" or (around.is_context and not around.is_object):
                self._refuse_remote(token.start(), value)
            return
        if value in around.keys:
            words = bilingual("The key {key!r} occurs twice in one object.", key=shorten(value))
            self._report("syntax", token.start(), words, "Give both values in one array.")
        around.keys.add(value)
        around.key = value
        self._count(token.start(), value, around)

    def _count(self, offset: int, key: str, around: _Value) -> None:
        self._terms += around.in_context
        self._contexts += key == "@context"
        if around.in_context and key == "@import":
            self._refuse_remote(offset, "@import")
        if around.in_context and key == "@context":
            words = bilingual("A term of a @context has a @context of its own.")
            self._report("size", offset, words, "Declare all terms in the one @context at the top.")
        elif self._contexts > MOST_CONTEXTS or self._terms > MOST_CONTEXT_TERMS:
            words = bilingual(
                "More than {contexts} contexts, or {terms} terms in them.",
                contexts=MOST_CONTEXTS,
                terms=MOST_CONTEXT_TERMS,
            )
            self._report("size", offset, words, "Declare the terms that you use once, in one @context at the top.")

    def _refuse_remote(self, offset: int, address: str) -> None:
        words = bilingual(
            "The @context {address} is remote, and remote contexts are not fetched.", address=shorten(address)
        )
        self._report("syntax", offset, words, 'Copy its terms into the text: "@context": { … }.')

    def _report(self, step: str, offset: int, words: tuple[str, str], hint: str) -> None:
        self.findings.append(_finding(step, place_at(self._text, offset), words, hint))


def _depth_finding(text: str, offset: int) -> Finding:
    words = bilingual("Nested more than {most} deep.", most=MOST_DEPTH)
    hint = "Name the nodes by IRIs, and write them one after another."
    return _finding("size", place_at(text, offset), words, hint)


def _finding(step: str, place: tuple[int, int], words: tuple[str, str], hint: str) -> Finding:
    line, column = place
    return Finding(step, "Violation", *words, hint=hint, line=line, column=column)


_SCANS: dict[RdfFormat, Callable[[str], list[Finding]]] = {
    RdfFormat.JSON_LD: lambda text: _JsonScan(text).run(),
    RdfFormat.RDF_XML: _scan_xml,
}
