"""A submission: texts with what to add and what to remove, read into a change whose statements have places.

The texts are stored as one body: a single text as it is, several in a JSON object.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, partial
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, urlencode

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store

from kg.errors import BadValueError, CityKgError, shorten
from kg.findings import MOST_FINDINGS, Finding, RefusedSubmissionError
from kg.messages import bilingual
from kg.rdf import graphs
from kg.rdf.change import Change, canonicalise
from kg.rdf.formats import GRAPH_FORMATS, GRAPH_TYPES
from kg.rdf.positions import Position
from kg.rdf.serialise import lines_of, quads_of
from kg.rdf.skolemise import GENID, MOST_ALIKE, MOST_BLANK_NODES, has_blank_node, indistinguishable_nodes, skolemise
from kg.submissions.rdf import ParsedText, SubmittedQuad, decode, read_rdf, refusal, refuse_too_many, refuse_unfit
from kg.submissions.rdf_patch import MEDIA_TYPE as RDF_PATCH
from kg.submissions.rdf_patch import read_patch
from kg.tables import read_template

CSV = "text/csv"
MEDIA_TYPES = (*GRAPH_TYPES, CSV, RDF_PATCH)
PARTS = ("removed", "added")
"""The parts in this order: a quad that is both removed and added is there afterwards."""
_ELSEWHERE = "submission"
"""The file in findings whose line is the number of a statement, for `Submission.with_place`."""
PACKED = "application/vnd.citykg.texts+json"

_SUFFIXES = {**{fmt.suffix: fmt.media_type for fmt in GRAPH_FORMATS}, "csv": CSV, "rdfp": RDF_PATCH}


class UnsupportedTypeError(CityKgError):
    """The format of a text is not supported."""

    title = "The type is not supported"


@dataclass(frozen=True)
class SubmittedText:
    """A text as submitted, its media type with parameters, its part (`PARTS`, `FORM`), and the name of its file."""

    FORM: ClassVar = "form"
    """The part that has the fields of the form from which the texts come; it states nothing."""

    body: bytes
    media_type: str
    part: str = "added"
    file: str = ""

    @classmethod
    def of_form(cls, form: str, given: Mapping[str, Sequence[str]]) -> SubmittedText:
        """Return what is written in a form, to be kept beside what it comes to, so that it opens as it was."""
        fields = urlencode({"form": form, **given}, doseq=True)
        return cls(fields.encode(), "application/x-www-form-urlencoded", cls.FORM)

    @staticmethod
    def written_form(texts: Iterable[SubmittedText]) -> tuple[str, dict[str, list[str]]]:
        """Return the name of the form among texts, and what is written in it; empty without one."""
        fields = next((parse_qs(text.body.decode(errors="replace")) for text in texts if text.part == "form"), {})
        return fields.pop("form", [""])[0], fields


def pack(texts: Sequence[SubmittedText]) -> tuple[str, bytes]:
    """Return the media type and the bytes of one body with all texts."""
    if [text.part for text in texts] == ["added"]:
        return texts[0].media_type, texts[0].body
    parts: dict[str, list[dict[str, str]]] = {}
    for text in texts:
        body = base64.b64encode(text.body).decode()
        parts.setdefault(text.part, []).append({"mediaType": text.media_type, "body": body, "file": text.file})
    return PACKED, json.dumps(parts).encode()


def unpack(media_type: str, body: bytes) -> list[SubmittedText]:
    """Return the texts of a body as `pack` makes it; a part with one text needs no list.

    Raises BadValueError for any other body.
    """
    if media_type.partition(";")[0].strip().lower() != PACKED:
        return [SubmittedText(body, media_type)]
    try:
        parts = json.loads(body)
        stated = {name: parts[name] for name in (*PARTS, SubmittedText.FORM) if name in parts}
        texts = [
            SubmittedText(
                base64.b64decode(one["body"], validate=True), str(one["mediaType"]), name, str(one.get("file", ""))
            )
            for name, given in stated.items()
            for one in (given if isinstance(given, list) else [given])
        ]
        if not texts:
            raise ValueError
        return texts
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise BadValueError(
            f"The body is not {PACKED}.", 'It has the form {"added": [{"mediaType": "…", "body": "<base64>"}]}.'
        ) from error


Places = Mapping[Quad, tuple[str, int, int]]
"""File, line and column (from 1) of the quads of a change in the submitted texts, as far as they are known."""


def _places(readings: Sequence[tuple[str, ParsedText]], written: Mapping[Quad, Quad]) -> Places:
    """Return the places of quads; for a quad in several places the first one.

    Each reading comes with the name of its file; `written` says how each quad of the change was written.
    """
    found: dict[Quad, tuple[str, int, int]] = {}
    for file, reading in readings:
        for statement, place in zip(reading.statements, reading.places(), strict=True):
            if place is not None:
                found.setdefault(statement.quad, (file, *place))
    return {quad: found[source] for quad, source in written.items() if source in found}


@dataclass(frozen=True)
class Submission:
    """A change that was submitted, in the engine's canonical form and without blank nodes."""

    change: Change
    find_places: Callable[[], Places] = field(default=dict, repr=False, compare=False)
    """Finds the places, which takes long: it is done once, where one is asked for."""
    origin: Hashable = field(default=None, repr=False, compare=False)
    """Digest and files of the texts, by which it has its places; None if they are not known."""

    @classmethod
    def of(cls, statements: Iterable[tuple[Quad, Position | None]], file: str) -> Submission:
        """Return a submission that adds quads without blank nodes, each with its place in a file."""
        placed = dict(statements)
        stored = canonicalise([*placed])

        def places() -> Places:
            return {quad: (file, *at) for quad, at in zip(stored, placed.values(), strict=True) if at is not None}

        return cls(Change(frozenset(stored), frozenset()), places)

    def place_of(self, quad: Quad) -> tuple[str, int, int] | None:
        """Return file, line and column (from 1) of a quad of the change in the submitted texts, None if unknown."""
        return self._places.get(quad)

    @cached_property
    def _places(self) -> Places:
        return self.find_places()

    @property
    def key(self) -> Hashable:
        """What its report depends on, beside the graph: the change, and the places."""
        return self.change, self.origin or self.find_places

    @property
    def size(self) -> int:
        """The number of statements that it adds and removes."""
        return len(self.change.added) + len(self.change.removed)

    def on_snapshot(self, snapshot: object, seconds: float | None = None) -> Submission:
        """Return itself, since it does not depend on the graph."""
        return self

    def __reduce__(self) -> tuple[Callable[..., Submission], tuple[Sequence[str], Sequence[str]]]:
        """Pickle it for another process, where its statements have numbers as places."""
        return _from_lines, (lines_of(self.change.added), lines_of(self.change.removed))

    def with_place(self, finding: Finding) -> Finding:
        """Return a finding from another process with the place of its statement in the texts."""
        if finding.file != _ELSEWHERE or finding.line is None:
            return finding
        place = self.place_of(self._sorted_quads[finding.line - 1])
        file, line, column = place or ("", None, None)
        return replace(finding, file=file, line=line, column=column)

    @cached_property
    def _sorted_quads(self) -> Sequence[Quad]:
        return _sorted_quads(self.change)


