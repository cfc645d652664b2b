"""Lists: `/doc`, all kinds of things, and `/doc/<kind>`, the things of one kind, as a page, as RDF and as CSV.

The things of a kind are sorted, filtered and counted as the rows of results are (server.linked_data.chosen_things).
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import chain
from urllib.parse import quote, urlencode

from flask import Blueprint, Response, jsonify, redirect, render_template, request
from pyoxigraph import Literal, NamedNode
from werkzeug.wrappers import Response as AnyResponse

from kg.errors import UnknownNameError
from kg.objections import parse_objections
from kg.publish.lists import (
    TITLES,
    KindList,
    ListTable,
    kind_counts,
    list_graph,
    list_table,
    things_of_kind,
)
from kg.rdf.formats import GRAPH_FORMATS, HTML
from kg.rdf.literals import as_written
from kg.results import readings
from server import scopes
from server.linked_data.chosen_things import ChosenThings, iris_of
from server.results import ResultView
from server.service import service
from server.web import Document, Labels, Link, LinkedText

blueprint = Blueprint("lists", __name__)

_TYPES = {**{fmt.suffix: fmt.media_type for fmt in GRAPH_FORMATS}, "csv": "text/csv", "html": HTML}
_MOST = 12
"""Values of a cell that a page shows; CSV has all."""
_IS_DATATYPE = ":"  # which no language has
_AT_ONCE = 500
"""Rows of a long list that one reading has."""


@blueprint.get("/doc")
def list_kinds() -> Response:
    """List the kinds of things, with how many there are, in all works or in one (scope=)."""
    document = Document("/doc", query=_query(), alternatives={"html": HTML, "json": "application/json"})

    def write(suffix: str) -> bytes:
        counts = service.workers.read(kind_counts)
        if suffix == "json":
            return jsonify(kinds={kind: count for kind, (count, _) in counts.items()}).get_data()
        return render_template("kinds.html", titles=TITLES, counts=counts).encode()

    with scopes.in_chosen_scope():
        return document.answer(None, write)


@blueprint.get("/doc/<kind>")
@blueprint.get("/doc/<kind>.<suffix>")
def list_things(kind: str, suffix: str | None = None) -> Response | AnyResponse:
    """List the things of a kind, in pages, as RDF a collection of Hydra; CSV has all, unless a page is asked for.

    All that an address says of how a result is shown (ResultView) goes for things, but pages are numbered by `page`.
    The address of a page with fields that a form sent empty leads to the one without them.
    """
    with scopes.in_chosen_scope():
        return _list_things(kind, suffix)


def _list_things(kind: str, suffix: str | None) -> Response | AnyResponse:
    page = request.args.get("page", "")
    wanted = Document(f"/doc/{kind}", alternatives=_TYPES).choose(suffix)
    stated = list(request.args.items(multi=True))
    if wanted == "html" and (short := ResultView.shortened(stated)) != stated:
        return redirect(f"{quote(request.path)}{'?' if short else ''}{urlencode(short)}", 302)
    chosen = ChosenThings.of_request(kind, _iris_of_kind(kind))
    if wanted == "csv" and not page:
        whole = Document(f"/doc/{kind}", query=_query(chosen), alternatives=_TYPES)
        return whole.stream("csv", _whole(chosen), negotiated=suffix is None)
    number, rows = chosen.page(page)
    listed = KindList(kind).page(iris_of(rows), number, rows.found.count, chosen.query)
    found = service.workers.read(list_table, listed, chosen.shown if wanted in ("csv", "html") else [])
    turned = {relation: f"/doc/{kind}?{_query(chosen, other)}" for relation, other in _page_numbers(found).items()}
    links = tuple(Link(*item) for item in turned.items())
    document = Document(f"/doc/{kind}", links, _query(chosen, page), alternatives=_TYPES)

    def write(suffix: str) -> bytes:
        if suffix == "html":
            words = {
                "listed": _template_rows(found),
                "headings": [(heading, None) for heading in (readings.THING, *found["columns"])],
                "controls": chosen.controls(rows),
                "total": rows.total,
                "most": _MOST,
                "whole": Document(f"/doc/{kind}", query=_query(chosen)).at("csv"),
            }
            return render_template("things.html", document=document, turned=turned, **words).encode()
        if suffix == "csv":
            return _as_csv(found)
        return Document.serialise(sorted(set(service.workers.triples(list_graph, listed)), key=str), suffix)

    return document.answer(suffix, write)


def _query(chosen: ChosenThings | None = None, page: object = "") -> str:
    """Return the part of an address behind the question mark: what is chosen, a page, and the scope."""
    others = urlencode({**({"page": page} if page else {}), **scopes.as_parameters()})
    return "&".join(filter(None, (chosen.query if chosen else "", others)))


def _whole(chosen: ChosenThings) -> Iterator[bytes]:
    """Return the parts of a whole list as CSV: each is a short reading, however long the list is.

    The first is read at once, so that what fails from the start is answered as any error is.
    """

    things, shown = chosen.every(), chosen.shown

    def write(start: int) -> bytes:
        page = KindList(chosen.kind).page(things[start : start + _AT_ONCE])
        return _as_csv(service.workers.read(list_table, page, shown), has_heading=not start)

    first, write_later = write(0), service.revisions.bound(write)
    return chain([first], map(write_later, range(_AT_ONCE, len(things), _AT_ONCE)))


def _iris_of_kind(kind: str) -> list[str]:
    """Return the IRIs of the things of a kind in order. Raises UnknownNameError with similar names."""
    kinds = [kind for group in TITLES.values() for kind in group]
    if kind not in kinds:
        raise UnknownNameError("kind of thing", kind, kinds)
    return service.workers.read_once(things_of_kind, kind).split()


def _page_numbers(found: ListTable) -> dict[str, int]:
    """Return the other pages by relation (RFC 8288)."""
    page, last = found["page"], found["pages"]
    turned = {"first": 1, **Link.neighbours(page, last), "last": last}
    return {relation: number for relation, number in turned.items() if number != page}


def _template_rows(found: ListTable) -> dict[str, object]:
    """Return a page of a list as its template reads it: each cell as what a reader sees."""
    objecting = (
        one for _, _, cells in found["rows"] for cell in cells for _, text, _ in cell for one in parse_objections(text)
    )
    labels = Labels.of(NamedNode(passage) for _, passage in objecting)
    rows = [
        (
            LinkedText.of(name, iri, "en"),
            [[one for value, text, tag in cell for one in _cell_values(value, text, tag, labels)] for cell in cells],
        )
        for iri, name, cells in found["rows"]
    ]
    return {**found, "rows": rows}


def _cell_values(iri: str, text: str, tag: str, labels: Labels) -> list[LinkedText | dict[str, object]]:
    """Return a value as what a reader sees: of objections each; a number or date as people write it."""
    if pairs := parse_objections(text):
        return [{"kind": kind, "source": labels.value(NamedNode(passage))} for kind, passage in pairs]
    if _IS_DATATYPE in tag:
        written = as_written(Literal(text, datatype=NamedNode(tag)))
        return [{"value": text, "text": written}] if written != text else [LinkedText(text)]
    return [LinkedText.of(text, iri, tag or None)]


def _as_csv(found: ListTable, *, has_heading: bool = True) -> bytes:
    """Return a list as CSV (RFC 4180): its IRI, its name, and the values of each column by name, with ; between.

    Passages are named with their work where the graph has several.
    """
    output = io.StringIO()
    writer = csv.writer(output)
    if has_heading:
        writer.writerow(["iri", "name", *(title.replace(" ", "_") for title in found["columns"])])
    for iri, name, cells in found["rows"]:
        named = ("; ".join(LinkedText.text_in_work(text, value) for value, text, _ in cell) for cell in cells)
        writer.writerow([iri, LinkedText.text_in_work(name, iri), *named])
    return output.getvalue().encode()
