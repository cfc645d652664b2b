"""For crawlers: robots.txt (RFC 9309) and a sitemap (sitemaps.org, version 0.9)."""

from __future__ import annotations

from xml.sax.saxutils import escape

from flask import Blueprint, Response

from kg.publish import entities_with
from kg.rdf.vocabulary import SKOS
from server.service import service
from server.site.guides import GUIDES
from server.web import Document

blueprint = Blueprint("crawlers", __name__)

_PAGES = (
    "",
    "doc",
    "report",
    "disagreements",
    "evidence/twinnings",
    "evidence/memberships",
    "map",
    "queries",
    "sparql",
    "ontology",
    *(f"ontology/{module}" for module in ("core", "practice", "discourse", "editor", "analytics", "replaced")),
    "ontology/alignments",
    "ontology/profiles",
    "vocabulary",
    "shapes",
    "dataset",
)


@blueprint.get("/robots.txt")
def robots() -> Response:
    """Ask programs to leave alone what costs a query each, and lead them to the sitemap."""
    root = service.addresses.known_root()
    barred = ("/desk", "/sparql?", "/search", "/ask", "/*?at=", "/*&at=")
    lines = ["User-agent: *", *(f"Disallow: {path}" for path in barred)]
    lines += [f"Sitemap: {root}/sitemap.xml"] if root else []
    return Response("\n".join(lines) + "\n", mimetype="text/plain")


@blueprint.get("/sitemap.xml")
def sitemap() -> Response:
    """List the pages that have a name of their own: the documents about things, the questions, the guides."""

    def write(suffix: str) -> bytes:
        root = service.addresses.root()
        paths = [*_PAGES, "docs", *(f"docs/{guide}" for guide in GUIDES), *_questions()]
        paths += [f"doc/{entity}" for entity in service.workers.read(entities_with, SKOS.prefLabel.value)]
        urls = "".join(f"<url><loc>{escape(f'{root}/{path}')}</loc></url>\n" for path in paths)
        head = '<?xml version="1.0" encoding="UTF-8"?>\n<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n'
        return f"{head}{urls}</urlset>\n".encode()

    return Document("/sitemap", alternatives={"xml": "application/xml"}).answer("xml", write)


def _questions() -> list[str]:
    return [f"queries/{query.name}" for query in service.questions.answerable() if not query.parameters]