def _from_lines(added: Sequence[str], removed: Sequence[str]) -> Submission:
    """Return the submission of another process, which has the texts: its places are numbers in the order of lines."""
    change = Change(quads_of(added), quads_of(removed))
    return Submission(
        change, lambda: {quad: (_ELSEWHERE, number, 1) for number, quad in enumerate(_sorted_quads(change), 1)}
    )


def _sorted_quads(change: Change) -> Sequence[Quad]:
    return sorted(change.added | change.removed, key=str)


def media_type_of(path: Path) -> str:
    """Return the media type of a file by its suffix.

    Raises CityKgError for an unknown suffix.
    """
    try:
        return _SUFFIXES[path.suffix.removeprefix(".").lower()]
    except KeyError:
        known = " ".join(f".{suffix}" for suffix in _SUFFIXES)
        raise CityKgError(f"{path} has a suffix that names no format read here.", f"Use one of: {known}") from None


def read(texts: Sequence[SubmittedText], graph: str, skolem: str = "", store: Store | None = None) -> Submission:
    """Parse texts into one change.

    Statements outside any graph go to the graph with the IRI `graph`. A blank node is local to its text, and gets an
    IRI with the name `skolem`, or else with a digest of the texts, so that equal texts give equal IRIs. With a `store`,
    relations from a CSV template are labelled by the names of their parties in it. Raises UnsupportedTypeError, and
    RefusedSubmissionError with all that is too large, not well-formed, or empty.
    """
    readings: list[tuple[str, ParsedText]] = []
    findings: list[Finding] = []
    sent, texts = texts, [text for text in texts if text.part != SubmittedText.FORM]
    if sent and not texts:
        raise _empty_refusal()
    in_order = sorted(texts, key=lambda text: PARTS.index(text.part))
    for place, text in enumerate(in_order):
        try:
            reading = _read_part(text, NamedNode(graph), store)
            if not reading.statements and (text.file or len(texts) == 1):
                raise _empty_refusal()
            readings.append((text.file, _with_distinct_labels(reading, place) if len(texts) > 1 else reading))
        except RefusedSubmissionError as error:
            findings += error.findings if len(texts) == 1 and not text.file else _with_text(error.findings, text)
    if findings:
        raise RefusedSubmissionError(findings[:MOST_FINDINGS])
    refuse_too_many(sum(len(reading.statements) for _, reading in readings))
    digest = _digest(in_order)
    return replace(_submission(readings, skolem or digest), origin=(digest, *(text.file for text in in_order)))


