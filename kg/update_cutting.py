"""Cut an update into its operations, each with the declarations that hold for it (SPARQL 1.1 Update, grammar).

The cut decides only what an operation is taken to mean. Its parts are parsed again where they are evaluated, and
nothing here is run.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from kg.query_guard import holds_service
from kg.query_tokens import NOTHING, Prologue, Token, keyword, tokens
from kg.update_errors import RefusedUpdateError, UpdateError

MOST_OPERATIONS = 1_000

Span = tuple[int, int]
"""Offsets in a text: where something begins, and behind its end."""

_DECLARATIONS = {"BASE": 2, "PREFIX": 3, "VERSION": 2}  # tokens of each


@dataclass(frozen=True)
class Piece:
    """The text of one operation, with the declarations before it and before the earlier ones, which hold for it too.

    `tokens` are without the semicolon behind, `end` is behind it. Offsets are those of the whole text.
    """

    text: str
    declared: tuple[Span, ...]
    prologue: Prologue
    tokens: tuple[Token, ...]
    start: int
    end: int

    @property
    def declarations(self) -> str:
        """The declarations as text, each on a line of its own."""
        return "".join(f"{self.text[start:end]}\n" for start, end in self.declared)


def cut(text: str) -> list[Piece]:
    """Return the operations of an update, which need not be well-formed; the last may be empty.

    Raises UpdateError for too many.
    """
    prologue = Prologue()
    declared: tuple[Span, ...] = ()
    found: list[Piece] = []
    for part in _parts(text):
        declarations, rest = _without_declarations(part, prologue)
        declared += declarations
        semicolon = bool(rest) and rest[-1].text == ";"
        start, end = (rest[0].start, rest[-1].end) if rest else (len(text), len(text))
        known = Prologue(prologue.base, dict(prologue.prefixes))
        found.append(Piece(text, declared, known, tuple(rest[:-1] if semicolon else rest), start, end))
        if len(found) > MOST_OPERATIONS + 1:
            raise UpdateError(
                f"The update has more than {MOST_OPERATIONS:,} operations.",
                "Write many statements into one INSERT DATA, or send several updates.",
            )
    return found


def refuse_service(text: str) -> None:
    """Raise RefusedUpdateError if SERVICE can be read anywhere in an update, by any reading (kg.query_guard)."""
    if "service" in text.lower() and holds_service(text):
        raise RefusedUpdateError(
            "The update holds SERVICE. This server asks no other endpoint for an update.",
            "Ask it yourself and put its answer into VALUES. A name that begins with service: needs a dot before the "
            "brace that follows it.",
        )


def _parts(text: str) -> Iterator[list[Token]]:
    """Yield the tokens between the semicolons outside braces, each with the semicolon that ends it."""
    part: list[Token] = []
    depth = 0
    for token in tokens(text):
        part.append(token)
        depth = max(0, depth + depth_of(token))
        if token.text == ";" and depth == 0:
            yield part
            part = []
    yield part


def depth_of(token: Token) -> int:
    """Return by how much a token leads deeper into braces."""
    return (token.text == "{") - (token.text == "}")


def _without_declarations(part: list[Token], prologue: Prologue) -> tuple[tuple[Span, ...], list[Token]]:
    """Return the spans of the declarations at the beginning, of which the prologue takes note, and what is left."""
    spans, place = [], 0
    while (length := _DECLARATIONS.get(keyword(part[place]) if place < len(part) else "")) is not None:
        declaration = [*part[place : place + length], NOTHING, NOTHING]
        prologue.read(*declaration[:3])
        place += length
        spans.append((declaration[0].start, part[min(place, len(part)) - 1].end))
    return tuple(spans), part[place:]
