"""Find the line of a Turtle or TriG text that states something, for messages that point at it.

A small reader, not a parser: it follows subjects, predicates and objects through a text that the engine has already
accepted. What stands inside brackets counts as part of the object before it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path

from kg.namespaces import RDF_TYPE

_TOKEN = re.compile(
    r"""(?P<skip>\s+|\#[^\n]*)
      | (?P<iri><[^<>"{}|^`\\\s]*>)
      | (?P<string>\"\"\"(?:[^"\\]|\\.|"(?!""))*\"\"\" | '''(?:[^'\\]|\\.|'(?!''))*'''
                  | "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*')
      | (?P<tag>@[A-Za-z]+(?:-[A-Za-z0-9]+)*|\^\^)
      | (?P<punct>[;,.\[\](){}])
      | (?P<word>(?:[^\s;,.\[\](){}<>"'\#^@]|\.(?=[\w%\\:-]))+)""",
    re.VERBOSE | re.DOTALL,
)
_ESCAPE = re.compile(r"\\(.)")

Place = tuple[str, int]


class Positions:
    """The places of statements in some files, read when first asked for."""

    def __init__(self, files: Iterable[Path]) -> None:
        self._files = list(files)
        self._places: dict[tuple[str, str | None, str | None], Place] | None = None

    def find(self, subject: str, predicate: str | None = None, value: str | None = None) -> Place | None:
        """Return file and line of the statement, else of its predicate, else of its subject, else None."""
        if self._places is None:
            self._places = {}
            for path in self._files:
                self._read(path)
        for key in ((subject, predicate, value), (subject, predicate, None), (subject, None, None)):
            if key in self._places:
                return self._places[key]
        return None

    def _read(self, path: Path) -> None:
        assert self._places is not None
        for subject, predicate, value, line in statements(path.read_text(encoding="utf-8")):
            for key in ((subject, predicate, value), (subject, predicate, None), (subject, None, None)):
                self._places.setdefault(key, (str(path), line))


def statements(text: str) -> Iterator[tuple[str, str, str, int]]:
    """Yield subject, predicate, object (IRIs, or the text of a literal) and line of each statement of the text."""
    prefixes: dict[str, str] = {}
    place: list[str] = []
    declaring: list[str] | None = None
    depth = 0
    for kind, token, line in _tokens(text):
        if token.lower() in ("@prefix", "prefix", "@base", "base"):
            declaring = []
        elif declaring is not None:
            declaring.append(token)
            if kind == "iri":
                prefixes[declaring[0].rstrip(":") if len(declaring) > 1 else ""] = token[1:-1]
                declaring = None
        elif token in ("[", "("):
            depth += 1
        elif token in ("]", ")"):
            depth -= 1
        elif depth == 0 and kind == "punct":
            place = place[: {";": 1, ",": 2}.get(token, 0)]
        elif depth == 0 and kind != "tag" and len(place) < 3:
            place.append(_value(kind, token, prefixes))
            if len(place) == 3:
                yield place[0], place[1], place[2], line


def _tokens(text: str) -> Iterator[tuple[str, str, int]]:
    line, position = 1, 0
    while match := _TOKEN.match(text, position):
        kind = match.lastgroup or "skip"
        if kind != "skip":
            yield kind, match[0], line
        line += match[0].count("\n")
        position = match.end()


def _value(kind: str, token: str, prefixes: dict[str, str]) -> str:
    if kind == "iri":
        return token[1:-1]
    if kind == "string":
        quotes = 3 if token.startswith(('"""', "'''")) else 1
        return token[quotes:-quotes]
    if token == "a":
        return RDF_TYPE.value
    prefix, colon, local = token.partition(":")
    return prefixes[prefix] + _ESCAPE.sub(r"\1", local) if colon and prefix in prefixes else token
