"""The query behind a page: by its address, the main statements that it shows, to be changed in the editor."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from urllib.parse import urlencode

from flask import Flask, request
from pyoxigraph import Literal

from kg.objections import KINDS
from kg.rdf import namespaces as ns

_Write = Callable[[Mapping[str, str], Mapping[str, str]], str]
"""Writes the query of a page, from the parts of its path and its parameters."""

_NAMED = """SELECT ?thing ?name WHERE {{
  ?thing skos:prefLabel ?name .
  FILTER (STRSTARTS(STR(?thing), "{namespace}") && LANG(?name) = "en")
}}
ORDER BY ?name"""
_UNNAMED = """SELECT ?thing ?about WHERE {{
  ?thing a {kind} .
  OPTIONAL {{ ?thing cd:accountOf|cd:twin|rdf:subject|geo:asWKT ?about }}
}}
ORDER BY ?thing"""
_PASSAGE = f"{ns.ID}passage/"
_WITHOUT_NAMES = {
    "account": "cd:Account",
    "geometry": "geo:Geometry",
    "reference": "cd:StatementReference",
    "twinning": "cd:Twinning",
}
_STATEMENTS = """SELECT ?property ?value ?graph WHERE {{
  GRAPH ?graph {{ {name} ?property ?value }}
}}
ORDER BY ?property ?value ?graph"""
_OF_PASSAGE = """SELECT ?subject ?property ?value WHERE {{
  {{ {name} cd:statementGraph ?graph . GRAPH ?graph {{ ?subject ?property ?value }} }}
  UNION
  {{ VALUES ?subject {{ {name} }} ?subject ?property ?value }}
}}"""
_OF_GRAPH = """SELECT ?subject ?property ?value WHERE {{
  GRAPH {name} {{ ?subject ?property ?value }}
}}
LIMIT 1000"""
_PASSAGES = """SELECT ?passage ?label ?says WHERE {{
  ?passage a cd:Passage ; cd:order ?order ; skos:prefLabel ?label .
  FILTER (STRSTARTS(STR(?passage), "{passages}"))
  OPTIONAL {{ ?passage cd:paraphrase ?says FILTER (LANG(?says) = "en") }}
}}
ORDER BY ?order"""
_WORKS = """SELECT ?work (COUNT(DISTINCT ?passage) AS ?passages) WHERE {
  ?passage a cd:Passage ; dcterms:isPartOf ?work .
}
GROUP BY ?work"""
_TWINS = """SELECT ?city (COUNT(DISTINCT ?twin) AS ?twins) WHERE {
  ?city cd:twinnedWith ?twin .
}
GROUP BY ?city
ORDER BY DESC(?twins) ?city"""
_MAP = """SELECT ?city ?twin ?lat ?long WHERE {
  ?city cd:twinnedWith ?twin ; wgs84:lat ?lat ; wgs84:long ?long .
}"""
_PAIRS = {
    "twinnings": """SELECT ?city ?twin ?passage WHERE {
  ?twinning cd:twin ?city , ?twin .
  ?account cd:accountOf ?twinning ; cd:statedIn ?passage .
  FILTER (STR(?city) < STR(?twin))
}
ORDER BY ?city ?twin""",
    "memberships": """SELECT ?member ?network ?passage WHERE {
  ?membership cd:member ?member ; cd:network ?network .
  ?account cd:accountOf ?membership ; cd:statedIn ?passage .
}
ORDER BY ?member ?network""",
}
_DISAGREEMENTS = """SELECT ?disagreement ?kind ?explanation WHERE {{
  {kinds}?disagreement a cd:Disagreement ; cd:disagreementKind ?kind ; cd:explanation ?explanation .
  FILTER (LANG(?explanation) = "en")
}}
ORDER BY ?kind ?disagreement"""
_FOUND = """SELECT ?thing ?name WHERE {{
  ?thing skos:prefLabel|skos:altLabel|rdfs:label ?name .
  FILTER (CONTAINS(LCASE(STR(?name)), {text}))
}}
ORDER BY ?name"""
_TERMS = """SELECT ?term ?label ?definition WHERE {
  GRAPH graph:ontology { ?term rdfs:label ?label ; skos:definition ?definition }
  FILTER (LANG(?label) = "en" && LANG(?definition) = "en")
}
ORDER BY ?label"""
_SCHEMES = """SELECT ?scheme (COUNT(?concept) AS ?concepts) WHERE {
  ?concept skos:inScheme ?scheme .
}
GROUP BY ?scheme"""
_CONCEPTS = """SELECT ?concept ?label ?definition WHERE {{
  ?concept skos:inScheme {name} ; skos:prefLabel ?label ; skos:definition ?definition .
  FILTER (LANG(?label) = "en" && LANG(?definition) = "en")
}}
ORDER BY ?label"""
_SHAPES = """SELECT ?shape ?class WHERE {
  GRAPH graph:shapes { ?shape sh:targetClass ?class }
}
ORDER BY ?class"""
_GRAPHS = """SELECT ?graph (COUNT(*) AS ?statements) WHERE {
  GRAPH ?graph { ?subject ?property ?value }
}
GROUP BY ?graph
ORDER BY DESC(?statements)"""


def attach(app: Flask) -> None:
    """Let templates of an app link to the query of the current page."""
    app.jinja_env.globals["page_query_address"] = page_query_address


def page_query_address() -> str:
    """Return the address of the editor with the query of the current page; empty for a page without one."""
    query = page_query(request.path, request.args)
    return f"/sparql?{urlencode({'query': query})}" if query else ""


def page_query(path: str, given: Mapping[str, str]) -> str:
    """Return the query for the main statements of the page at a path; empty for a page without any."""
    for pattern, write in _PAGES:
        if found := pattern.fullmatch(path.removesuffix(".html")):
            return write(found.groupdict(), given)
    return ""


def _list(found: Mapping[str, str], given: Mapping[str, str]) -> str:
    kind = found["kind"]
    if kind not in ns.ENTITY_TYPES:
        return ""
    if kind in _WITHOUT_NAMES:
        return _UNNAMED.format(kind=_WITHOUT_NAMES[kind])
    return _NAMED.format(namespace=f"{ns.ID}{kind}/")


def _passages(found: Mapping[str, str], given: Mapping[str, str]) -> str:
    work, section = found.get("work"), given.get("section", "")
    of_section = f"section-{section}" if re.fullmatch(r"[0-9.]+", section) else ""
    return _PASSAGES.format(passages=f"{_PASSAGE}{f'{work}/' if work else ''}{of_section}")


def _disagreements(found: Mapping[str, str], given: Mapping[str, str]) -> str:
    kind = given.get("kind", "")
    if kind not in ("", *KINDS, "gap"):
        return ""
    return _DISAGREEMENTS.format(kinds=f"VALUES ?kind {{ disagreement-kind:{kind} }}\n  " if kind else "")


def _found(found: Mapping[str, str], given: Mapping[str, str]) -> str:
    text = " ".join(given.get("q", "").split()).lower()
    return _FOUND.format(text=Literal(text)) if text else ""


def _about(namespace: str, query: str = _STATEMENTS) -> _Write:
    """Return what writes a query about what a path names within a namespace."""
    return lambda found, given: query.format(name=_short(namespace + found["name"]))


def _short(iri: str) -> str:
    name = ns.compact(iri)
    return f"<{iri}>" if name == iri else name


def _always(query: str) -> _Write:
    return lambda found, given: query


_SLUG = ns.SLUG.pattern
_PAGES: tuple[tuple[re.Pattern[str], _Write], ...] = tuple(
    (re.compile(pattern), write)
    for pattern, write in (
        ("/", _always(_TWINS)),
        ("/map", _always(_MAP)),
        ("/search", _found),
        ("/doc/(?P<kind>[a-z]+)", _list),
        (rf"/doc/passage/(?P<name>{_SLUG}(?:/{_SLUG})?)", _about(_PASSAGE, _OF_PASSAGE)),
        (rf"/doc/(?P<name>[a-z]+/{_SLUG})", _about(ns.ID)),
        ("/report", _passages),
        ("/works", _always(_WORKS)),
        (rf"/works/(?P<work>{_SLUG})", _passages),
        ("/disagreements", _disagreements),
        *((f"/evidence/{name}", _always(query)) for name, query in _PAIRS.items()),
        ("/ontology", _always(_TERMS)),
        ("/ontology/terms/(?P<name>[A-Za-z0-9]+)", _about(ns.CD)),
        ("/vocabulary", _always(_SCHEMES)),
        (rf"/vocabulary/(?P<name>{_SLUG})", _about(ns.VOCABULARY, _CONCEPTS)),
        (rf"/vocabulary/(?P<name>{_SLUG}/{_SLUG})", _about(ns.VOCABULARY)),
        ("/shapes", _always(_SHAPES)),
        ("/dataset", _always(_GRAPHS)),
        (rf"/graph/(?P<name>{_SLUG}(?:/{_SLUG})*)", _about(ns.GRAPH, _OF_GRAPH)),
    )
)
