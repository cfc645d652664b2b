"""Read the RDF of a submission within bounds: all its quads with their places, or all that is wrong with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kg import namespaces as ns
from kg.errors import SyntaxFinding, UnreadableError
from kg.faults import Fault, RefusedSubmissionError
from kg.reading import read_text
from kg.submission_losses import losses
from kg.submission_places import Place, place_of_error, places
from kg.submission_scans import MOST_FAULTS, place_at, scan

MOST_BYTES = 10_000_000
MOST_QUADS = 100_000
LONGEST_LITERAL = 100_000
LONGEST_IRI = 2_000
MOST_CHARACTERS = 50_000_000
"""Characters of all terms together: a prefix may stand for a long name."""

_REIFIES = NamedNode(ns.PREFIXES["rdf"] + "reifies")

Term = NamedNode | BlankNode | Literal | Triple | DefaultGraph


@dataclass(frozen=True)
class Statement:
    """A quad as it was written; `removes` if the text takes it away."""

    quad: Quad
    removes: bool = False


@dataclass(frozen=True)
class Reading:
    """The statements of a text in their order; `places` finds where each stands when that is asked."""

    statements: Sequence[Statement]
    places: Callable[[], Sequence[Place | None]]


def decoded(body: bytes) -> str:
    """Return the text of a body. Raises RefusedSubmissionError if it is too long, no UTF-8, or holds a NUL."""
    if len(body) > MOST_BYTES:
        raise refusal(
            "size",
            f"The text has more than {MOST_BYTES:,} bytes.",
            f"文本超过 {MOST_BYTES:,} 字节。",
            "Send it in parts.",
        )
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, _ = place_at(body[: error.start].decode("utf-8", "replace"), error.start)
        message = f"The text is not UTF-8: byte {error.start + 1} (line {line})."
        raise refusal("syntax", message, "文本不是 UTF-8 编码。", "Save it as UTF-8.", (line, None)) from None
    if "\0" in text:
        place = place_at(text, text.index("\0"))
        raise refusal(
            "syntax", "The text holds a NUL character.", "文本含有 NUL 字符。", "Send a plain text in UTF-8.", place
        )
    return text


def refusal(
    step: str, message: str, message_zh: str, hint: str, place: tuple[int, int | None] | None = None
) -> RefusedSubmissionError:
    """Return a refusal for one reason."""
    line, column = place or (None, None)
    return RefusedSubmissionError([Fault(step, "Violation", message, message_zh, hint=hint, line=line, column=column)])


def read_rdf(text: str, engine_format: RdfFormat) -> Reading:
    """Return what a text in one of the engine's formats states.

    Raises RefusedSubmissionError with all that is too large, not well-formed, or not RDF 1.1.
    """
    if found := scan(text, engine_format):
        raise RefusedSubmissionError(found)
    quads = _parsed(text, engine_format)
    if engine_format == RdfFormat.JSON_LD and text.strip():
        _refuse_lost(text, quads)
    reading = Reading([Statement(quad) for quad in quads], lambda: places(text, engine_format, quads))
    refuse_unfit(reading)
    return reading


def _refuse_lost(text: str, quads: Sequence[Quad]) -> None:
    if found := losses(text):
        raise RefusedSubmissionError(found)
    if not quads:
        message = "The text states nothing: no node of it has a property."
        hint = 'Give a node a property, as in {"@id": "…", "' + ns.PREFIXES["skos"] + 'prefLabel": "…"}.'
        raise refusal("syntax", message, "文本没有陈述任何内容：其中的节点都没有属性。", hint, (1, 1))


def refuse_unfit(reading: Reading) -> None:
    """Raise RefusedSubmissionError with the terms that are too long, or that RDF 1.1 does not have."""
    unfit = [(index, fault) for index, said in enumerate(reading.statements) for fault in _unfit(said.quad)]
    if unfit:
        where = reading.places()
        raise RefusedSubmissionError([_placed(fault, where[index]) for index, fault in unfit[:MOST_FAULTS]])


def refuse_too_many(count: int) -> None:
    """Raise RefusedSubmissionError if there are more statements than a submission may have."""
    if count > MOST_QUADS:
        message, zh = f"The text has more than {MOST_QUADS:,} statements.", f"文本的陈述超过 {MOST_QUADS:,} 条。"
        raise refusal("size", message, zh, "Send it in parts; whole data sets come in as files, with a build.")


def syntax_fault(finding: SyntaxFinding) -> Fault:
    """Return a place that is not well-formed as a fault."""
    zh = f"第 {finding.line} 行第 {finding.column} 列语法有误。"
    return Fault("syntax", "Violation", finding.message, zh, line=finding.line, column=finding.column)


def _parsed(text: str, engine_format: RdfFormat) -> list[Quad]:
    """Return the quads of a text, or raise; never keeps more than a submission may have."""
    quads: list[Quad] = []
    size = errors = 0
    for quad in _patiently(text, engine_format):
        if quad is None:
            errors += 1
            continue
        quads.append(quad)
        refuse_too_many(len(quads))
        size += sum(len(str(term)) for term in quad)
        if size > MOST_CHARACTERS:
            message = f"The terms have more than {MOST_CHARACTERS:,} characters together."
            raise refusal("size", message, f"所有词项合计超过 {MOST_CHARACTERS:,} 个字符。", "Send it in parts.")
    if errors:
        raise RefusedSubmissionError(_syntax_faults(text, engine_format))
    return quads


def _patiently(text: str, engine_format: RdfFormat) -> Iterator[Quad | None]:
    """Yield the quads of a text, and None for each error that the parser goes on behind, up to the most told."""
    parser, errors = parse(text, engine_format), 0
    while errors < MOST_FAULTS:
        try:
            yield next(parser)
        except StopIteration:
            return
        except SyntaxError:
            errors += 1
            yield None


def _syntax_faults(text: str, engine_format: RdfFormat) -> list[Fault]:
    try:
        read_text(text, "", engine_format)
    except UnreadableError as error:
        if engine_format == RdfFormat.RDF_XML and (place := place_of_error(text, engine_format)):
            line, column = place
            return [syntax_fault(SyntaxFinding("", line, column, error.findings[0].message))]
        return [syntax_fault(finding) for finding in error.findings]
    raise AssertionError("a text that was not well-formed is")


def _unfit(quad: Quad) -> Iterator[Fault]:
    if _is_of_rdf_1_2(quad):
        yield Fault(
            "syntax",
            "Violation",
            "A triple term, a reified triple or an annotation is RDF 1.2; here RDF 1.1 is kept.",
            "三元组项、具体化三元组和注释属于 RDF 1.2，这里只保存 RDF 1.1。",
            hint="Name the triple by a cd:StatementReference with rdf:subject, rdf:predicate and rdf:object.",
        )
        return
    if isinstance(quad.graph_name, BlankNode):
        hint = "Name the graph graph/curated/<source>."
        yield Fault("syntax", "Violation", "A graph is named by a blank node.", "图以空白节点命名。", hint=hint)
    if isinstance(quad.object, Literal) and quad.object.direction is not None:
        message = "A language tag with a direction is RDF 1.2; here RDF 1.1 is kept."
        hint = 'Leave out the direction: "…"@en.'
        yield Fault(
            "syntax", "Violation", message, "带方向的语言标签属于 RDF 1.2。", value=_short(quad.object), hint=hint
        )
    yield from (fault for term in quad for fault in _too_long(term))


def _is_of_rdf_1_2(quad: Quad) -> bool:
    return isinstance(quad.subject, Triple) or isinstance(quad.object, Triple) or quad.predicate == _REIFIES


def _too_long(term: Term) -> Iterable[Fault]:
    if isinstance(term, Literal):
        if len(term.value) > LONGEST_LITERAL:
            message = f"A text has {len(term.value):,} characters, more than {LONGEST_LITERAL:,}."
            zh = f"文本有 {len(term.value):,} 个字符，超过 {LONGEST_LITERAL:,} 个。"
            hint = "Say it in short, and link to the whole."
            yield Fault("size", "Violation", message, zh, value=_short(term), hint=hint)
        term = term.datatype
    if isinstance(term, NamedNode) and len(term.value) > LONGEST_IRI:
        message = f"An IRI has {len(term.value):,} characters, more than {LONGEST_IRI:,}."
        zh = f"IRI 有 {len(term.value):,} 个字符，超过 {LONGEST_IRI:,} 个。"
        yield Fault("size", "Violation", message, zh, value=_short(term), hint="Use a shorter address.")


def _short(term: Literal | NamedNode) -> str:
    return term.value if len(term.value) <= 60 else term.value[:59] + "…"


def _placed(fault: Fault, place: Place | None) -> Fault:
    line, column = place or (None, None)
    return Fault(**{**fault.__dict__, "line": line, "column": column})
