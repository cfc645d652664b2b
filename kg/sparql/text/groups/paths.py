"""Read property paths (SPARQL 1.1, section 9) as sequences, alternatives and steps, forward and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from kg.sparql.text.scanner import Scanner, UnexpectedTokenError

_REPEATED = ("*", "+", "?")


@dataclass(frozen=True)
class Path:
    """A path: `kind` is step, reverse, sequence, alternative, or other for what no single triples stand for."""

    kind: str
    text: str
    parts: tuple[Path, ...] = ()


class PathReader:
    """Reads paths at the place of a scanner."""

    def __init__(self, scan: Scanner, new: Callable[[], str]) -> None:
        self._scan = scan
        self._new = new

    def read(self) -> Path:
        """Read a predicate: a variable or a path. Raises UnexpectedTokenError."""
        if self._scan.peek().kind == "variable":
            return Path("step", self._scan.take().text)
        return self._several("|", "alternative", lambda: self._several("/", "sequence", self._element))

    def _several(self, sign: str, kind: str, read: Callable[[], Path]) -> Path:
        begin = self._scan.peek().start
        parts = [read()]
        while self._scan.peek().text == sign:
            self._scan.take()
            parts.append(read())
        return parts[0] if len(parts) == 1 else Path(kind, self._scan.text[begin : self._scan.at], tuple(parts))

    def _element(self) -> Path:
        scan = self._scan
        begin = scan.peek().start
        reverse = scan.peek().text == "^"
        if reverse:
            scan.take()
        inner_begin = scan.peek().start
        inner = self._primary()
        if scan.peek().text in _REPEATED:
            scan.take()
            inner = Path("other", scan.text[inner_begin : scan.at])
        return Path("reverse", scan.text[begin : scan.at], (inner,)) if reverse else inner

    def _primary(self) -> Path:
        scan = self._scan
        token = scan.take()
        if token.kind in ("iri", "name") or token.text == "a":
            return Path("step", token.text)
        if token.text == "(":
            inner = self.read()
            end = scan.expect(")").end
            return Path(inner.kind, scan.text[token.start : end], inner.parts) if inner.parts else inner
        if token.text == "!":
            scan.take_balanced() if scan.peek().text != "^" else (scan.take(), scan.take())
            return Path("other", scan.text[token.start : scan.at])
        raise UnexpectedTokenError("a path")
