"""Read the operations of an update: it must be well-formed, and ask for nothing that is always refused."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import islice

from kg.nearest import did_you_mean, nearest
from kg.rdf import namespaces as ns
from kg.rdf.lexers import place_at
from kg.sparql.text import FORMS, holds_service
from kg.sparql.text.spans import (
    GraphOperation,
    Modification,
    OperationText,
    UnclearError,
    parse_operation,
    split_operations,
)
from kg.updates.errors import RefusedUpdateError, UpdateError, UpdateSyntaxError
from kg.updates.evaluation import Fault

MOST_OPERATIONS = 1_000
_LONGEST_SAID = 150  # characters of an engine's message; longer ones list what could stand everywhere
DRAFT = ns.GRAPH + "curated/draft"
"""The graph that hints name."""

Operation = Modification | GraphOperation


def operations_of(text: str, check: Callable[[Sequence[tuple[str, str]]], Fault | None]) -> list[Operation]:
    """Return the operations of an update; `check` asks the engine whether they are well-formed (see Evaluator).

    Raises UpdateSyntaxError; RefusedUpdateError for SERVICE, LOAD, and what would write many graphs or the default
    graph as a whole; UpdateError for too many, and for one that is ambiguous.
    """
    if any("\ud800" <= character <= "\udfff" for character in text):
        raise UpdateError("The update holds half of a surrogate pair, which is not a character.", "Send UTF-8.")
    pieces = _split(text)
    _check_syntax(pieces, check)
    _refuse_service(text)
    return [operation for piece in pieces if (operation := _operation(piece)) is not None]


def _split(text: str) -> list[OperationText]:
    """Return the operations of an update, which need not be well-formed. Raises UpdateError for too many."""
    pieces = list(islice(split_operations(text), MOST_OPERATIONS + 2))
    if len(pieces) > MOST_OPERATIONS + 1:
        raise UpdateError(
            f"The update has more than {MOST_OPERATIONS:,} operations.",
            "Write many statements into one INSERT DATA, or send several updates.",
        )
    return pieces


def _refuse_service(text: str) -> None:
    """Raise RefusedUpdateError if SERVICE can be read in an update, by any reading (kg.sparql.text.tokenizer)."""
    if "service" in text.lower() and holds_service(text):
        raise RefusedUpdateError(
            "The update holds SERVICE. This server asks no other endpoint for an update.",
            "Ask it yourself and put its answer into VALUES. A name that begins with service: needs a dot before the "
            "brace that follows it.",
        )


def _operation(piece: OperationText) -> Operation | None:
    """Return an operation, None if it is empty."""
    try:
        operation = parse_operation(piece)
    except UnclearError as error:
        raise UpdateError(
            f"The parts of the update are ambiguous near: {error}",
            "Put spaces around each keyword, write whole IRIs, and no \\u escapes in long strings.",
        ) from None
    if isinstance(operation, GraphOperation):
        _refuse_whole(operation)
    return operation


def _refuse_whole(operation: GraphOperation) -> None:
    word, graphs = operation.word, operation.graphs
    if word == "LOAD":
        raise RefusedUpdateError(
            "The update holds LOAD. This server fetches nothing.", "Send the statements themselves: INSERT DATA."
        )
    if word in ("CLEAR", "DROP") and graphs[0] in ("ALL", "DEFAULT", "NAMED"):
        raise RefusedUpdateError(
            f"{word} {graphs[0]} would empty graphs that files and rules write.",
            f"Name one graph that you may write: {word} GRAPH <{ns.GRAPH}curated/…>",
        )
    if graphs[-1] == "DEFAULT" or (word == "MOVE" and graphs[0] == "DEFAULT"):
        raise RefusedUpdateError(
            f"{word} would write the default graph, which follows from the named ones.",
            f"Name a graph that you may write: {word} … TO GRAPH <{DRAFT}>",
        )


def _check_syntax(pieces: Sequence[OperationText], check: Callable[[Sequence[tuple[str, str]]], Fault | None]) -> None:
    """Raise UpdateSyntaxError unless each operation is well-formed; `check` asks the engine (see Evaluator)."""
    fault = check([(piece.declarations, piece.at((piece.start, piece.end))) for piece in pieces])
    if fault is not None:
        piece = pieces[fault["place"]]
        raise _error(piece, _in_whole_text(piece, fault["offset"]), fault["message"])
    _refuse_repeated_labels(pieces)


def _in_whole_text(piece: OperationText, place: int) -> int:
    """Return the offset in the whole text of one in the declarations of a piece and the piece together."""
    if place >= len(piece.declarations):
        return piece.start + place - len(piece.declarations)
    for start, end in piece.declared:
        if place <= end - start:
            return start + place
        place -= end - start + 1
    return piece.start


def _error(piece: OperationText, place: int, message: str) -> UpdateSyntaxError:
    text = piece.text
    line, column = place_at(text, place)
    shown = text.split("\n")[line - 1][max(0, column - 30) : column + 30].strip()
    brief = f"The update is not SPARQL at line {line}, column {column}" + (
        "" if shown else ", the update ends too early"
    )
    return UpdateSyntaxError(brief, shown, line, column, _hint(piece, message))


def _hint(piece: OperationText, message: str) -> str:
    """Return a hint: that the text is a query, a similar known prefix, or what the engine expected."""
    if piece.tokens and piece.tokens[0].keyword in FORMS:
        return "That is a query; write INSERT, DELETE, or another operation of SPARQL 1.1 Update."
    known = piece.prologue.prefixes
    for token in piece.tokens:
        prefix = token.text.partition(":")[0]
        if token.kind == "name" and prefix not in ("_", *known):
            near = nearest(prefix, known)
            return did_you_mean(near and f"{near}: ", message=f"The prefix {prefix}: is not declared.")
    said = message.partition(": ")[2] or message
    return f"The engine says: {said}." if len(said) <= _LONGEST_SAID else "Compare with SPARQL 1.1 Update, section 3."


def _refuse_repeated_labels(pieces: Sequence[OperationText]) -> None:
    """Raise UpdateSyntaxError for a blank node label in two INSERT DATA (SPARQL 1.1 Query, section 19.6)."""
    seen: dict[str, OperationText] = {}
    for piece in pieces:
        if tuple(token.keyword for token in piece.tokens[:2]) != ("INSERT", "DATA"):
            continue
        for token in piece.tokens:
            label = token.text
            if token.kind == "name" and label.startswith("_:") and seen.setdefault(label, piece) is not piece:
                raise _error(piece, token.start, f"{label} names a node of an earlier INSERT DATA; take another label")
