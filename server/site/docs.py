"""Pages for people about the service itself, below `/docs`: guides, limits, formats, citation, licences."""

from __future__ import annotations

from flask import Blueprint, Response, render_template, request
from pyoxigraph import Literal

from kg.errors import BadValueError, UnknownNameError, shorten
from kg.evidence import EvidenceFinder
from kg.lanes import FAST_SECONDS
from kg.publish.works import works
from kg.rdf.formats import GRAPH_FORMATS, HTML, RESULT_FORMATS
from kg.rdf.rows import FirstRows
from kg.rdf.vocabulary import XSD
from server.citation import Citation
from server.figures import Spot, locator
from server.figures.views import ViewedTable
from server.service import service
from server.site.guides import GUIDES
from server.site.tour import STEPS
from server.turns import MOST_WAITING
from server.web import Document, LinkedText

blueprint = Blueprint("docs", __name__, url_prefix="/docs")

_LONGEST = 2_000
"""Characters of an address to be cited."""


@blueprint.get("")
def list_guides() -> Response:
    """List the guides."""
    return _respond("/docs", "index", guides=GUIDES)


@blueprint.get("/<guide>")
def guide(guide: str) -> Response:
    """Return a guide. Raises UnknownNameError that names what there is."""
    if guide not in GUIDES:
        raise UnknownNameError("guide", guide, list(GUIDES))
    words = {
        "limits": service.limits,
        "share": service.client_seconds,
        "most_waiting": MOST_WAITING,
        "fast_seconds": FAST_SECONDS,
        "most_solutions": EvidenceFinder.MOST_SOLUTIONS,
        "tour": STEPS,
    }
    return _respond(f"/docs/{guide}", guide, **words, graph_formats=GRAPH_FORMATS, result_formats=RESULT_FORMATS)


@blueprint.get("/cite")
@blueprint.get("/cite.<suffix>")
def cite(suffix: str | None = None) -> Response:
    """Return how to cite the graph, or what stands at an address `of` it, as a page, text, BibTeX or CFF."""
    path = request.args.get("of", "")
    if path and (not path.startswith("/") or path.startswith("//") or len(path) > _LONGEST or not path.isprintable()):
        raise BadValueError(f"{shorten(path)!r} is not an address of this service.", "For example: of=/doc/city/leeds")
    citation = Citation.of(path, service.workers.read(works))
    document = Document("/docs/cite", query=citation.query, alternatives=Citation.FORMATS)

    def write(suffix: str) -> bytes:
        if suffix == "html":
            return render_template("docs/cite.html", citation=citation, document=document).encode()
        return getattr(citation, suffix).encode()  # type: ignore[no-any-return]

    return document.answer(suffix, write)


def _example(names: str, *rows: tuple[Literal, ...]) -> FirstRows:
    return FirstRows(tuple(names.split()), rows, len(rows))


_EXAMPLES = (
    (
        "bars",
        "Bars: an example",
        _example(
            "kind number",
            (Literal("one thing"), Literal(12)),
            (Literal("another, whose name is longer than a line"), Literal(7.5)),
            (Literal("nothing of it"), Literal(0)),
        ),
    ),
    (
        "timeline",
        "Timeline: what is vague is long",
        _example(
            "thing begin",
            (Literal("a day"), Literal("1984-05-01", datatype=XSD.date)),
            (Literal("a decade"), Literal("1990s")),
            (Literal("a year"), Literal("2013", datatype=XSD.gYear)),
        ),
    ),
)
"""Figures for developers: the view, the title and the table of each."""


@blueprint.get("/parts")
def parts() -> str:
    """Show the parts of pages together, each with an example, for developers."""
    tables = {number: LinkedText(f"Table {number}", f"/doc/passage/table-{number}", "en") for number in (1, 2, 3)}
    figures = {view: ViewedTable.of(rows, title).figure(view) for view, title, rows in _EXAMPLES}
    here = Spot("Leeds", "/doc/city/leeds", (-1.54785, 53.79648))
    return render_template(
        "parts.html", tables=tables, LinkedText=LinkedText, locator=locator, here=here, figures=figures
    )


def _respond(address: str, name: str, **words: object) -> Response:
    root = service.addresses.root()

    def write(suffix: str) -> bytes:
        return render_template(f"docs/{name}.html", root=root, title=GUIDES.get(name), **words).encode()

    return Document(address, alternatives={"html": HTML}).answer(None, write)
