"""What is asked of each server: of ours by its own addresses, of its peers by the SPARQL that comes nearest."""

from __future__ import annotations

import random
import re
from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import quote

from pyoxigraph import DefaultGraph, NamedNode, Store

from bench.load import NUMBER, Call
from kg.queries import Question, find_query
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, RDF

JSON, CSV, TURTLE = "application/sparql-results+json", "text/csv", "text/turtle"
QUERY_PATH = {"oxigraph": "/query"}
"""Where peers take queries; ours is asked at /sparql."""

CANNED = "cooperations-of-city"
THINGS = 150
_TWINS = "SELECT ?twin ?label { ?t cd:twin city:birmingham , ?twin . ?twin skos:prefLabel ?label }"
_ROWS = "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 10000"
_TRIPLES = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 5000"


@dataclass(frozen=True)
class Scenario:
    """A call to ours and the query for the peers. `kept`: ours may answer it with an answer that it has ready."""

    name: str
    ours: Call
    peers: Call
    kept: bool = False

    def call(self, server: str) -> Call:
        """Return what to ask of a server, by its name."""
        if server not in QUERY_PATH:
            return self.ours
        paths = tuple(QUERY_PATH[server] + path for path in self.peers.paths)
        return Call(paths, self.peers.accept)


def scenarios(store: Store) -> list[Scenario]:
    """Return what is measured over a graph."""
    cities = sorted(_names(store, CD.City))
    query = find_query(CANNED)
    texts = [Question(query, {"city": f"city:{name}"}).text() for name in ("birmingham", *cities)]
    birmingham, *canned = (f"/queries/{CANNED}.json?thing=city:{name}" for name in ("birmingham", *cities))
    return [
        _query("small SELECT, new text each time", f"{_TWINS}\n# {NUMBER}", JSON),
        _query("small SELECT, repeated", _TWINS, JSON, kept=True),
        Scenario("canned query, a new value each time", Call(tuple(canned), JSON), _asked(texts[1:], JSON)),
        Scenario("canned query, repeated", Call((birmingham,), JSON), _asked(texts[:1], JSON), kept=True),
        _query("SELECT of 10,000 rows as JSON", f"{_ROWS}\n# {NUMBER}", JSON),
        _query("SELECT of 10,000 rows as CSV", f"{_ROWS}\n# {NUMBER}", CSV),
        _query("CONSTRUCT of 5,000 triples as Turtle", f"{_TRIPLES}\n# {NUMBER}", TURTLE),
    ]


def documents(store: Store) -> dict[str, list[str]]:
    """Return the paths of documents that are asked for, by what they are about."""
    things = sorted({subject for subject in _subjects(store) if subject.startswith(ns.ID)})
    drawn = random.Random(2016).sample(things, min(THINGS, len(things)))
    about = {
        "Birmingham": [f"{ns.ID}city/birmingham"],
        "London": [f"{ns.ID}city/london"],
        f"{len(drawn)} things": drawn,
    }
    return {name: [f"/doc/{quote(iri.removeprefix(ns.ID))}.ttl" for iri in iris] for name, iris in about.items()}


FIRST_ANSWERS = {
    "/healthz": "/healthz",
    "canned query": f"/queries/{CANNED}.json?thing=city:birmingham",
    "SPARQL": "/sparql?query=ASK%7B%7D",
}
"""The addresses whose first answer after a start is waited for."""


def _query(name: str, query: str, media_type: str, *, kept: bool = False) -> Scenario:
    call = _asked([query], media_type)
    return Scenario(name, Call(tuple(f"/sparql{path}" for path in call.paths), media_type), call, kept)


def _asked(queries: Iterable[str], media_type: str) -> Call:
    """Return the call below the address at which a server takes queries."""
    texts = (quote(_with_prefixes(query)).replace(quote(NUMBER), NUMBER) for query in queries)
    return Call(tuple(f"?query={text}" for text in texts), media_type)


def _with_prefixes(query: str) -> str:
    used = set(re.findall(r"\b([a-z][a-z0-9-]*):", query))
    lines = [f"PREFIX {prefix}: <{iri}>" for prefix, iri in ns.PREFIXES.items() if prefix in used]
    body = "\n".join(line for line in query.splitlines() if not line.startswith("#+"))
    return "\n".join([*lines, body])


def _names(store: Store, kind: NamedNode) -> Iterable[str]:
    return (subject.rpartition("/")[2] for subject in _subjects(store, kind) if subject.startswith(ns.ID))


def _subjects(store: Store, kind: NamedNode | None = None) -> Iterable[str]:
    """Return the IRIs of the things of the default graph that have a class, or this one."""
    for quad in match(store, None, RDF.type, None, DefaultGraph()):
        if kind in (None, quad.object) and isinstance(quad.subject, NamedNode):
            yield quad.subject.value
