"""The formats in which an answer to a query is offered: shared by /sparql and /queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import ClassVar

from flask import Response, request

from kg.rdf.formats import GRAPH_FORMATS, HTML, RESULT_FORMAT, RESULT_FORMATS, GraphFormat, ResultFormat
from kg.rdf.rows import FirstRows
from kg.sparql import Hint
from server.errors import MEDIA_TYPE as PROBLEM
from server.web.negotiation import NotAcceptableError, content_type, negotiate, preferred_type, vary

_ALIASES = {"application/json": RESULT_FORMAT["json"], "application/xml": RESULT_FORMAT["xml"]}
_OTHER_NAMES = {  # as clients such as SPARQLWrapper say them
    "ttl": ("turtle", "n3"),
    "jsonld": ("json-ld", "application/x-json+ld", "json"),
    "rdf": ("rdf+xml", "xml"),
}

Format = ResultFormat | GraphFormat


@dataclass(frozen=True)
class AnswerType:
    """The media type in which an answer is given, by the client's own name for it."""

    HINTS: ClassVar = "citykg.hints"
    """Under which name of the WSGI environment a caller in this process puts a list to get all hints, of which a header
    has but the first."""

    media_type: str

    FIGURE: ClassVar = "image/svg+xml"
    """The media type of a drawing of a table, which is given by its name alone: no Accept header leads there."""
    FIGURE_NAME: ClassVar = "svg"
    CSV_METADATA: ClassVar = "application/csvm+json"
    """The media type of what is said of a CSV and its columns (server.results.csv_metadata); found by its name, too."""
    CSV_METADATA_NAME: ClassVar = "csvm"
    OF_TABLES: ClassVar = {FIGURE_NAME: FIGURE, CSV_METADATA_NAME: CSV_METADATA}
    """The media types of what is made of a table, by name."""
    OBJECTIONS: ClassVar = "citykg.objections"
    """The same of the objections to rows, in whose column tables have but kinds and sources."""

    @staticmethod
    def hand_over_objections(objections: Iterable[dict[str, str]]) -> None:
        """Give the objections to the rows of an answer to the caller of the current request, as hints are given."""
        request.environ.get(AnswerType.OBJECTIONS, []).extend(objections)

    @staticmethod
    def hand_over_hints(hints: Iterable[Hint]) -> None:
        """Give the hints on an answer to the caller of the current request, if it is one in this process."""
        request.environ.get(AnswerType.HINTS, []).extend(hints)

    @classmethod
    def choose(cls, form: str, names: Sequence[str]) -> AnswerType:
        """Return the type for the answer to a query of a form (SELECT, ASK, CONSTRUCT, DESCRIBE).

        The first of `names` that fits wins: a name of a format, or a media type. Without names the client's Accept
        header decides. Raises NotAcceptableError, naming what there is.
        """
        if names:
            return cls(_find_named(_formats_of(form), names, is_table=form == "SELECT"))
        return cls(preferred_type(_media_types(form)))

    @classmethod
    def for_table(cls, offered: Mapping[str, str], name: str) -> AnswerType:
        """Return the type for a table that is offered in media types by suffix: by suffix or name, else as `choose`."""
        if name in offered:
            return cls(offered[name])
        offers = list(offered.values())
        chosen = cls.choose("SELECT", [name]) if name else cls(preferred_type(offers, list(_ALIASES)))
        if chosen.engine_type not in offers:
            raise NotAcceptableError(offers)
        return chosen

    @classmethod
    def is_page_for_table(cls, offered: Mapping[str, str], name: str) -> bool:
        """Return True if `for_table` returns a page; False if it would raise."""
        try:
            return cls.for_table(offered, name).is_page
        except NotAcceptableError:
            return False

    @staticmethod
    def formats(form: str) -> Sequence[Format]:
        """Return the formats for the answer to a query of a form."""
        return _formats_of(form)

    @staticmethod
    def reader_language() -> str:
        """Return the language that the reader prefers of those in which shapes and messages are: en or zh."""
        wished = (tag[:2].lower() for tag in request.accept_languages.values())
        return next((tag for tag in wished if tag in ("en", "zh")), "en")

    @staticmethod
    def prefers_page() -> bool:
        """Return True if the client prefers an error as a page to problem details."""
        return negotiate(request.headers.get("Accept"), [PROBLEM, HTML]) == HTML

    @staticmethod
    def prefers_plain_text() -> bool:
        """Return True if the client prefers an error as plain text to problem details."""
        return negotiate(request.headers.get("Accept"), [PROBLEM, "text/plain"]) == "text/plain"

    @staticmethod
    def vary_by_accept(response: Response) -> None:
        """Add Accept to the Vary header of a response."""
        vary(response, "Accept")

    @property
    def is_page(self) -> bool:
        """True if it is a page for people."""
        return self.media_type == HTML

    @property
    def is_figure(self) -> bool:
        """True if it is a drawing."""
        return self.media_type == self.FIGURE

    @property
    def is_csv_metadata(self) -> bool:
        """True if it is what is said of a CSV and its columns."""
        return self.media_type == self.CSV_METADATA

    @property
    def content_type(self) -> str:
        """The Content-Type of the answer."""
        return content_type(self.media_type)

    @property
    def engine_type(self) -> str:
        """The media type under which the engine knows the format."""
        return _ALIASES[self.media_type].media_type if self.media_type in _ALIASES else self.media_type

    @property
    def worker_type(self) -> str:
        """The media type in which a worker answers: itself, or that of rows for a page and for what tables give."""
        is_made = self.is_page or self.media_type in self.OF_TABLES.values()
        return FirstRows.MEDIA_TYPE if is_made else self.engine_type

    @property
    def graph_format(self) -> GraphFormat:
        """The serialisation of RDF that it names."""
        return next(fmt for fmt in GRAPH_FORMATS if fmt.media_type == self.media_type)


def _find_named(formats: Sequence[Format], names: Sequence[str], *, is_table: bool) -> str:
    made = AnswerType.OF_TABLES if is_table else {}
    known = {"html": HTML, **made, **{alias: fmt.media_type for alias, fmt in _ALIASES.items() if fmt in formats}}
    for fmt in formats:
        known |= dict.fromkeys((fmt.name, fmt.media_type, *_OTHER_NAMES.get(fmt.name, ())), fmt.media_type)
    for name in (part.strip() for entry in names for part in entry.split(",")):
        if name in known:
            return known[name]
    raise NotAcceptableError([*(fmt.name for fmt in formats), *made])


@cache
def _media_types(form: str) -> tuple[str, ...]:
    """Return what the answer to a query of a form is offered in."""
    formats = _formats_of(form)
    aliases = [alias for alias, fmt in _ALIASES.items() if fmt in formats]
    return (*(fmt.media_type for fmt in formats), HTML, *aliases)


def _formats_of(form: str) -> Sequence[Format]:
    if form in ("CONSTRUCT", "DESCRIBE"):
        return GRAPH_FORMATS
    return [fmt for fmt in RESULT_FORMATS if fmt.booleans or form != "ASK"]
