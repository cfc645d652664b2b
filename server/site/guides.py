"""The guides below `/docs`, each with its title; the text is a template of the same name."""

from __future__ import annotations

import re
from functools import cache

from flask import current_app
from markupsafe import Markup

from kg.rdf import namespaces as ns

GUIDES = {
    "researchers": "For researchers: questions, SPARQL, and who says so",
    "tour": "Tour of SPARQL in five steps, from one pattern to who says so",
    "evidence": "Who says so, and who says otherwise, for each row of a table",
    "linked-data": "For linked-data consumers: addresses, formats, downloads",
    "curators": "For curators: how to become one, and how to add what a source says",
    "reconcile": "How to match a column of a table, as in OpenRefine, and add columns to it from the graph",
    "limits": "Limits of queries and requests",
    "formats": "Formats of documents and results",
    "cite": "How to cite this, or one thing in it",
    "licences": "Licences of data and code",
    "running": "Run your own instance",
}
_HEADING = re.compile(r'<p class="lead">(.*?)</p>|<h2>(.*?)</h2>|<th scope="row">(.*?)</th>', re.DOTALL)
"""The lead of a guide, and its headings, including those of rows."""


@cache
def searchable_guides() -> list[tuple[str, str, list[str]]]:
    """Return what a search finds guides by: of each its IRI, its title, and its headings."""
    return [(ns.GUIDES + name, title, _headings(name)) for name, title in GUIDES.items()]


def _headings(name: str) -> list[str]:
    assert current_app.jinja_env.loader
    template, *_ = current_app.jinja_env.loader.get_source(current_app.jinja_env, f"docs/{name}.html")
    found = ("".join(said.groups("")) for said in _HEADING.finditer(template))
    return [str(Markup(said).striptags()) for said in found if "{" not in said]
