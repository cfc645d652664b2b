"""A submission: texts that say what to add and what to remove, read into a change whose statements have places."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store

from kg import namespaces as ns
from kg.errors import CityKgError
from kg.faults import Fault, RefusedSubmissionError
from kg.formats import GRAPH_FORMATS
from kg.rdf_patch import MEDIA_TYPE as RDF_PATCH
from kg.rdf_patch import read_patch
from kg.skolemising import GENID, MOST_ALIKE, MOST_BLANK_NODES, has_blank_node, knot, skolemised
from kg.submission_csv import read_csv
from kg.submission_formats import Reading, Statement, decoded, read_rdf, refusal
from kg.submission_places import Place
from kg.submission_scans import MOST_FAULTS
from kg.validation import Change

CSV = "text/csv"
MEDIA_TYPES = (*(fmt.media_type for fmt in GRAPH_FORMATS), CSV, RDF_PATCH)
PARTS = ("removed", "added")
"""In this order: what is both removed and added is there afterwards."""

_RDF = {fmt.media_type: fmt.engine for fmt in GRAPH_FORMATS}
_SUFFIXES = {**{fmt.suffix: fmt.media_type for fmt in GRAPH_FORMATS}, "csv": CSV, "rdfp": RDF_PATCH}
_KEPT = (NamedNode(ns.PREFIXES["xsd"] + "string"), NamedNode(ns.PREFIXES["rdf"] + "langString"))


class UnsupportedTypeError(CityKgError):
    """A text in a format that is not read here."""


@dataclass(frozen=True)
class Text:
    """A text as it came, and its media type with parameters."""

    body: bytes
    media_type: str


class _Places:
    """Where quads stand, found out when first asked; of a quad that stands in several places, the first."""

    def __init__(self, readings: Sequence[Reading], written: Mapping[Quad, Quad]) -> None:
        """`written` says how each quad of the change was written."""
        self._readings = readings
        self._written = written

    def find(self, quad: Quad) -> Place | None:
        """Return line and column of a quad of the change."""
        return self._by_quad.get(self._written.get(quad, quad))

    @cached_property
    def _by_quad(self) -> Mapping[Quad, Place]:
        found: dict[Quad, Place] = {}
        for reading in self._readings:
            for said, place in zip(reading.statements, reading.places(), strict=True):
                if place is not None:
                    found.setdefault(said.quad, place)
        return found


@dataclass(frozen=True)
class Submission:
    """What somebody wants to change, in the engine's canonical form and without blank nodes."""

    change: Change
    places: _Places = field(default_factory=lambda: _Places((), {}), repr=False, compare=False)

    def place_of(self, quad: Quad) -> Place | None:
        """Return line and column, from 1, of a quad of the change in the submitted text, if they are known."""
        return self.places.find(quad)


def media_type_of(path: Path) -> str:
    """Return the media type that a file's suffix stands for. Raises CityKgError for another suffix."""
    try:
        return _SUFFIXES[path.suffix.removeprefix(".").lower()]
    except KeyError:
        known = " ".join(f".{suffix}" for suffix in _SUFFIXES)
        raise CityKgError(f"{path} has a suffix that names no format read here.", f"Use one of: {known}") from None


def read(texts: Mapping[str, Text], graph: str, skolem: str, store: Store | None = None) -> Submission:
    """Return the change that texts describe: "added", "removed", or both.

    Statements outside any graph go to the one with the IRI `graph`. Blank nodes get IRIs with the name `skolem`. With
    a `store`, relations that a CSV template makes are labelled by the names that it knows of their parties.
    Raises UnsupportedTypeError, and RefusedSubmissionError with all that is too large or not well-formed.
    """
    readings: list[Reading] = []
    faults: list[Fault] = []
    for part in PARTS:
        if part in texts:
            try:
                readings.append(_read_part(texts[part], part, NamedNode(graph), store))
            except RefusedSubmissionError as error:
                faults += error.faults if len(texts) == 1 else (_of_part(fault, part) for fault in error.faults)
    if faults:
        raise RefusedSubmissionError(faults[:MOST_FAULTS])
    return _submission(readings, skolem)


