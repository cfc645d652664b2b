"""Parse the RDF of a submission within limits: into quads with places, or findings on all that is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple, parse

from kg.errors import shorten
from kg.findings import MOST_FINDINGS, Finding, RefusedSubmissionError, UnreadableError
from kg.messages import bilingual, chinese
from kg.rdf.lexers import place_at
from kg.rdf.lookup import Term
from kg.rdf.parse import read_text
from kg.rdf.positions import Position, error_position, statement_positions
from kg.rdf.vocabulary import RDF, SKOS
from kg.submissions.jsonld import losses
from kg.submissions.limits import scan

MOST_BYTES = 10_000_000
MOST_QUADS = 100_000
LONGEST_LITERAL = 100_000
LONGEST_IRI = 2_000
MOST_CHARACTERS = 50_000_000
"""Most characters of all terms together, since a prefix may stand for a long IRI."""


@dataclass(frozen=True)
class SubmittedQuad:
    """A quad as written in a text; `removes` if the text removes it."""

    quad: Quad
    removes: bool = False


@dataclass(frozen=True)
class ParsedText:
    """The quads of a text in their order; `places` finds the place of each on demand."""

    statements: Sequence[SubmittedQuad]
    places: Callable[[], Sequence[Position | None]]


def decode(body: bytes) -> str:
    """Return the text of a body.

    Raises RefusedSubmissionError if it is too long, not UTF-8, or has a NUL.
    """
    if len(body) > MOST_BYTES:
        words = bilingual("The text has more than {most:,} bytes.", most=MOST_BYTES)
        raise refusal("size", words, "Send it in parts.")
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, _ = place_at(body[: error.start].decode("utf-8", "replace"), error.start)
        words = bilingual("The text is not UTF-8: byte {byte} (line {line}).", byte=error.start + 1, line=line)
        raise refusal("syntax", words, "Save it as UTF-8.", (line, None)) from None
    if "\0" in text:
        place = place_at(text, text.index("\0"))
        raise refusal("syntax", bilingual("The text holds a NUL character."), "Send a plain text in UTF-8.", place)
    return text


def refusal(
    step: str, words: tuple[str, str], hint: str, place: tuple[int, int | None] | None = None
) -> RefusedSubmissionError:
    """Return a refusal for one reason, in two languages."""
    line, column = place or (None, None)
    return RefusedSubmissionError([Finding(step, "Violation", *words, hint=hint, line=line, column=column)])


def read_rdf(text: str, engine_format: RdfFormat) -> ParsedText:
    """Parse a text in one of the engine's formats.

    Raises RefusedSubmissionError with all that is too large, not well-formed, or not RDF 1.1.
    """
    if found := scan(text, engine_format):
        raise RefusedSubmissionError(found)
    quads = _parse(text, engine_format)
    if engine_format == RdfFormat.JSON_LD and text.strip():
        _refuse_losses(text, quads)
    reading = ParsedText(
        [SubmittedQuad(quad) for quad in quads], lambda: statement_positions(text, engine_format, quads)
    )
    refuse_unfit(reading)
    return reading


def _refuse_losses(text: str, quads: Sequence[Quad]) -> None:
    if found := losses(text):
        raise RefusedSubmissionError(found)
    if not quads:
        words = bilingual("The text states nothing: no node of it has a property.")
        hint = 'Give a node a property, as in {"@id": "…", "' + SKOS.prefLabel.value + '": "…"}.'
        raise refusal("syntax", words, hint, (1, 1))


def refuse_unfit(reading: ParsedText) -> None:
    """Raise RefusedSubmissionError if terms are too long, or not of RDF 1.1."""
    unfit = [
        (index, finding)
        for index, statement in enumerate(reading.statements)
        for finding in _term_findings(statement.quad)
    ]
    if unfit:
        where = reading.places()
        raise RefusedSubmissionError([_with_place(finding, where[index]) for index, finding in unfit[:MOST_FINDINGS]])


def refuse_too_many(count: int) -> None:
    """Raise RefusedSubmissionError if there are more statements than a submission may have."""
    if count > MOST_QUADS:
        words = bilingual("The text has more than {most:,} statements.", most=MOST_QUADS)
        raise refusal("size", words, "Send it in parts; whole data sets come in as files, with a build.")


def syntax_finding(message: str, line: int | None, column: int | None, hint: str = "") -> Finding:
    """Return the finding that a place is not well-formed, with the parser's message, which is in English only."""
    zh = chinese("Line {line}, column {column} is not well-formed.", line=line, column=column)
    return Finding("syntax", "Violation", message, zh, line=line, column=column, hint=hint)