def _empty_refusal() -> RefusedSubmissionError:
    """Return the refusal of an empty text, since a file that was cut off must not pass for a good one."""
    words = bilingual("The text states nothing: it has neither a row nor a statement.")
    return refusal("syntax", words, "See whether the file was saved, and sent whole.")


def _digest(texts: Sequence[SubmittedText]) -> str:
    by_part = sorted(texts, key=lambda text: text.part)
    parts = (part for text in by_part for part in (text.part.encode(), text.body))
    return hashlib.sha256(b"".join(len(part).to_bytes(8, "big") + part for part in parts)).hexdigest()[:12]


def _read_part(text: SubmittedText, graph: NamedNode, store: Store | None) -> ParsedText:
    reading = _reader_for(text.media_type, store)(decode(text.body))
    removes = text.part == "removed"
    if removes and any(statement.removes for statement in reading.statements):
        words = bilingual("The part to be removed contains removals itself.")
        raise refusal("syntax", words, "Send an RDF Patch by itself: its D lines say what is removed.")
    statements = [
        SubmittedQuad(_in_graph(statement.quad, graph), statement.removes or removes)
        for statement in reading.statements
    ]
    return ParsedText(statements, reading.places)


def _with_distinct_labels(reading: ParsedText, place: int) -> ParsedText:
    """Return a text with blank node labels that no other text has."""

    def relabel(quad: Quad) -> Quad:
        terms = (
            BlankNode(f"{term.value}-{place}") if isinstance(term, BlankNode) else term
            for term in (quad.subject, quad.object)
        )
        subject, value = terms
        return Quad(subject, quad.predicate, value, quad.graph_name)  # type: ignore[arg-type]

    statements = [
        replace(one, quad=relabel(one.quad)) if has_blank_node(one.quad) else one for one in reading.statements
    ]
    return ParsedText(statements, reading.places)


