"""Look a text over before the engine's parser sees it: what is nested too deep, or would cost it too much time.

Measured with pyoxigraph 0.5.13: JSON-LD nested 10,000 deep and triple terms nested 100,000 deep end the process, not
the parse. JSON-LD takes time by contexts times their terms; RDF/XML by depth, and by elements times prefixes in force.
Each scan passes over the text once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from pyoxigraph import RdfFormat

from kg.faults import Fault, RefusedSubmissionError

MOST_FAULTS = 20
MOST_TOKENS = 2_000_000
"""Words, signs and spaces; 100,000 statements have about a million of them."""
MOST_DEPTH = 200
MOST_CONTEXTS = 100
MOST_CONTEXT_TERMS = 500
MOST_PREFIXES_IN_FORCE = 200
MOST_ATTRIBUTES = 500

TURTLE = re.compile(
    r"""(?P<skip>\s+|\#[^\n\r]*+)
      | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*+(?:\"\"\"|\Z) | '''(?:[^'\\]|\\.|'(?!''))*+(?:'''|\Z)
                  | "(?:[^"\\\n\r]|\\.)*+"? | '(?:[^'\\\n\r]|\\.)*+'?)
      | (?P<iri><[^<>"{}|^`\s]*+>)
      | (?P<open><<|\{\||[\[({])
      | (?P<close>>>|\|\}|[\])}])
      | (?P<punct>[;,.])
      | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*+|\^\^)
      | (?P<word>(?:[^\s;,.\[\](){}<>"'\#^@\\]|\\.|\.(?=[\w%\\:-]))++)
      | (?P<other>.)""",
    re.VERBOSE | re.DOTALL,
)
JSON = re.compile(
    r"""(?P<skip>\s+) | (?P<string>"(?:[^"\\]|\\.)*+"?) | (?P<open>[\[{]) | (?P<close>[\]}]) | (?P<punct>[:,])
      | (?P<word>[^\s\[\]{}:,"]++)""",
    re.VERBOSE | re.DOTALL,
)
XML = re.compile(
    r"""(?P<skip><!--.*?(?:-->|\Z) | <!\[CDATA\[.*?(?:\]\]>|\Z) | <\?.*?(?:\?>|\Z))
      | (?P<close></[^<>]*+>)
      | (?P<empty><(?:[^<>"'/]|"[^"]*+"|'[^']*+'|/(?!>))++/>)
      | (?P<open><(?:[^<>"'/]|"[^"]*+"|'[^']*+'|/(?!>))++>)
      | (?P<text>[^<]++)
      | (?P<other><)""",
    re.VERBOSE | re.DOTALL,
)

_DOCTYPE = re.compile(r"<!(?:DOCTYPE|ENTITY)", re.IGNORECASE)
_COLON = re.compile(r"\s*:")
_ATTRIBUTE = re.compile(r"=\s*[\"']")
_SCOPED = "A term of a @context has a @context of its own."
_SCOPED_ZH = "@context 中的术语不得再带 @context。"


def place_at(text: str, offset: int) -> tuple[int, int]:
    """Return line and column of a character, both from 1, in code points."""
    return text.count("\n", 0, offset) + 1, offset - text.rfind("\n", 0, offset)


def scan(text: str, engine_format: RdfFormat) -> list[Fault]:
    """Return why the text is not to be parsed; nothing for one that may be. Raises RefusedSubmissionError as well."""
    return _SCANS.get(engine_format, _scan_turtle)(text)


def _tokens(pattern: re.Pattern[str], text: str) -> Iterator[re.Match[str]]:
    """Yield the tokens of a text. Raises RefusedSubmissionError if there are more than any submission needs."""
    for count, token in enumerate(pattern.finditer(text)):
        if count == MOST_TOKENS:
            message, zh = (
                f"The text has more than {MOST_TOKENS:,} words and signs.",
                f"文本的词和符号超过 {MOST_TOKENS:,} 个。",
            )
            raise RefusedSubmissionError(
                [_fault("size", place_at(text, token.start()), message, zh, "Send it in parts.")]
            )
        yield token


def _scan_turtle(text: str) -> list[Fault]:
    depth = 0
    for token in _tokens(TURTLE, text):
        if token.lastgroup == "open":
            depth += 1
            if depth > MOST_DEPTH:
                return [_too_deep(text, token.start())]
        elif token.lastgroup == "close":
            depth = max(depth - 1, 0)
    return []


def _scan_xml(text: str) -> list[Fault]:
    if found := _DOCTYPE.search(text):
        message = "A document type declaration or an entity is not taken: entities may expand without end."
        hint = "Leave out <!DOCTYPE …> and write each character itself, or as &#…;."
        return [_fault("syntax", place_at(text, found.start()), message, "不接受 DOCTYPE 或 ENTITY 声明。", hint)]
    open_tags: list[int] = []  # how many prefixes each declares
    for tag in _tokens(XML, text):
        if tag.lastgroup == "close" and open_tags:
            open_tags.pop()
        if tag.lastgroup not in ("open", "empty"):
            continue
        declared = tag[0].count("xmlns")
        if len(_ATTRIBUTE.findall(tag[0])) > MOST_ATTRIBUTES or sum(open_tags) + declared > MOST_PREFIXES_IN_FORCE:
            message = (
                f"More than {MOST_ATTRIBUTES} attributes in one tag, or {MOST_PREFIXES_IN_FORCE} prefixes in force."
            )
            zh = f"单个标签的属性超过 {MOST_ATTRIBUTES} 个，或同时生效的前缀超过 {MOST_PREFIXES_IN_FORCE} 个。"
            return [
                _fault(
                    "size",
                    place_at(text, tag.start()),
                    message,
                    zh,
                    "Write properties as elements, and fewer prefixes.",
                )
            ]
        if tag.lastgroup == "open":
            open_tags.append(declared)
            if len(open_tags) > MOST_DEPTH:
                return [_too_deep(text, tag.start())]
    return []


@dataclass
class _Value:
    """An object or array of JSON that is open; `in_context` if it is part of a @context, `is_context` if it is one."""

    is_object: bool
    in_context: bool
    is_context: bool
    keys: set[str] = field(default_factory=set)
    key: str | None = None


class _JsonScan:
    """One pass over JSON-LD; faults in the order in which they stand."""

    def __init__(self, text: str) -> None:
        self.faults: list[Fault] = []
        self._text = text
        self._open: list[_Value] = []
        self._contexts = self._terms = 0

    def run(self) -> list[Fault]:
        for token in _tokens(JSON, self._text):
            if token.lastgroup == "open":
                if len(self._open) >= MOST_DEPTH:
                    return [*self.faults, _too_deep(self._text, token.start())]
                self._open.append(self._opened(token[0] == "{"))
            elif token.lastgroup == "close" and self._open:
                self._open.pop()
            elif token.lastgroup == "string" and self._open:
                self._read_string(token)
            if len(self.faults) == MOST_FAULTS or (self.faults and self.faults[-1].step == "size"):
                break
        return self.faults

    def _opened(self, is_object: bool) -> _Value:
        if not self._open:
            return _Value(is_object, False, False)
        around = self._open[-1]
        is_context = around.key == "@context" if around.is_object else around.is_context
        return _Value(is_object, around.in_context or is_context, is_context)

    def _read_string(self, token: re.Match[str]) -> None:
        value, around = _unescaped(token[0]), self._open[-1]
        if not around.is_object or not _COLON.match(self._text, token.end()):
            if around.key == "@context" or (around.is_context and not around.is_object):
                self._refuse_remote(token.start(), value)
            return
        if value in around.keys:
            message, hint = f"The key {value[:60]!r} stands twice in one object.", "Give both values in one array."
            self._say("syntax", token.start(), message, f"同一对象中键 {value[:60]!r} 重复出现。", hint)
        around.keys.add(value)
        around.key = value
        self._count(token.start(), value, around)

    def _count(self, offset: int, key: str, around: _Value) -> None:
        self._terms += around.in_context
        self._contexts += key == "@context"
        if around.in_context and key == "@import":
            self._refuse_remote(offset, "@import")
        if around.in_context and key == "@context":
            self._say("size", offset, _SCOPED, _SCOPED_ZH, "Declare all terms in the one @context at the top.")
        elif self._contexts > MOST_CONTEXTS or self._terms > MOST_CONTEXT_TERMS:
            message = f"More than {MOST_CONTEXTS} contexts, or {MOST_CONTEXT_TERMS} terms in them."
            zh = f"@context 超过 {MOST_CONTEXTS} 个，或其中的术语超过 {MOST_CONTEXT_TERMS} 个。"
            self._say("size", offset, message, zh, "Declare the terms that you use once, in one @context at the top.")

    def _refuse_remote(self, offset: int, address: str) -> None:
        message = f"The @context {address[:200]} lies elsewhere, and nothing is fetched from there."
        hint = 'Copy its terms into the text: "@context": { … }.'
        self._say("syntax", offset, message, f"不会读取外部的 @context：{address[:200]}。", hint)

    def _say(self, step: str, offset: int, message: str, message_zh: str, hint: str) -> None:
        self.faults.append(_fault(step, place_at(self._text, offset), message, message_zh, hint))


def strings(text: str) -> Iterator[tuple[str, int]]:
    """Yield each string of a JSON text, unescaped, with its offset."""
    return ((_unescaped(token[0]), token.start()) for token in JSON.finditer(text) if token.lastgroup == "string")


def _unescaped(string: str) -> str:
    if "\\" not in string:
        return string.strip('"')
    try:
        return str(json.loads(string))
    except ValueError:  # the parser will say what is wrong
        return string


def _too_deep(text: str, offset: int) -> Fault:
    message, hint = f"Nested more than {MOST_DEPTH} deep.", "Name the nodes by IRIs, and write them one after another."
    return _fault("size", place_at(text, offset), message, f"嵌套超过 {MOST_DEPTH} 层。", hint)


def _fault(step: str, place: tuple[int, int], message: str, message_zh: str, hint: str) -> Fault:
    line, column = place
    return Fault(step, "Violation", message, message_zh, hint=hint, line=line, column=column)


_SCANS: dict[RdfFormat, Callable[[str], list[Fault]]] = {
    RdfFormat.JSON_LD: lambda text: _JsonScan(text).run(),
    RdfFormat.RDF_XML: _scan_xml,
}