def _parse(text: str, engine_format: RdfFormat) -> list[Quad]:
    """Return the quads of a text, or raise; never holds more of them than a submission may have."""
    quads: list[Quad] = []
    size = errors = 0
    for quad in _parse_past_errors(text, engine_format):
        if quad is None:
            errors += 1
            continue
        quads.append(quad)
        refuse_too_many(len(quads))
        size += sum(len(str(term)) for term in quad)
        if size > MOST_CHARACTERS:
            words = bilingual("The terms have more than {most:,} characters together.", most=MOST_CHARACTERS)
            raise refusal("size", words, "Send it in parts.")
    if errors:
        raise RefusedSubmissionError(_syntax_findings(text, engine_format))
    return quads


def _parse_past_errors(text: str, engine_format: RdfFormat) -> Iterator[Quad | None]:
    """Yield the quads of a text, and None for each syntax error after which the parser goes on, up to MOST_FINDINGS."""
    parser, errors = parse(text, engine_format), 0
    while errors < MOST_FINDINGS:
        try:
            yield next(parser)
        except StopIteration:
            return
        except SyntaxError:
            errors += 1
            yield None


def _syntax_findings(text: str, engine_format: RdfFormat) -> list[Finding]:
    try:
        read_text(text, "", engine_format)
    except UnreadableError as error:
        if engine_format == RdfFormat.RDF_XML and (place := error_position(text, engine_format)):
            return [syntax_finding(error.findings[0].message, *place)]
        return [syntax_finding(found.message, found.line, found.column, found.hint) for found in error.findings]
    raise AssertionError("a text that was not well-formed is")


def _term_findings(quad: Quad) -> Iterator[Finding]:
    if isinstance(quad.subject, Triple) or isinstance(quad.object, Triple) or quad.predicate == RDF.reifies:
        yield Finding(
            "syntax",
            "Violation",
            *bilingual("A triple term, a reified triple or an annotation is RDF 1.2; only RDF 1.1 is accepted."),
            hint="Name the triple by a cd:StatementReference with rdf:subject, rdf:predicate and rdf:object.",
        )
        return
    if isinstance(quad.graph_name, BlankNode):
        hint = "Name the graph graph/curated/<source>."
        yield Finding("syntax", "Violation", *bilingual("A graph is named by a blank node."), hint=hint)
    if isinstance(quad.object, Literal) and quad.object.direction is not None:
        words = bilingual("A language tag with a direction is RDF 1.2; only RDF 1.1 is accepted.")
        hint = 'Leave out the direction: "…"@en.'
        yield Finding("syntax", "Violation", *words, value=shorten(quad.object.value), hint=hint)
    yield from (finding for term in quad for finding in _length_findings(term))


def _length_findings(term: Term | DefaultGraph) -> Iterable[Finding]:
    if isinstance(term, Literal):
        if (count := len(term.value)) > LONGEST_LITERAL:
            words = bilingual("A text has {count:,} characters, more than {most:,}.", count=count, most=LONGEST_LITERAL)
            hint = "Say it in short, and link to the whole."
            yield Finding("size", "Violation", *words, value=shorten(term.value), hint=hint)
        term = term.datatype
    if isinstance(term, NamedNode) and (count := len(term.value)) > LONGEST_IRI:
        words = bilingual("An IRI has {count:,} characters, more than {most:,}.", count=count, most=LONGEST_IRI)
        yield Finding("size", "Violation", *words, value=shorten(term.value), hint="Use a shorter address.")


def _with_place(finding: Finding, place: Position | None) -> Finding:
    line, column = place or (None, None)
    return replace(finding, line=line, column=column)
