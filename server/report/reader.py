"""A work to be read as data: its contents and its sections; its passages as JSON, since their pages are documents."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, json, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from kg.publish.catalogues import CATALOGUE_OF_WORKS, works_description
from kg.publish.works import work_contents, work_passage, work_section, works
from kg.rdf.formats import GRAPH_FORMAT
from server import addresses, scopes
from server.service import service
from server.web import Document, Link

NeighbourPages = Mapping[str, tuple[str, str]]
"""Pages beside one by relation (RFC 8288): the address of each, and what it is called."""

_PAGE_WORDS = {"prev": "Previous page", "next": "Next page"}

blueprint = Blueprint("report", __name__)


@blueprint.get("/report", defaults={"suffix": None})
@blueprint.get("/report.<suffix>")
def report(suffix: str | None) -> Response:
    """Return the contents of the report, or with section= a section with all that its passages state."""
    return _work("", suffix)


@blueprint.get("/report/<passage>")
def report_passage(passage: str) -> AnyResponse:
    """Return a passage of the report as JSON, or lead to its page (301)."""
    return _passage("", passage)


@blueprint.get("/works", defaults={"suffix": None})
@blueprint.get("/works.<suffix>")
def all_works(suffix: str | None) -> Response:
    """List the works whose passages the graph has: as a page, as JSON, or as a catalogue in RDF (DCAT)."""
    listed = service.workers.read(works)
    found = [(work, addresses.document(work["name"]).address) for work in listed]
    links = (
        *Document.catalogue_links(CATALOGUE_OF_WORKS),
        *(Link("item", address) for _, address in found),
        Link("describedby", "/works.ttl", addresses.LISTINGS["ttl"]),
    )
    document = Document("/works", links, alternatives=addresses.LISTINGS)

    def write(suffix: str) -> bytes:
        if suffix in GRAPH_FORMAT:
            described = service.workers.triples(works_description)
            return Document.serialise(sorted(set(described), key=str), suffix, CATALOGUE_OF_WORKS)
        if suffix == "json":
            return json.dumps(listed).encode()
        return render_template("works.html", document=document, works=found, addresses=addresses).encode()

    return document.answer(suffix, write)


@blueprint.get("/works/<work>")
def of_work(work: str) -> AnyResponse:
    """Return the contents of a work, or a section of it; the name of the first leads to `/report`."""
    name, suffix = _split_suffix(work)
    if any(not one["name"] and one["iri"].rpartition("/")[2] == name for one in service.workers.read(works)):
        return redirect(addresses.document("").address + (f".{suffix}" if suffix else ""), 301)
    return _work(name, suffix)


@blueprint.get("/works/<work>/<passage>")
def passage_of_work(work: str, passage: str) -> AnyResponse:
    """Return a passage of a work as JSON, or lead to its page (301)."""
    return _passage(work, passage)


def _work(work: str, suffix: str | None) -> Response:
    section, page = request.args.get("section", ""), request.args.get("page", "")
    if section:
        return _section(work, section, page, suffix)
    read = service.workers.read(work_contents, work, page)
    ways = {
        relation: (addresses.negotiated_address(addresses.document(work, page=number)), _PAGE_WORDS[relation])
        for relation, number in Link.neighbours(read["page"], read["pages"]).items()
    }
    return _respond(addresses.document(work, links=_links(ways), page=read["page"]), suffix, "work.html", read, ways)


def _section(work: str, key: str, page: str, suffix: str | None) -> Response:
    read = service.workers.read(work_section, work, key, page)
    ways = {}
    turned = Link.neighbours(read["page"], read["pages"])
    for relation, beside in (("prev", read["prev"]), ("next", read["next"])):
        if relation in turned:
            one = addresses.document(work, section=key, page=turned[relation])
            ways[relation] = addresses.negotiated_address(one), f"{read['title']}, page {turned[relation]}"
        elif beside:
            ways[relation] = addresses.negotiated_address(addresses.document(work, section=beside[0])), beside[1]
    document = addresses.document(work, links=_links(ways), section=key, page=read["page"])
    return _respond(document, suffix, "section.html", read, ways)


def _passage(work: str, name: str) -> AnyResponse:
    passage, suffix = _split_suffix(name)
    read = service.workers.read(work_passage, work, passage)
    beside = ((relation, one) for relation, one in (("prev", read["prev"]), ("next", read["next"])) if one)
    links = tuple((relation, addresses.document(work, one["name"]).address) for relation, one in beside)
    document = addresses.document(work, passage, links=links)
    if document.choose(suffix) == "json":
        return document.answer(suffix, lambda _: json.dumps(read).encode())
    asked = urlencode(scopes.as_parameters())
    page = addresses.reading_address(read["passage"]["entry"]["iri"])
    response = redirect(f"{page}?{asked}" if asked else f"{page}", 301)
    response.vary.add("Accept")
    return response


def _links(ways: NeighbourPages) -> tuple[tuple[str, str], ...]:
    return tuple((relation, address) for relation, (address, _) in ways.items())


def _respond(
    document: Document, suffix: str | None, template: str, read: Mapping[str, Any], ways: NeighbourPages
) -> Response:
    """Answer with a reading as JSON, or as a page with links to its neighbours."""

    def write(chosen: str) -> bytes:
        if chosen == "json":
            return json.dumps(read).encode()
        turned = {relation: address for relation, (address, _) in ways.items()}
        words = {relation: text for relation, (_, text) in ways.items()}
        shown = {"read": read, "turned": turned, "words": words}
        return render_template(template, document=document, addresses=addresses, **shown).encode()

    return document.answer(suffix, write)


def _split_suffix(name: str) -> tuple[str, str | None]:
    """Take the suffix of a format off a name; names of passages have dots, too."""
    stem, _, suffix = name.rpartition(".")
    return (stem, suffix) if stem and suffix in addresses.FORMATS else (name, None)
