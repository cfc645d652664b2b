"""Whether an update is well-formed, as the engine sees it, and where it is not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kg.nearest import nearest
from kg.sparql.text import FORMS
from kg.updates.errors import UpdateSyntaxError
from kg.updates.parser import Piece

_LONGEST_SAID = 150  # characters of an engine's message; longer ones list what could stand everywhere


def refuse_malformed(pieces: Sequence[Piece], check: Callable[[str, str], dict[str, Any]]) -> None:
    """Raise UpdateSyntaxError unless each operation is well-formed; `check` asks the engine (see Evaluates)."""
    for piece in pieces:
        said = check(piece.declarations, piece.text[piece.start : piece.end])
        if said["kind"] != "fine":
            raise _error(piece, _in_whole_text(piece, said["offset"]), said["message"])
    _refuse_shared_labels(pieces)


def _in_whole_text(piece: Piece, place: int) -> int:
    """Return the offset in the whole text of one in the declarations of a piece and the piece together."""
    if place >= len(piece.declarations):
        return piece.start + place - len(piece.declarations)
    for start, end in piece.declared:
        if place <= end - start:
            return start + place
        place -= end - start + 1
    return piece.start


def _error(piece: Piece, place: int, message: str) -> UpdateSyntaxError:
    text = piece.text
    line, column = text.count("\n", 0, place) + 1, place - text.rfind("\n", 0, place)
    shown = text.split("\n")[line - 1][max(0, column - 30) : column + 30].strip()
    brief = f"The update is not SPARQL at line {line}, column {column}" + (
        "" if shown else ", the update ends too early"
    )
    return UpdateSyntaxError(brief, shown, line, column, _hint(piece, message))


def _hint(piece: Piece, message: str) -> str:
    """Say of a query that it is one; name an unknown prefix, with the nearest known one; else say what is expected."""
    if piece.tokens and piece.tokens[0].keyword in FORMS:
        return "That is a query; write INSERT, DELETE, or another operation of SPARQL 1.1 Update."
    known = piece.prologue.prefixes
    for token in piece.tokens:
        prefix = token.text.partition(":")[0]
        if token.kind == "name" and prefix not in ("_", *known):
            near = nearest(prefix, known)
            return f"The prefix {prefix}: is not declared." + (f" Did you mean {near}: ?" if near else "")
    said = message.partition(": ")[2] or message
    return f"The engine says: {said}." if len(said) <= _LONGEST_SAID else "Compare with SPARQL 1.1 Update, section 3."


def _refuse_shared_labels(pieces: Sequence[Piece]) -> None:
    """Raise UpdateSyntaxError for a blank node label in two INSERT DATA (SPARQL 1.1 Query, section 19.6)."""
    seen: dict[str, Piece] = {}
    for piece in pieces:
        if tuple(token.keyword for token in piece.tokens[:2]) != ("INSERT", "DATA"):
            continue
        for token in piece.tokens:
            label = token.text.rstrip(".")
            if token.kind == "name" and label.startswith("_:") and seen.setdefault(label, piece) is not piece:
                raise _error(piece, token.start, f"{label} names a node of an earlier INSERT DATA; take another label")
