"""The query behind a page, by its address: a canned question, or the statements about what the page is of."""

from __future__ import annotations

import re
from collections.abc import Mapping
from urllib.parse import urlencode

from flask import Flask, request

from kg.objections import KINDS
from kg.rdf import namespaces as ns

_SLUG = ns.SLUG.pattern
_QUESTIONS = {
    "/": "twinnings",
    "/map": "twinnings?status=current&columns=label,one,oneLat,oneLong,twin,twinLat,twinLong,wkt",
    rf"/doc/passage/(?P<name>{_SLUG}(?:/{_SLUG})?)": f"what-is-said?passage={ns.ID}passage/{{name}}&scope=all",
    "/report": "coverage",
    "/works": "works-side-by-side",
    rf"/works/(?P<name>{_SLUG})": "coverage?scope=all&filter.passage=/passage/{name}/",
    "/disagreements": "disagreements?scope=all",
    "/evidence/twinnings": "who-states-each-twinning",
    "/evidence/memberships": "memberships",
    "/ontology": "terms",
    "/vocabulary": "concepts-of-scheme",
    rf"/vocabulary/(?P<name>{_SLUG})": "concepts-of-scheme?kind={name}",
}
"""The question that gives the main statements of each page, by the pattern of its path."""
_THINGS = {
    rf"/doc/(?P<name>[a-z]+/{_SLUG})": ns.ID,
    "/ontology/terms/(?P<name>[A-Za-z0-9]+)": ns.CD,
    rf"/vocabulary/(?P<name>{_SLUG}/{_SLUG})": ns.VOCABULARY,
}
"""The namespaces of what other pages are about, by the patterns of their paths."""
_STATEMENTS = """SELECT ?property ?value ?graph WHERE {{
  GRAPH ?graph {{ {name} ?property ?value }}
}}
ORDER BY ?property ?value ?graph"""


def attach(app: Flask) -> None:
    """Let templates of an app link to the query of the current page."""
    app.jinja_env.globals["page_query_address"] = lambda: page_query_address(request.path, request.args)


def page_query_address(path: str, given: Mapping[str, str]) -> str:
    """Return the address of the question for the main statements of a page, or of the editor; empty where none is."""
    path = path.removesuffix(".html")
    for pattern, question in _QUESTIONS.items():
        if found := re.fullmatch(pattern, path):
            kind = given.get("kind", "") if path == "/disagreements" else ""
            if kind not in ("", *KINDS, "gap"):
                return ""
            return f"/queries/{question.format_map(found.groupdict())}" + (f"&kind={kind}" if kind else "")
    for pattern, namespace in _THINGS.items():
        if found := re.fullmatch(pattern, path):
            iri = namespace + found["name"]
            name = ns.compact(iri)
            query = _STATEMENTS.format(name=f"<{iri}>" if name == iri else name)
            return f"/sparql?{urlencode({'query': query})}"
    return ""
