"""What is asked of each server: of ours by its own addresses, of its peers by the SPARQL that comes nearest."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import RdfFormat, parse

from bench import with_empty_view
from bench.load import NUMBER, Call
from bench.synthetic import CITY
from kg.queries import Question, find_query
from kg.rdf import namespaces as ns

JSON, CSV, TURTLE = "application/sparql-results+json", "text/csv", "text/turtle"
QUERY_PATH = {"ours": "/sparql", "oxigraph": "/query", "rdflib-endpoint": "/"}

AHEAD = 1_000
"""Cities of the graph whose documents are made ahead: few enough for all of them to be."""
FIRST = "small SELECT, new text each time"
EMPTY = "an empty view of ours beside it"
_CANNED = "cooperations-of-city"
_TWINS = f"SELECT ?twin ?label {{ ?t cd:twin city:{CITY}1 , ?twin . ?twin skos:prefLabel ?label }}"
_ROWS = "SELECT ?city ?label { ?city a cd:City ; skos:prefLabel ?label } LIMIT 10000"
_TRIPLES = "CONSTRUCT { ?t cd:twin ?city } WHERE { ?t a cd:Twinning ; cd:twin ?city } LIMIT 5000"
_MILLION = "SELECT ?a ?b { ?a a cd:City . ?b a cd:City } LIMIT 1000000"
_DESCRIPTION = f"""CONSTRUCT {{ ?s ?p ?o }} WHERE {{
  {{ VALUES ?s {{ city:{CITY}{NUMBER} }} }} UNION {{ ?s cd:twin city:{CITY}{NUMBER} }}
  UNION {{ ?t cd:twin city:{CITY}{NUMBER} . ?s cd:accountOf ?t }}
  ?s ?p ?o }}"""


@dataclass(frozen=True)
class Scenario:
    """A call to ours and the query for the peers. `cached`: an HTTP cache in front may answer it.

    `nearest`: the peers' answer is not the same, only as near as plain SPARQL comes. `ahead`: ours is a server that has
    made its documents before, of AHEAD cities.
    """

    name: str
    ours: Call
    peers: Call
    cached: bool = False
    nearest: bool = False
    ahead: bool = False

    def call(self, server: str) -> Call:
        """Return what to ask of a server by its name; nginx is asked what ours is."""
        if server not in QUERY_PATH or server == "ours":
            return self.ours
        return Call(QUERY_PATH[server] + self.peers.path, self.peers.accept, self.peers.cycle)


def scenarios(cities: int, etag: str) -> list[Scenario]:
    """Return what is measured, over a graph with so many synthetic cities; `etag` is that of `a_document`."""
    few_documents = Call(f"/doc/city/{CITY}{NUMBER}.ttl", TURTLE, AHEAD)
    fresh_document = Call(f"/doc/city/{CITY}{NUMBER}.ttl", TURTLE, cities)
    description, one_description = _peers(_DESCRIPTION, TURTLE, cities), _peers(_one(_DESCRIPTION), TURTLE)
    text = Question(find_query(_CANNED), {"city": f"{CITY}1"}).text()
    other_text = text.replace(f"{CITY}1", f"{CITY}{NUMBER}")
    other_canned = Call(f"/queries/{_CANNED}.json?city={CITY}{NUMBER}", JSON, cities)
    known = Call(a_document().path, TURTLE, headers=(("If-None-Match", etag),), status=304)
    return [
        _same(FIRST, _fresh(_TWINS), JSON),
        Scenario(
            EMPTY, Call(f"{with_empty_view.PATH}?{NUMBER}", "text/plain"), _peers(_fresh(_TWINS), JSON), nearest=True
        ),
        _same("small SELECT, repeated", _TWINS, JSON),
        Scenario(
            "canned query, another city each time",
            other_canned,
            _peers(other_text, JSON, cities),
        ),
        Scenario("canned query, repeated", a_canned_query(), _peers(text, JSON), cached=True),
        Scenario("entity as Turtle, not made ahead", fresh_document, description, nearest=True),
        Scenario("entity as Turtle, made ahead", few_documents, description, nearest=True, ahead=True),
        Scenario("entity as Turtle, repeated", a_document(), one_description, cached=True, nearest=True),
        Scenario("entity that the client has (304)", known, one_description, cached=True, nearest=True),
        _same("SELECT of 10,000 rows as JSON", _fresh(_ROWS), JSON),
        _same("SELECT of 10,000 rows as CSV", _fresh(_ROWS), CSV),
        _same("CONSTRUCT of 5,000 triples as Turtle", _fresh(_TRIPLES), TURTLE),
    ]


def a_document() -> Call:
    """Return the document that is asked for again and again."""
    return Call(f"/doc/city/{CITY}1.ttl", TURTLE)


def a_canned_query() -> Call:
    """Return the canned query that is asked for again and again."""
    return Call(f"/queries/{_CANNED}.json?city={CITY}1", JSON)


def a_small_query(server: str) -> Call:
    """Return a query that is answered at once."""
    return Call(QUERY_PATH[server] + _peers(_TWINS, JSON).path, JSON)


def small_query() -> str:
    """Return the small query as text, with its prefixes."""
    return _with_prefixes(_TWINS)


def a_million_rows(server: str) -> Call:
    """Return the query for a million rows as CSV."""
    return Call(QUERY_PATH[server] + _peers(_MILLION, CSV).path, CSV)


def items(body: bytes, media_type: str) -> int:
    """Return how many rows or triples an answer has; a check that two servers answer alike."""
    if media_type == JSON:
        return len(json.loads(body)["results"]["bindings"])
    if media_type == "text/plain":
        return 0
    if media_type == CSV:
        return sum(1 for _ in csv.reader(io.StringIO(body.decode()))) - 1
    return len({quad.triple for quad in parse(body, RdfFormat.TURTLE)})


def _same(name: str, query: str, media_type: str) -> Scenario:
    call = _peers(query, media_type)
    return Scenario(name, Call(QUERY_PATH["ours"] + call.path, media_type), call)


def _peers(query: str, media_type: str, cycle: int = 0) -> Call:
    """Return the call below the address at which a server takes queries."""
    encoded = quote(_with_prefixes(query)).replace(quote(NUMBER), NUMBER)
    return Call(f"?query={encoded}", media_type, cycle)


def _fresh(query: str) -> str:
    """Make each text another one: a number in a comment behind it, that no server can know."""
    return f"{query}\n# {NUMBER}"


def _one(query: str) -> str:
    return query.replace(NUMBER, "1")


def _with_prefixes(query: str) -> str:
    used = set(re.findall(r"\b([a-z][a-z0-9-]*):", query))
    lines = [f"PREFIX {prefix}: <{iri}>" for prefix, iri in ns.PREFIXES.items() if prefix in used]
    body = "\n".join(line for line in query.splitlines() if not line.startswith("#+"))
    return "\n".join([*lines, body])
