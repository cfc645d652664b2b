"""Write an answer to a query in the format that the client prefers: the one writer of /sparql and /queries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from flask import Response, render_template, request
from pyoxigraph import QueryBoolean, QuerySolutions, QueryTriples

from kg import querying
from kg.formats import GRAPH_FORMATS, RESULT_FORMAT, RESULT_FORMATS, GraphFormat, ResultFormat
from kg.querying import Answer
from server.labels import Labels
from server.negotiation import negotiate
from server.problems import NotAcceptableError

HTML = "text/html"
_ALIASES = {"application/json": RESULT_FORMAT["json"], "application/xml": RESULT_FORMAT["xml"]}

Format = ResultFormat | GraphFormat


@dataclass(frozen=True)
class Words:
    """What a page says around an answer: its title, what it means, its columns explained, where to download it."""

    title: str = "Result"
    description: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    address: str = ""


def write(answer: Answer, name: str | None, labels: Labels, words: Words) -> Response:
    """Return an answer in the format called `name`, else in the one that the client prefers, else refuse with 406."""
    if isinstance(answer, QueryTriples):
        formats: Sequence[Format] = GRAPH_FORMATS
    else:
        formats = [fmt for fmt in RESULT_FORMATS if fmt.booleans or not isinstance(answer, QueryBoolean)]
    media_type = _chosen(formats, name)
    if media_type == HTML:
        response = Response(_page(answer, labels, words), mimetype=HTML)
    else:
        fmt = _ALIASES.get(media_type) or next(fmt for fmt in formats if fmt.media_type == media_type)
        response = Response(querying.serialise(answer, fmt.engine), content_type=media_type)
    response.vary.add("Accept")
    return response


def _chosen(formats: Sequence[Format], name: str | None) -> str:
    if name == "html":
        return HTML
    if name is not None:
        for fmt in formats:
            if fmt.name == name:
                return fmt.media_type
        raise NotAcceptableError([fmt.name for fmt in formats])
    offers = [fmt.media_type for fmt in formats] + [HTML]
    offers += [alias for alias, fmt in _ALIASES.items() if fmt in formats]
    media_type = negotiate(request.headers.get("Accept"), offers)
    if media_type is None:
        raise NotAcceptableError(offers)
    return media_type


def _page(answer: Answer, labels: Labels, words: Words) -> str:
    if isinstance(answer, QuerySolutions):
        names = _shown_columns([variable.value for variable in answer.variables])
        rows = [[labels.value(row[name]) for name in names] for row in answer]
    elif isinstance(answer, QueryBoolean):
        names, rows = ["answer"], [[labels.text("yes" if answer else "no")]]
    else:
        names = ["subject", "predicate", "object"]
        rows = [[labels.value(t) for t in (triple.subject, triple.predicate, triple.object)] for triple in answer]
    return render_template("table.html", words=words, names=names, rows=rows, formats=RESULT_FORMATS)


def _shown_columns(names: list[str]) -> list[str]:
    """Leave out columns of labels, since a page shows things by their labels: `label` names what stands first."""
    kept = [name for place, name in enumerate(names) if name != "label" or place == 0]
    return [name for name in kept if not name.endswith("Label") or name.removesuffix("Label") not in names]
