"""Which representation a client gets for what it says it accepts, and what a server may not send (RFC 9110)."""

from __future__ import annotations

from urllib.parse import urlencode

import pytest

from tests.support.http import Ask

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv", "text/tab-separated-values"
TURTLE, TRIG, JSONLD = "text/turtle", "application/trig", "application/ld+json"
N_TRIPLES, N_QUADS, RDF_XML = "application/n-triples", "application/n-quads", "application/rdf+xml"
HTML = "text/html"
FIREFOX = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
CHROME = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,image/apng,*/*;q=0.8"
JENA = f"{TURTLE},{N_TRIPLES};q=0.9,{JSONLD};q=0.8,{RDF_XML};q=0.7,{N_QUADS},{TRIG};q=0.5,*/*;q=0.1"

PATHS = {
    "SELECT": "/sparql?" + urlencode({"query": "SELECT (1 AS ?n) {}"}),
    "ASK": "/sparql?" + urlencode({"query": "ASK {}"}),
    "CONSTRUCT": "/sparql?" + urlencode({"query": "CONSTRUCT WHERE { twinning:hangzhou-leeds ?p ?o }"}),
    "a canned query": "/queries/agreements",
    "an entity": "/id/twinning/hangzhou-leeds",
    "a graph": "/graph/report/table-1",
    "the ontology": "/ontology",
}

TABLES = {
    None: JSON,
    "*/*": JSON,
    "application/*": JSON,
    "text/*": CSV,
    JSON: JSON,
    XML: XML,
    CSV: CSV,
    TSV: TSV,
    "application/json": "application/json",
    "application/xml": "application/xml",
    "TEXT/CSV": CSV,
    f"{CSV}; charset=utf-8": CSV,
    f"{CSV};header=present": None,
    f"{CSV};q=0.5, {TSV}": TSV,
    f"{XML};q=0.9, {JSON};q=0.1": XML,
    f"{JSON};q=0, */*": XML,
    f"{JSON};q=0, application/*;q=0.5, {TSV};q=0.4": XML,
    f"{TURTLE}, {RDF_XML};q=0.9, */*;q=0.1": JSON,
    FIREFOX: HTML,
    CHROME: HTML,
    TURTLE: None,
    "image/png": None,
    "*/*;q=0": None,
}

GRAPHS = {
    None: TURTLE,
    "*/*": TURTLE,
    "application/*": TRIG,
    "text/*": TURTLE,
    TURTLE: TURTLE,
    TRIG: TRIG,
    JSONLD: JSONLD,
    N_TRIPLES: N_TRIPLES,
    N_QUADS: N_QUADS,
    RDF_XML: RDF_XML,
    "APPLICATION/LD+JSON": JSONLD,
    f"{TURTLE}; charset=utf-8": TURTLE,
    f"{TRIG};q=0.4, {TURTLE};q=0.3": TRIG,
    f"{TURTLE};q=0, {TRIG};q=0, */*;q=0.1": JSONLD,
    f"{RDF_XML}, */*;q=0.5": RDF_XML,
    JENA: TURTLE,
    FIREFOX: HTML,
    CHROME: HTML,
    CSV: None,
    "image/png": None,
    "*/*;q=0": None,
}

NO_TABLES_OF_BOOLEANS = {accept: wanted for accept, wanted in TABLES.items() if wanted not in (CSV, TSV)}
CASES = [
    *[(kind, accept, wanted) for kind in ("SELECT", "a canned query") for accept, wanted in TABLES.items()],
    *[("ASK", accept, wanted) for accept, wanted in {**NO_TABLES_OF_BOOLEANS, CSV: None, "text/*": HTML}.items()],
    *[
        (kind, accept, wanted)
        for kind in ("CONSTRUCT", "an entity", "a graph", "the ontology")
        for accept, wanted in GRAPHS.items()
    ],
]


@pytest.mark.parametrize(("kind", "accept", "wanted"), CASES)
@pytest.mark.drawn
def test_a_client_gets_what_it_prefers(ask: Ask, kind: str, accept: str | None, wanted: str | None) -> None:
    answer = ask("-L", "-H", "Accept:" if accept is None else f"Accept: {accept}", PATHS[kind])
    assert (answer.status, answer.type) == ((406, "application/problem+json") if wanted is None else (200, wanted))


@pytest.mark.parametrize("kind", PATHS)
def test_every_negotiated_answer_says_so(ask: Ask, kind: str) -> None:
    for accept in ("*/*", "image/png"):
        assert "accept" in ask("-H", f"Accept: {accept}", PATHS[kind]).listed("vary")
