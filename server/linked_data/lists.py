"""Lists: `/doc`, all kinds of things, and `/doc/<kind>`, the things of one kind, as a page, as RDF and as CSV."""

from __future__ import annotations

import csv
import io
from functools import lru_cache
from pathlib import Path

from flask import Blueprint, Response, jsonify, render_template, request
from pyoxigraph import NamedNode

from kg.errors import UnknownNameError
from kg.objections import parse_objections
from kg.publish.lists import TITLES, ListTable, labelled_things, list_graph, list_page, list_table, unlabelled_things
from kg.rdf.formats import GRAPH_FORMATS, HTML
from server.service import service
from server.web import Document, Labels, Link, LinkedText

blueprint = Blueprint("lists", __name__)

_TYPES = {**{fmt.suffix: fmt.media_type for fmt in GRAPH_FORMATS}, "csv": "text/csv", "html": HTML}
_MOST = 12
"""Values of a cell that a page shows; CSV has all."""


@blueprint.get("/doc")
def list_kinds() -> Response:
    """List the kinds of things, with how many there are."""
    document = Document("/doc", alternatives={"html": HTML, "json": "application/json"})

    def write(suffix: str) -> bytes:
        counts = {kind: len(_iris_of_kind(kind)) for group in TITLES.values() for kind in group}
        if suffix == "json":
            return jsonify(kinds=counts).get_data()
        return render_template("kinds.html", titles=TITLES, counts=counts).encode()

    return document.answer(None, write)


@blueprint.get("/doc/<kind>")
@blueprint.get("/doc/<kind>.<suffix>")
def list_things(kind: str, suffix: str | None = None) -> Response:
    """List the things of a kind, in pages, as RDF a collection of Hydra; CSV has all, unless a page is asked for."""
    page = request.args.get("page", "")
    wanted = Document(f"/doc/{kind}", alternatives=_TYPES).choose(suffix)
    of_whole = wanted == "csv" and not page
    things = _iris_of_kind(kind)
    stands = list_page(kind, things, None if of_whole else page or "1")
    found = service.workers.read(list_table, stands, wanted in ("csv", "html"))
    others = {} if of_whole else _page_numbers(found)
    turned = {relation: f"/doc/{kind}?page={number}" for relation, number in others.items()}
    links = tuple(Link(*item) for item in turned.items())
    document = Document(f"/doc/{kind}", links, f"page={page}" if page else "", alternatives=_TYPES)

    def write(suffix: str) -> bytes:
        if suffix == "html":
            words = {
                "listed": _template_rows(found),
                "headings": [(title, None) for title in found["columns"]],
                "most": _MOST,
            }
            return render_template("things.html", document=document, turned=turned, **words).encode()
        if suffix == "csv":
            return _as_csv(found)
        return Document.serialise(
            sorted(set(service.workers.triples(list_graph, list_page(kind, things, page or "1"))), key=str), suffix
        )

    return document.answer(suffix, write)


def _iris_of_kind(kind: str) -> list[str]:
    """Return the IRIs of the things of a kind in order. Raises UnknownNameError with similar names."""
    labelled = _labelled_iris(service.revisions.snapshot_path())
    if kind in labelled:
        return labelled[kind].split()
    kinds = [kind for group in TITLES.values() for kind in group]
    if kind not in kinds:
        raise UnknownNameError("kind of thing", kind, kinds)
    return _unlabelled_iris(service.revisions.snapshot_path(), kind).split()


@lru_cache(maxsize=2)  # the present and one that ?at= asks for
def _labelled_iris(snapshot: Path) -> dict[str, str]:
    """Return `labelled_things` of a snapshot, the one that the current request reads."""
    return service.workers.read(labelled_things)


@lru_cache(maxsize=8)  # as above, of the kinds whose things have no label
def _unlabelled_iris(snapshot: Path, kind: str) -> str:
    """Return `unlabelled_things` a snapshot, the one that the current request reads."""
    return service.workers.read(unlabelled_things, kind)


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
    """Return a value as what a reader sees: of objections each."""
    if pairs := parse_objections(text):
        return [{"kind": kind, "source": labels.value(NamedNode(passage))} for kind, passage in pairs]
    return [LinkedText.of(text, iri, tag or None)]


def _as_csv(found: ListTable) -> bytes:
    """Return a list as CSV (RFC 4180): its IRI, its name, and the values of each column by name, with ; between."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(["iri", "name", *(title.replace(" ", "_") for title in found["columns"])])
    for iri, name, cells in found["rows"]:
        writer.writerow([iri, name, *("; ".join(text for _, text, _ in cell) for cell in cells)])
    return output.getvalue().encode()