def _read_part(text: Text, part: str, graph: NamedNode, store: Store | None) -> Reading:
    reading = _reader(text.media_type, store)(decoded(text.body))
    removes = part == "removed"
    if removes and any(said.removes for said in reading.statements):
        hint = "Send an RDF Patch by itself: its D lines say what is removed."
        raise refusal(
            "syntax", "The part to be removed removes something itself.", "“删除”部分本身含有删除语句。", hint
        )
    statements = [Statement(_in_graph(said.quad, graph), said.removes or removes) for said in reading.statements]
    return Reading(statements, reading.places)


def _reader(content_type: str, store: Store | None) -> Callable[[str], Reading]:
    media_type, _, parameters = content_type.partition(";")
    media_type = media_type.strip().lower()
    if "charset" in parameters.lower() and "utf-8" not in parameters.lower():
        raise UnsupportedTypeError(f"{content_type!r} is not read here: the text must be UTF-8.", "Save it as UTF-8.")
    if media_type == CSV:
        return lambda text: read_csv(text, store)
    if media_type == RDF_PATCH:
        return read_patch
    if media_type in _RDF:
        return lambda text: read_rdf(text, _RDF[media_type])
    problem = f"{media_type[:100]!r} is not read here." if media_type else "The text does not say its format."
    raise UnsupportedTypeError(problem, f"Send one of: {', '.join(MEDIA_TYPES)}")


def _in_graph(quad: Quad, graph: NamedNode) -> Quad:
    if not isinstance(quad.graph_name, DefaultGraph):
        return quad
    return Quad(quad.subject, quad.predicate, quad.object, graph)


def _of_part(fault: Fault, part: str) -> Fault:
    return replace(fault, message=f"In what is to be {part}: {fault.message}")


def _submission(readings: Sequence[Reading], skolem: str) -> Submission:
    statements = [said for reading in readings for said in reading.statements]
    blank = [said for said in statements if has_blank_node(said.quad)]
    _refuse_blank_nodes(blank)
    plain = [said for said in statements if not has_blank_node(said.quad)]
    named = skolemised([said.quad for said in blank], skolem)
    stored = canonical([*(said.quad for said in plain), *(quad for quad, _ in named)])
    removes = {quad: said.removes for quad, said in zip(stored, plain, strict=False)}  # the last word counts
    added = [*(quad for quad in removes if not removes[quad]), *stored[len(plain) :]]
    written = [*(said.quad for said in plain), *(original for _, original in named)]
    return Submission(
        Change.of(added, (quad for quad in removes if removes[quad])),
        _Places(readings, dict(zip(stored, written, strict=True))),
    )


def _refuse_blank_nodes(statements: Sequence[Statement]) -> None:
    """Raise RefusedSubmissionError for blank nodes that are to be removed, are too many, or hang together in knots."""
    if any(said.removes for said in statements):
        message = "What is to be removed holds a blank node, which names nothing here."
        hint = f"Name the node by its IRI, as the graph shows it: <{GENID}…>."
        raise refusal("syntax", message, "要删除的内容含有空白节点，无法指明对象。", hint)
    quads = [said.quad for said in statements]
    count = len({term for quad in quads for term in (quad.subject, quad.object) if isinstance(term, BlankNode)})
    if count > MOST_BLANK_NODES:
        message = f"The text has more than {MOST_BLANK_NODES:,} blank nodes."
        raise refusal("size", message, f"空白节点超过 {MOST_BLANK_NODES:,} 个。", "Give the nodes IRIs below id/.")
    if together := knot(quads):
        message = f"{len(together)} blank nodes that look alike hang together, so nothing tells them apart."
        hint = f"Give the nodes IRIs; up to {MOST_ALIKE} such nodes are told apart."
        raise refusal("size", message, f"{len(together)} 个相似的空白节点相互连接，无法区分。", hint)


def canonical(quads: Sequence[Quad]) -> list[Quad]:
    """Return the quads as the engine stores them, in their order: it rewrites numbers, dates and the like."""
    typed = [
        at for at, quad in enumerate(quads) if isinstance(quad.object, Literal) and quad.object.datatype not in _KEPT
    ]
    store = Store()
    store.extend(Quad(NamedNode(f"urn:{at}"), quads[at].predicate, quads[at].object) for at in typed)
    stored = list(quads)
    for row in store:
        assert isinstance(row.subject, NamedNode)
        at = int(row.subject.value.removeprefix("urn:"))
        stored[at] = Quad(quads[at].subject, quads[at].predicate, row.object, quads[at].graph_name)
    return stored
