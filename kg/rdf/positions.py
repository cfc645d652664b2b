"""Find the position of each statement in a text: line and column, in the order of the parser.

The engine's parser does not say where a statement came from. But it reads its input only as far as it needs: fed token
by token, it yields a statement as soon as it has read its object, or the token after that.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from typing import NamedTuple

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, parse

from kg.rdf import namespaces as ns
from kg.rdf.lexers import TURTLE, XML, json_strings
from kg.rdf.parse import format_of, read_file

Position = tuple[int, int]
"""Line and column, from 1, in code points."""
FilePosition = tuple[str, int]
"""The name of a file and the number of a line."""
PlacedQuad = tuple[Quad, Position | None]
"""A quad, and where a text states it."""
_Lines = Mapping[tuple[str | None, ...], int]
"""The lines with the first mention of each statement, property and subject."""

_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_BY_LINE = (RdfFormat.N_TRIPLES, RdfFormat.N_QUADS)
_TERM_TOKENS = ("iri", "string", "word", "open", "empty")


class Fragment(NamedTuple):
    """A token with the space before it, its position, and whether a statement may end with it."""

    text: str
    position: Position
    ends_term: bool


class _Feed(BytesIO):
    """An input for the parser that yields one token at a time, and knows which was the last."""

    def __init__(self, pieces: Iterable[Fragment]) -> None:
        super().__init__()
        self._pieces = iter(pieces)
        self._rest = b""
        self.place: Position | None = None
        self.before: Position | None = None

    def read(self, size: int | None = -1) -> bytes:
        """Return the next token, `size` bytes of it at most (more would abort the process); nothing at the end."""
        if not self._rest:
            self._rest = self._next()
        end = len(self._rest) if size is None or size < 0 else size
        given, self._rest = self._rest[:end], self._rest[end:]
        return given

    def _next(self) -> bytes:
        piece = next(self._pieces, None)
        self.before = self.place
        if piece is None:
            return b""
        if piece.ends_term:
            self.place = piece.position
        return piece.text.encode()


def statement_positions(text: str, engine_format: RdfFormat, quads: Sequence[Quad]) -> list[Position | None]:
    """Return the positions of the quads that the parser finds in a text, in their order.

    In Turtle and TriG that is the object, in N-Triples and N-Quads the line, in RDF/XML the tag, in JSON-LD the first
    mention of the subject.
    """
    if engine_format == RdfFormat.JSON_LD:
        return _jsonld_positions(text, quads)
    feed = _Feed(_fragments(text, engine_format))
    looks_ahead = engine_format not in (*_BY_LINE, RdfFormat.RDF_XML)  # behind a text for its language or datatype
    return [
        feed.before if looks_ahead and isinstance(quad.object, Literal) else feed.place
        for quad in parse(feed, engine_format)
    ]


def error_position(text: str, engine_format: RdfFormat) -> Position | None:
    """Return where the parser fails, for formats whose errors do not say it."""
    feed = _Feed(_fragments(text, engine_format))
    try:
        for _ in parse(feed, engine_format):
            pass
    except SyntaxError:
        return feed.place
    return None


def _fragments(text: str, engine_format: RdfFormat) -> Iterator[Fragment]:
    if engine_format in _BY_LINE:
        for number, line in enumerate(_LINE.findall(text), 1):
            yield Fragment(line, (number, len(line) - len(line.lstrip()) + 1), True)
        return
    line, start = 1, 0  # of the line: its number, and the offset of its first character
    space, before = "", ""
    for token in (XML if engine_format == RdfFormat.RDF_XML else TURTLE).finditer(text):
        if token.lastgroup == "skip":
            space += token[0]
        else:
            is_thing = token.lastgroup in _TERM_TOKENS and before != "^^"
            yield Fragment(space + token[0], (line, token.start() - start + 1), is_thing)
            space, before = "", token[0]
        if newlines := token[0].count("\n"):
            line += newlines
            start = token.start() + token[0].rindex("\n") + 1
    yield Fragment(space, (line, len(text) - start + 1), False)


def _jsonld_positions(text: str, quads: Sequence[Quad]) -> list[Position | None]:
    first: dict[str, int] = {}
    for string, offset in json_strings(text):
        first.setdefault(string, offset)
    starts = [0, *(newline.end() for newline in re.finditer("\n", text))]
    return [_position_at(first.get(name, first.get(ns.compact(name))), starts) for name in _subjects(quads)]


def _subjects(quads: Sequence[Quad]) -> Iterator[str]:
    return (quad.subject.value if isinstance(quad.subject, NamedNode) else "" for quad in quads)


def _position_at(offset: int | None, starts: list[int]) -> Position | None:
    if offset is None:
        return None
    line = bisect_right(starts, offset)
    return line, offset - starts[line - 1] + 1


@dataclass(frozen=True)
class PlacedFile:
    """A file whose statements have been placed when it was read: a table."""

    path: Path
    lines: _Lines

    @classmethod
    def of(cls, path: Path, placed: Iterable[PlacedQuad]) -> PlacedFile:
        """Return a file by its quads."""
        return cls(path, _lines_of(placed))


class Positions:
    """The positions of statements in some files, which are read on first use.

    To place the statements of a file takes ten times as long as to read it: that is done with the files that speak of
    what is asked for.
    """

    def __init__(self, files: Iterable[Path | PlacedFile]) -> None:
        files = list(files)
        self._files = [file.path if isinstance(file, PlacedFile) else file for file in files]
        self._lines = {file.path: file.lines for file in files if isinstance(file, PlacedFile)}

    def find(self, subject: str, predicate: str | None = None, value: str | None = None) -> FilePosition | None:
        """Return the position of a statement, else of its property, else of its subject.

        Terms are IRIs and texts of literals.
        """
        for key in ((subject, predicate, value), (subject, predicate), (subject,)):
            for path in self._about.get(subject, ()):
                if (line := self._lines_in(path).get(key)) is not None:
                    return str(path), line
        return None

    @cached_property
    def _about(self) -> Mapping[str, list[Path]]:
        """The files by the subjects that they speak of."""
        found = defaultdict[str, list[Path]](list)
        for path in self._files:
            known = self._lines.get(path)
            subjects = (_text(quad.subject) for quad in read_file(path)) if known is None else (key[0] for key in known)
            for subject in dict.fromkeys(subjects):
                found[str(subject)].append(path)
        return found

    def _lines_in(self, path: Path) -> _Lines:
        if path not in self._lines:
            quads = read_file(path)
            text = path.read_text(encoding="utf-8")
            positions = statement_positions(text, format_of(path), quads)
            self._lines[path] = _lines_of(zip(quads, positions, strict=True))
        return self._lines[path]


def _lines_of(placed: Iterable[PlacedQuad]) -> _Lines:
    found: dict[tuple[str | None, ...], int] = {}
    for quad, place in placed:
        if place is not None:
            said = tuple(map(_text, quad.triple))
            for length in (3, 2, 1):
                found.setdefault(said[:length], place[0])
    return found


def _text(term: object) -> str:
    return str(getattr(term, "value", term))