def _reader_for(content_type: str, store: Store | None) -> Callable[[str], ParsedText]:
    media_type, _, parameters = content_type.partition(";")
    media_type = media_type.strip().lower()
    if "charset" in parameters.lower() and "utf-8" not in parameters.lower():
        raise UnsupportedTypeError(f"{content_type!r} is not read here: the text must be UTF-8.", "Save it as UTF-8.")
    if media_type == CSV:
        return lambda text: _read_table(text, store)
    if media_type == RDF_PATCH:
        return read_patch
    if media_type in GRAPH_TYPES:
        return lambda text: read_rdf(text, GRAPH_TYPES[media_type])
    problem = f"{shorten(media_type)!r} is not read here." if media_type else "The text does not say its format."
    raise UnsupportedTypeError(problem, f"Send one of: {', '.join(MEDIA_TYPES)}")


def _read_table(text: str, store: Store | None) -> ParsedText:
    """Parse a table whose columns are those of a template."""
    placed: dict[Quad, Position] = {}
    for triple, place in read_template(text, Store() if store is None else store):
        placed.setdefault(Quad(triple.subject, triple.predicate, triple.object), place)
        refuse_too_many(len(placed))
    places = [*placed.values()]
    reading = ParsedText([SubmittedQuad(quad) for quad in placed], lambda: places)
    refuse_unfit(reading)
    return reading


def _in_graph(quad: Quad, graph: NamedNode) -> Quad:
    return graphs.quad_in(quad, graph) if isinstance(quad.graph_name, DefaultGraph) else quad


def _with_text(findings: Iterable[Finding], text: SubmittedText) -> Iterator[Finding]:
    """Yield findings with the file of their text, or with its part."""
    for finding in findings:
        part = f"In what is to be {text.part}: {finding.message}"
        yield replace(finding, file=text.file) if text.file else replace(finding, message=part)


def _submission(readings: Sequence[tuple[str, ParsedText]], skolem: str) -> Submission:
    statements = [statement for _, reading in readings for statement in reading.statements]
    blank = [statement for statement in statements if has_blank_node(statement.quad)]
    plain = [statement for statement in statements if not has_blank_node(statement.quad)] if blank else statements
    named: list[tuple[Quad, Quad]] = []
    if blank:
        _refuse_blank_nodes(blank)
        named = skolemise([statement.quad for statement in blank], skolem)
    stored = canonicalise([*(statement.quad for statement in plain), *(quad for quad, _ in named)])
    removes = {
        quad: statement.removes for quad, statement in zip(stored, plain, strict=False)
    }  # the last statement counts
    added = [*(quad for quad in removes if not removes[quad]), *stored[len(plain) :]]
    written = [*(statement.quad for statement in plain), *(original for _, original in named)]
    return Submission(
        Change(frozenset(added), frozenset(quad for quad in removes if removes[quad])),
        partial(_places, readings, dict(zip(stored, written, strict=True))),
    )


def _refuse_blank_nodes(statements: Sequence[SubmittedQuad]) -> None:
    """Raise RefusedSubmissionError if blank nodes are to be removed, are too many, or cannot be told apart."""
    if any(statement.removes for statement in statements):
        words = bilingual("The part to be removed contains a blank node, which names nothing in the graph.")
        raise refusal("syntax", words, f"Name the node by its IRI, as the graph shows it: <{GENID}…>.")
    quads = [statement.quad for statement in statements]
    count = len({term for quad in quads for term in (quad.subject, quad.object) if isinstance(term, BlankNode)})
    if count > MOST_BLANK_NODES:
        words = bilingual("The text has more than {most:,} blank nodes.", most=MOST_BLANK_NODES)
        raise refusal("size", words, "Give the nodes IRIs below id/.")
    if together := indistinguishable_nodes(quads):
        words = bilingual(
            "{count} connected blank nodes look alike, so they cannot be distinguished.", count=len(together)
        )
        raise refusal("size", words, f"Give the nodes IRIs; up to {MOST_ALIKE} such nodes are distinguished.")
