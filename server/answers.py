"""The formats in which an answer to a query is offered, and its page: shared by /sparql and /queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flask import Response, render_template, request
from pyoxigraph import QueryBoolean, QuerySolutions, Triple

from kg import querying
from kg.formats import GRAPH_FORMAT, GRAPH_FORMATS, RESULT_FORMAT, RESULT_FORMATS, GraphFormat, ResultFormat
from kg.querying import Answer
from server.labels import Labels, Shown
from server.negotiation import negotiate
from server.problems import NotAcceptableError

HTML = "text/html"
_ALIASES = {"application/json": RESULT_FORMAT["json"], "application/xml": RESULT_FORMAT["xml"]}
_OTHER_NAMES = {  # as clients such as SPARQLWrapper say them
    "ttl": ("turtle", "n3"),
    "jsonld": ("json-ld", "application/x-json+ld", "json"),
    "rdf": ("rdf+xml", "xml"),
}

Format = ResultFormat | GraphFormat


@dataclass(frozen=True)
class Words:
    """What a page says around an answer: its title, what it means, its columns explained, where to download it.

    `turned` holds the addresses of its other pages by relation, `hints` sentences on what may be amiss.
    """

    title: str = "Result"
    description: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    address: str = ""
    turned: Mapping[str, str] = field(default_factory=dict)
    hints: Sequence[str] = ()


def choose(form: str, names: Sequence[str]) -> str:
    """Return the media type for the answer to a query of a form (SELECT, ASK, CONSTRUCT, DESCRIBE).

    The first of `names` that fits wins: a name of a format, or a media type. Without names the client's Accept header
    decides. Raises NotAcceptableError, naming what there is.
    """
    formats = _offered(form)
    if names:
        return _named(formats, names)
    offers = [*(fmt.media_type for fmt in formats), HTML]
    offers += [alias for alias, fmt in _ALIASES.items() if fmt in formats]
    media_type = negotiate(request.headers.get("Accept"), offers)
    if media_type is None:
        raise NotAcceptableError(offers)
    return media_type


def _named(formats: Sequence[Format], names: Sequence[str]) -> str:
    known = {"html": HTML, **{alias: fmt.media_type for alias, fmt in _ALIASES.items() if fmt in formats}}
    for fmt in formats:
        known |= dict.fromkeys((fmt.name, fmt.media_type, *_OTHER_NAMES.get(fmt.name, ())), fmt.media_type)
    for name in (part.strip() for entry in names for part in entry.split(",")):
        if name in known:
            return known[name]
    raise NotAcceptableError([fmt.name for fmt in formats])


def machine_twin(form: str) -> str:
    """Return the media type of which a page is made."""
    is_table = form in ("SELECT", "ASK")
    return RESULT_FORMAT["json"].media_type if is_table else GRAPH_FORMAT["nt"].media_type


def content_type(media_type: str) -> str:
    """Return the Content-Type of a media type: text says that it is UTF-8, since clients guess otherwise."""
    return f"{media_type}; charset=utf-8" if media_type.startswith("text/") else media_type


def graph_format(media_type: str) -> GraphFormat:
    """Return the serialisation of RDF that a media type names."""
    return next(fmt for fmt in GRAPH_FORMATS if fmt.media_type == media_type)


def engine_type(media_type: str) -> str:
    """Return the media type under which the engine knows a format that was asked for by another name."""
    return _ALIASES[media_type].media_type if media_type in _ALIASES else media_type


def write(answer: Answer, form: str, names: Sequence[str], labels: Labels, words: Words) -> Response:
    """Return an answer that was evaluated in this process, in the format of choice."""
    media_type = choose(form, names)
    if media_type == HTML:
        response = Response(page(answer, labels, words), mimetype=HTML)
    else:
        fmt = next(fmt for fmt in _offered(form) if fmt.media_type == engine_type(media_type))
        response = Response(querying.serialise(answer, fmt), content_type=content_type(media_type))
    response.vary.add("Accept")
    return response


def page(answer: QuerySolutions | QueryBoolean | Iterable[Triple], labels: Labels, words: Words) -> str:
    """Return the page of an answer."""
    names, rows = _table(answer, labels)
    return render_template("table.html", words=words, names=names, rows=rows)


def _offered(form: str) -> Sequence[Format]:
    if form in ("CONSTRUCT", "DESCRIBE"):
        return GRAPH_FORMATS
    return [fmt for fmt in RESULT_FORMATS if fmt.booleans or form != "ASK"]


def _table(
    answer: QuerySolutions | QueryBoolean | Iterable[Triple], labels: Labels
) -> tuple[list[str], list[list[Shown]]]:
    if isinstance(answer, QueryBoolean):
        return ["answer"], [[labels.text("yes" if answer else "no")]]
    if isinstance(answer, QuerySolutions):
        names = _shown_columns([variable.value for variable in answer.variables])
        return names, [[labels.value(row[name]) for name in names] for row in answer]
    rows = [[labels.value(t) for t in (triple.subject, triple.predicate, triple.object)] for triple in answer]
    return ["subject", "predicate", "object"], rows


def _shown_columns(names: list[str]) -> list[str]:
    """Leave out columns of labels, since a page shows things by their labels: `label` names what stands first."""
    kept = [name for place, name in enumerate(names) if name != "label" or place == 0]
    return [name for name in kept if not name.endswith("Label") or name.removesuffix("Label") not in names]
