"""Asking /sparql as the SPARQL 1.1 Protocol has it, in each way, and what tests of it ask for.

The suite's data1, data2, data3 are Tables 1, 2, 3 of the report: each states something that the other two do not.
"""

from __future__ import annotations

import json
from urllib.parse import urlencode

from tests.support.curl import request
from tests.support.http import Answer as Received

BASE = "https://w3id.org/city-diplomacy/"
CD = BASE + "ontology#"
TABLE_1, TABLE_2, TABLE_3 = (f"{BASE}graph/report/table-{number}" for number in (1, 2, 3))
IN_TABLE_1 = f"<{BASE}id/absence/table-1--birmingham-china> a ?type1"
IN_TABLE_2 = f"<{BASE}id/account/table-2--twinning-birmingham-guangzhou> a ?type2"
IN_TABLE_3 = f"<{BASE}id/absence/table-3--barcelona-china> a ?type3"
NOBODY = "http://example.org/a-graph-that-is-not-here"

COUNT = "SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } }"

# 8 million rows: seconds for any engine, so that a deadline below one second always comes first, and yet it ends
_ROWS = " ".join(f"{{ SELECT ?o{i} WHERE {{ ?s{i} ?p{i} ?o{i} }} LIMIT 200 }}" for i in range(3))
HEAVY = f"SELECT (COUNT(*) AS ?n) WHERE {{ {_ROWS} FILTER (STRLEN(CONCAT(STR(?o0), STR(?o1), STR(?o2))) = 1) }}"

JSON, XML = "application/sparql-results+json", "application/sparql-results+xml"
CSV, TSV = "text/csv", "text/tab-separated-values"
TURTLE, PROBLEM = "text/turtle", "application/problem+json"
DIRECT, FORM = "application/sparql-query", "application/x-www-form-urlencoded"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"

RDF_TYPES = (TURTLE, "application/trig", "application/ld+json", "application/n-triples", "application/n-quads")
RDF_TYPES += ("application/rdf+xml",)
SELECT, ASK = "SELECT (1 AS ?value) {}", "ASK {}"
CONSTRUCT, DESCRIBE = "CONSTRUCT { <s> <p> 1 } WHERE {}", "DESCRIBE <http://example.org/>"

METHODS = {"GET", "HEAD", "POST", "QUERY", "OPTIONS"}
WAYS = ("GET", "POST form", "POST direct", "QUERY")


class Answer(Received):
    @property
    def boolean(self) -> bool:
        assert (self.status, self.type) == (200, JSON), self.body
        return bool(json.loads(self.body)["boolean"])

    @property
    def rows(self) -> list[dict[str, str]]:
        """The rows of a JSON result, values only."""
        assert (self.status, self.type) == (200, JSON), self.body
        found = json.loads(self.body)["results"]["bindings"]
        return [{name: value["value"] for name, value in row.items()} for row in found]

    @property
    def number(self) -> int:
        return int(self.rows[0]["n"])

    @property
    def problem(self) -> dict[str, object]:
        assert self.type == PROBLEM, (self.status, self.type, self.body)
        told: dict[str, object] = json.loads(self.body)
        assert {"type", "title", "status", "detail"} <= set(told)
        assert told["status"] == self.status
        return told


def ask(*arguments: str) -> Answer:
    answer = request(*arguments)
    return Answer(answer.status, answer.headers, answer.body)


def url(address: str, *parameters: tuple[str, str]) -> str:
    return f"{address}/sparql" + (f"?{urlencode(parameters)}" if parameters else "")


def accept(media_type: str) -> tuple[str, str]:
    return "-H", f"Accept: {media_type}"


def content(media_type: str) -> tuple[str, str]:
    return "-H", f"Content-Type: {media_type}"


def get(address: str, query: str, *parameters: tuple[str, str], options: tuple[str, ...] = ()) -> Answer:
    return ask(*options, url(address, ("query", query), *parameters))


def sent(way: str, address: str, query: str, *parameters: tuple[str, str], options: tuple[str, ...] = ()) -> Answer:
    """Send a query in one of the WAYS; other parameters go where that way puts them."""
    if way == "GET":
        return get(address, query, *parameters, options=options)
    if way == "POST form":
        form = urlencode([("query", query), *parameters])
        return ask(*options, *content(FORM), "--data-binary", form, url(address))
    method = "QUERY" if way == "QUERY" else "POST"
    return ask(*options, "-X", method, *content(DIRECT), "--data-binary", query, url(address, *parameters))


def default(*graphs: str) -> list[tuple[str, str]]:
    return [("default-graph-uri", graph) for graph in graphs]


def named(*graphs: str) -> list[tuple[str, str]]:
    return [("named-graph-uri", graph) for graph in graphs]


def in_graph(variable: str, pattern: str) -> str:
    return f"GRAPH ?{variable} {{ {pattern} }}"
