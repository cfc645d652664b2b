"""What may stand at a place of a query, which need not be finished, or even be right, before or behind it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Literal

from kg.assist.lexemes import lexemes
from kg.sparql.text import FORMS, Token

Role = Literal[
    "nothing",
    "form",
    "prefix",
    "columns",
    "graph",
    "subject",
    "predicate",
    "object",
    "expression",
    "constraint",
    "variable",
    "modifier",
    "key",
]
"""The part of a query that a place belongs to.

`nothing` is a comment, a string, an IRI or a number; `form` is before SELECT and the like, `prefix` behind PREFIX,
`constraint` behind FILTER, `modifier` behind the pattern, `key` behind GROUP BY and ORDER BY.
"""

_TRIPLES = ("group", "template", "node", "list")
_QUOTES = ('"', "'")
_PATH_SIGNS = ("/", "|")
_PENDING: dict[str, str] = {
    "PREFIX": "prefix",
    "BASE": "iri",
    "SERVICE": "iri",
    "FROM": "graph",
    "GRAPH": "graph",
    "MINUS": "opaque",
    "EXISTS": "opaque",
    "CONSTRUCT": "template",
    "FILTER": "constraint",
    "BIND": "constraint",
    "HAVING": "constraint",
    "VALUES": "values",
    "AS": "variable",
    "LIMIT": "number",
    "OFFSET": "number",
}
"""What is expected behind a keyword."""


@dataclass
class _Frame:
    """A bracket that is open, or the query itself, with what its next token is to be."""

    kind: str
    slot: str = "subject"
    subject: str = ""
    predicate: str = ""
    clause: str = ""
    open_paths: int = 0


@dataclass(frozen=True)
class Place:
    """A place of a query: its role, the token from `start` to `end` that is being written there, and the triple.

    `typed` is the part of the token before the cursor. `is_opaque` where it gives no rows: within MINUS and EXISTS, and
    behind a pattern without a dot. `classes` has those that the query states of each subject, as written.
    """

    role: Role
    start: int
    end: int
    typed: str
    subject: str = ""
    predicate: str = ""
    keyword: str = ""
    is_opaque: bool = False
    variables: tuple[str, ...] = ()
    classes: dict[str, list[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, text: str, offset: int) -> Place:
        """Return the place at an offset."""
        before = list(lexemes(text[:offset]))
        if _is_in_comment(text[before[-1].end if before else 0 : offset]) or _is_in_string(text, before, offset):
            return cls("nothing", offset, offset, "")
        typed = before.pop() if before and _is_being_written(before[-1], offset) else None
        start = typed.start if typed else offset
        end = _end_of_token(text, typed, offset)
        reader = _PlaceReader()
        for token in before:
            reader.take(token)
        is_number = typed is not None and typed.kind == "number"
        role: Role = "nothing" if is_number or _is_in_iri(text, before, offset) else reader.role()
        frame = reader.frames[-1]
        keyword, is_opaque = reader.keyword, reader.is_opaque()
        subject, predicate = frame.subject, frame.predicate
        for token in lexemes(text[end:]):
            reader.take(token)
        names = tuple(dict.fromkeys(reversed(reader.variables)))
        shown = typed.text if typed else ""
        return cls(role, start, end, shown, subject, predicate, keyword, is_opaque, names, reader.classes)


def _is_being_written(token: Token, offset: int) -> bool:
    """Return True if the token before the cursor may go on."""
    return token.end == offset and (token.kind in ("name", "word", "variable", "number") or token.text in ("?", "$"))


def _end_of_token(text: str, typed: Token | None, offset: int) -> int:
    """Return the end of the token that is being written, of which the cursor may be in the middle."""
    if typed is None:
        return offset
    whole = next(lexemes(text[typed.start : typed.start + 1_000]), None)
    return max(offset, typed.start + whole.end) if whole is not None else offset


def _is_in_comment(gap: str) -> bool:
    return "#" in gap.replace("\r", "\n").rpartition("\n")[2]


def _is_in_string(text: str, before: list[Token], offset: int) -> bool:
    """Return True if a string is open at an offset: one in single quotes ends with its line."""
    for place, token in enumerate(before):
        if token.text not in _QUOTES or token.kind != "other":
            continue
        is_long = place > 0 and before[place - 1].text == token.text * 2 and before[place - 1].end == token.start
        if is_long or "\n" not in text[token.start : offset]:
            return True
    return False


def _is_in_iri(text: str, before: list[Token], offset: int) -> bool:
    """Return True if `<` is open, and nothing that an IRI cannot hold is between."""
    last = next((token for token in reversed(before) if token.text == "<"), None)
    return last is not None and last.end < offset and not any(char in text[last.end : offset] for char in " \n\t\r<>")


class _PlaceReader:
    """Reads tokens, and knows what may follow; it refuses nothing."""

    def __init__(self) -> None:
        self.frames = [_Frame("query")]
        self.keyword = ""
        self.variables: list[str] = []
        self.classes: dict[str, list[str]] = defaultdict(list)
        self._pending = ""

    def role(self) -> Role:
        """Return what may stand behind the tokens so far."""
        pending = self._pending
        if pending in ("iri", "number", "opaque", "template", "datatype", "namespace", "group"):
            return "nothing"
        if pending == "prefix":
            return "prefix"
        if pending == "graph":
            return "graph"
        if pending == "constraint":
            return "constraint"
        if pending in ("variable", "values"):
            return "variable"
        return self._role_in(self.frames[-1])

    def _role_in(self, frame: _Frame) -> Role:
        if frame.clause:
            return {"select": "columns", "by": "key", "behind": "modifier"}.get(frame.clause, "nothing")  # type: ignore[return-value]
        if frame.kind == "query":
            return "form"
        if frame.kind in ("expression", "variables"):
            return "expression" if frame.kind == "expression" else "variable"
        if frame.kind == "values":
            return "object"
        if frame.slot == "predicate":
            return "predicate"
        return "object" if frame.slot == "object" else "subject"

    def is_opaque(self) -> bool:
        """Return True if what follows gives no rows: within MINUS and EXISTS, or where a dot is missing."""
        return self.frames[-1].slot == "behind" or any(frame.kind == "opaque" for frame in self.frames)

    def take(self, token: Token) -> None:
        """Take the next token."""
        if token.kind == "variable" and token.text[0] in "?$":
            self.variables.append(token.text[1:])
        if token.kind == "other":
            self._take_sign(token.text)
        elif token.kind == "word" and not self._is_value(token):
            self._take_keyword(token.keyword)
        elif not token.text.startswith("@"):
            self._take_value(token)

    def _is_value(self, token: Token) -> bool:
        frame = self.frames[-1]
        is_type = token.text == "a" and frame.kind in _TRIPLES and frame.slot == "predicate"
        return is_type or token.keyword in ("TRUE", "FALSE")

    def _take_keyword(self, keyword: str) -> None:
        self.keyword = keyword
        frame = self.frames[-1]
        if keyword in FORMS:
            frame.clause = "where" if keyword in ("ASK", "CONSTRUCT") else "select"
            self._pending = "template" if keyword == "CONSTRUCT" else ""
        elif keyword in ("GROUP", "ORDER"):
            frame.clause, self._pending = "by", ""
        elif keyword in _PENDING:
            self._pending = _PENDING[keyword]
        elif keyword in ("OPTIONAL", "UNION", "WHERE"):
            self._pending = "group"
        if frame.kind in _TRIPLES and keyword in ("OPTIONAL", "UNION", "MINUS", "FILTER", "BIND", "VALUES", "GRAPH"):
            frame.slot = "subject"

    def _take_value(self, token: Token) -> None:
        pending, frame = self._pending, self.frames[-1]
        if pending == "prefix":
            self._pending = "namespace"
        elif pending in ("namespace", "iri", "variable", "number", "datatype"):
            self._pending = ""
        elif pending == "graph":
            self._pending = "group" if self.keyword == "GRAPH" else ""
        elif pending not in ("constraint", "values") and frame.kind in _TRIPLES and not frame.clause:
            self._fill(frame, token.text)

    def _fill(self, frame: _Frame, text: str) -> None:
        if frame.kind == "list":
            return
        if frame.slot in ("subject", "behind"):
            frame.subject, frame.predicate, frame.slot = text, "", "predicate"
        elif frame.slot == "predicate":
            frame.predicate, frame.slot = text, "object"
        else:
            if frame.predicate in ("a", "rdf:type"):
                self.classes[frame.subject].append(text)
            frame.slot = "behind"

    def _take_sign(self, sign: str) -> None:
        frame = self.frames[-1]
        if sign in "([{":
            self._open(sign, frame)
        elif sign in ")]}":
            self._close(sign)
        elif frame.kind not in _TRIPLES or frame.clause:
            return
        elif sign == ".":
            frame.slot = "subject" if frame.kind != "node" else frame.slot
        elif sign == ";":
            frame.slot = "predicate"
        elif sign == ",":
            frame.slot = "object"
        elif sign in _PATH_SIGNS and frame.slot == "object":
            frame.slot = "predicate"
        elif sign == "^" and frame.slot == "behind":
            self._pending = "datatype"

    def _open(self, sign: str, frame: _Frame) -> None:
        pending, self._pending = self._pending, ""
        if sign == "{":
            kinds = {"values": "values", "template": "template", "opaque": "opaque"}
            if frame.clause:
                frame.clause = "where" if pending == "template" else "behind"
            if pending == "opaque":
                self.frames.append(_Frame("opaque"))
            self.frames.append(_Frame("group" if pending == "opaque" else kinds.get(pending, "group")))
        elif sign == "[":
            self.frames.append(_Frame("node", "predicate", "[]"))
        elif pending == "values":
            self.frames.append(_Frame("variables"))
        elif frame.kind == "values":
            self.frames.append(_Frame("values"))
        elif pending == "constraint" or frame.clause or frame.kind == "expression":
            self.frames.append(_Frame("expression"))
        elif frame.slot == "predicate":
            frame.open_paths += 1
        else:
            self.frames.append(_Frame("list", "object"))

    def _close(self, sign: str) -> None:
        frame = self.frames[-1]
        if sign == ")" and frame.open_paths:
            frame.open_paths -= 1
            return
        closed = {
            ")": ("expression", "list", "variables", "values"),
            "]": ("node",),
            "}": ("group", "template", "values"),
        }
        place = next((n for n in range(len(self.frames) - 1, 0, -1) if self.frames[n].kind in closed[sign]), 0)
        if not place:
            return
        kind = self.frames[place].kind
        del self.frames[place:]
        if self.frames[-1].kind == "opaque":
            self.frames.pop()
        outer = self.frames[-1]
        self._pending = "values" if kind == "variables" else ""
        if sign == "}" and outer.kind in _TRIPLES:
            outer.slot = "subject"
        elif kind in ("list", "node"):
            self._fill(outer, "[]")
