"""Read RDF files with the engine's parser, all syntax errors at once, each with its place."""

from __future__ import annotations

import gzip
import re
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import TypeVar

from pyoxigraph import BlankNode, CanonicalizationAlgorithm, Dataset, Quad, RdfFormat, Triple, parse

from kg.errors import CityKgError, PlaceError
from kg.findings import MOST_FINDINGS, Finding, UnreadableError
from kg.rdf.formats import READABLE_SUFFIXES

T = TypeVar("T")

_OPEN = "A semicolon, a comma or a dot is missing here"
_HOW_IT_GOES_ON = (
    "Write ; before another property of the same thing, a comma before another value, . before another thing."
)
_DOT = re.compile(r"\.\s")
"""The end of a statement: a dot within a name or a number has something behind it."""


def read_file(path: Path) -> list[Quad]:
    """Return the quads of one file; its suffix names the format, and .gz at its end means compressed.

    Raises UnreadableError with every place that is not well-formed (at most twenty), PlaceError when the
    file cannot be opened, CityKgError for a suffix that is none of ours.
    """
    try:
        content = path.read_bytes()
        text = (gzip.decompress(content) if path.suffix == ".gz" else content).decode()
    except (OSError, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise PlaceError(
            "{place} cannot be read: {cause}", "Name a UTF-8 file that you may read.", place=path, cause=error
        ) from error
    return read_text(text, str(path), format_of(path))


def read_files(paths: Iterable[Path]) -> dict[Path, list[Quad]]:
    """Return the quads of each file. Raises UnreadableError with the findings of all of them together."""
    quads: dict[Path, list[Quad]] = {}
    findings: list[Finding] = []
    for path in paths:
        try:
            quads[path] = read_file(path)
        except UnreadableError as error:
            findings += error.findings
    if findings:
        raise UnreadableError(findings)
    return quads


def canonical_triples(path: Path, quads: Iterable[Quad]) -> list[Triple]:
    """Return the triples of a file, sorted, with blank nodes that RDFC-1.0 and the file name: the same each time."""
    dataset = Dataset(quads)
    dataset.canonicalize(CanonicalizationAlgorithm.RDFC_1_0)
    prefix = f"{path.parent.name}-{path.stem}-".replace(".", "-")
    return [
        Triple(_prefix_blank_node(quad.subject, prefix), quad.predicate, _prefix_blank_node(quad.object, prefix))
        for quad in sorted(dataset, key=str)
    ]


def _prefix_blank_node(term: T, prefix: str) -> T | BlankNode:
    return BlankNode(prefix + term.value) if isinstance(term, BlankNode) else term


def read_text(text: str, name: str, engine_format: RdfFormat) -> list[Quad]:
    """Return the quads of a text; `name` stands for the file in error messages. Raises UnreadableError."""
    quads: list[Quad] = []
    findings: list[Finding] = []
    parser, errors = parse(text, engine_format), 0
    while errors < MOST_FINDINGS:
        try:
            quads.append(next(parser))
        except StopIteration:
            break
        except SyntaxError as error:
            errors += 1
            found = _finding(error, name, text)
            if not findings or not _follows_from(findings[-1], found, text):
                findings.append(found)
    if findings:
        raise UnreadableError(findings)
    return quads


def format_of(path: Path) -> RdfFormat:
    """Return the format that a file's suffix names, that before .gz. Raises CityKgError for an unknown one."""
    try:
        return READABLE_SUFFIXES[path.with_suffix("").suffix if path.suffix == ".gz" else path.suffix]
    except KeyError:
        known = " ".join(READABLE_SUFFIXES)
        raise CityKgError(f"{path} has a suffix that names no RDF format.", f"Use one of: {known}") from None


def _finding(error: SyntaxError, name: str, text: str) -> Finding:
    line, column = error.lineno or 1, error.offset or 1
    message = error.msg.partition(": ")[2] if error.msg.startswith("Parser error") else error.msg
    if "dot is expected" not in message:
        return Finding("syntax", "Violation", message, file=name, line=line, column=column)
    line, column = _end_of_statement(text, line, column)
    return Finding("syntax", "Violation", _OPEN, file=name, line=line, column=column, hint=_HOW_IT_GOES_ON)


def _follows_from(earlier: Finding, found: Finding, text: str) -> bool:
    """Return True if a place is in the rest of a statement that is broken off for want of a sign."""
    if earlier.message != _OPEN or not (earlier.line and found.line and earlier.column and found.column):
        return False
    lines = [line + "\n" for line in text.split("\n")[earlier.line - 1 : found.line]]
    until = sum(map(len, lines[:-1])) + found.column - 1
    return _DOT.search("".join(lines), earlier.column - 1, until) is None


def _end_of_statement(text: str, line: int, column: int) -> tuple[int, int]:
    """Move a place at which a dot was expected back to where it is missing: behind the last thing before the error."""
    lines = text.split("\n")
    before = "\n".join([*lines[: line - 1], lines[line - 1][: column - 1]]).rstrip()
    return before.count("\n") + 1, len(before) - (before.rfind("\n") + 1) + 1
