"""SPARQL 1.1 Protocol, query operation, against a running server, asked as curl asks.

Written from the documents, not from our code: the W3C protocol and service description test suites (each case has
its counterpart here; `W3C:` names it), the RFCs on HTTP, and the contract. The suite's data1, data2, data3 are
Tables 1, 2, 3 of the report here: each states something that the other two do not.
"""

from __future__ import annotations

import csv
import http.client
import io
import json
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode, urlsplit
from xml.etree import ElementTree

import pytest
from pyoxigraph import NamedNode, QueryResultsFormat, QuerySolutions, RdfFormat, Triple, parse, parse_query_results

from kg.store.data_folder import DataFolder
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
COUNT_TWINS = f"SELECT (COUNT(*) AS ?n) WHERE {{ ?t <{CD}twin> ?a . ?t <{CD}twin> ?b }}"

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
IN_CHINESE = 'SELECT ("北京" AS ?name) {}'

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


@pytest.fixture(scope="session")
def everything(folder: DataFolder) -> dict[str, set[Triple]]:
    """The triples of each named graph, read from the N-Quads that `citykg export` writes."""
    command = [str(Path(sys.executable).parent / "citykg"), "export", "--data", str(folder.path), "--format", "nq"]
    written = subprocess.run(command, capture_output=True, check=True).stdout
    graphs: dict[str, set[Triple]] = {}
    for quad in parse(written, RdfFormat.N_QUADS):
        assert isinstance(quad.graph_name, NamedNode)
        graphs.setdefault(quad.graph_name.value, set()).add(quad.triple)
    return graphs


@pytest.fixture(scope="session")
def tables(everything: dict[str, set[Triple]]) -> dict[str, set[Triple]]:
    """The triples of the three tables."""
    return {graph: everything[graph] for graph in (TABLE_1, TABLE_2, TABLE_3)}


@pytest.fixture
def canary() -> Iterator[socket.socket]:
    """A listener that nobody may reach; `untouched` tells."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def home_of(canary: socket.socket) -> str:
    return f"http://127.0.0.1:{canary.getsockname()[1]}/data.ttl"


def untouched(canary: socket.socket) -> bool:
    try:
        canary.accept()
    except BlockingIOError:
        return True
    return False


# The query operation (2.1): four ways to ask


@pytest.mark.parametrize("way", WAYS)
def test_an_ask_is_answered_in_each_way(address: str, way: str) -> None:
    """W3C: query_get, query_post_form, query_post_direct. An unknown graph is an empty one."""
    assert sent(way, address, ASK).boolean is True
    assert sent(way, address, ASK, *default(NOBODY)).boolean is True


@pytest.mark.parametrize("way", WAYS)
def test_each_way_gives_the_same_answer(address: str, way: str) -> None:
    wanted = f"SELECT ?a ?b WHERE {{ ?t <{CD}twin> ?a , ?b FILTER (STR(?a) < STR(?b)) }} ORDER BY ?a ?b"
    rows = sent(way, address, wanted).rows
    assert len(rows) > 10
    assert rows == get(address, wanted).rows


@pytest.mark.parametrize("way", WAYS)
def test_a_query_in_any_script_arrives_as_it_was_sent(address: str, way: str) -> None:
    text = "北京 & é+%25;#=?"
    assert sent(way, address, f'SELECT ("{text}" AS ?said) {{}}').rows == [{"said": text}]


@pytest.mark.parametrize("way", ["GET", "POST form"])
def test_a_plus_is_a_space_and_the_order_of_parameters_is_free(address: str, way: str) -> None:
    encoded = f"default-graph-uri={quote(TABLE_1, safe='')}&query=ASK+%7B+{quote(IN_TABLE_1).replace('%20', '+')}+%7D"
    where = ["--data-binary", encoded, url(address)] if way == "POST form" else [f"{url(address)}?{encoded}"]
    assert ask(*where).boolean is True


@pytest.mark.parametrize(
    "media_type",
    [
        f"{DIRECT}; charset=UTF-8",
        f"{DIRECT};charset=utf-8",
        f'{DIRECT}; charset="utf-8"',
        "Application/SPARQL-Query",
    ],
)
@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_a_content_type_is_read_whatever_its_case_and_with_its_charset(
    address: str, method: str, media_type: str
) -> None:
    assert ask("-X", method, *content(media_type), "--data-binary", ASK, url(address)).boolean is True


def test_a_form_may_say_its_charset(address: str) -> None:
    form = urlencode({"query": ASK})
    assert ask(*content(f"{FORM}; charset=UTF-8"), "--data-binary", form, url(address)).boolean is True


def test_a_body_may_come_in_chunks(address: str) -> None:
    chunked = ("-H", "Transfer-Encoding: chunked")
    assert ask(*chunked, *content(DIRECT), "--data-binary", ASK, url(address)).boolean is True


# The data set (2.1.4)


@pytest.mark.parametrize("way", WAYS)
def test_several_default_graphs_are_read_together(address: str, way: str) -> None:
    """W3C: query_dataset_default_graphs_get, query_dataset_default_graphs_post."""
    both = f"ASK {{ {IN_TABLE_1} . {IN_TABLE_2} }}"
    assert sent(way, address, both, *default(TABLE_1, TABLE_2)).boolean is True
    assert sent(way, address, both, *default(TABLE_1)).boolean is False
    assert sent(way, address, both, *default(TABLE_1, TABLE_3)).boolean is False


@pytest.mark.parametrize("way", WAYS)
def test_several_named_graphs_are_each_under_their_name(address: str, way: str) -> None:
    """W3C: query_dataset_named_graphs_get, query_dataset_named_graphs_post."""
    both = f"ASK {{ {in_graph('g1', IN_TABLE_1)} {in_graph('g2', IN_TABLE_2)} }}"
    assert sent(way, address, both, *named(TABLE_1, TABLE_2)).boolean is True
    assert sent(way, address, both, *named(TABLE_1)).boolean is False


@pytest.mark.parametrize("way", WAYS)
def test_default_and_named_graphs_make_a_whole_data_set(address: str, way: str) -> None:
    """W3C: query_dataset_full."""
    whole = f"ASK {{ {IN_TABLE_3} {in_graph('g1', IN_TABLE_1)} {in_graph('g2', IN_TABLE_2)} }}"
    assert sent(way, address, whole, *default(TABLE_3), *named(TABLE_1, TABLE_2)).boolean is True
    assert sent(way, address, whole, *default(TABLE_1), *named(TABLE_1, TABLE_2)).boolean is False


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("parameters", "held"),
    [
        pytest.param(default(TABLE_1), ({1}, set()), id="only default: no named graphs"),
        pytest.param(default(TABLE_1, TABLE_2), ({1, 2}, set()), id="several default: no named graphs"),
        pytest.param(named(TABLE_1), (set(), {1}), id="only named: an empty default graph"),
        pytest.param(named(TABLE_2, TABLE_3), (set(), {2, 3}), id="several named: an empty default graph"),
        pytest.param([*default(TABLE_1), *named(TABLE_2)], ({1}, {2}), id="one of each"),
        pytest.param([*default(TABLE_1), *named(TABLE_1)], ({1}, {1}), id="one graph in both places"),
        pytest.param(default(NOBODY), (set(), set()), id="an unknown default graph"),
        pytest.param(named(NOBODY), (set(), set()), id="an unknown named graph"),
    ],
)
def test_the_given_graphs_are_the_data_set_and_nothing_else(
    address: str,
    tables: dict[str, set[Triple]],
    way: str,
    parameters: list[tuple[str, str]],
    held: tuple[set[int], set[int]],
) -> None:
    """`held`: the tables in the default graph, and those under their name."""
    in_default, under_a_name = held
    triples = dict(enumerate(tables.values(), 1))
    assert sent(way, address, COUNT, *parameters).number == len(set().union(*(triples[n] for n in in_default)))
    names = sent(way, address, "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?s ?p ?o } }", *parameters).rows
    assert {row["g"] for row in names} == {f"{BASE}graph/report/table-{n}" for n in under_a_name}
    assert sent(way, address, COUNT_NAMED, *parameters).number == sum(len(triples[n]) for n in under_a_name)


FROM_3 = f"FROM <{TABLE_3}> FROM NAMED <{TABLE_3}>"


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("parameters", "pattern", "holds"),
    [
        pytest.param(default(TABLE_1), IN_TABLE_1, True, id="the given default graph is read"),
        pytest.param(default(TABLE_1), IN_TABLE_3, False, id="FROM is not"),
        pytest.param(default(TABLE_1), in_graph("g", IN_TABLE_3), False, id="nor FROM NAMED"),
        pytest.param(named(TABLE_2), in_graph("g", IN_TABLE_2), True, id="the given named graph is read"),
        pytest.param(named(TABLE_2), in_graph("g", IN_TABLE_3), False, id="FROM NAMED is not"),
        pytest.param(named(TABLE_2), IN_TABLE_3, False, id="nor FROM"),
        pytest.param(
            named(TABLE_1, TABLE_2),
            f"{in_graph('g1', IN_TABLE_1)} {in_graph('g2', IN_TABLE_2)}",
            True,
            id="W3C: query_multiple_dataset",
        ),
    ],
)
def test_the_data_set_of_the_request_replaces_that_of_the_query(
    address: str, way: str, parameters: list[tuple[str, str]], pattern: str, holds: bool
) -> None:
    assert sent(way, address, f"ASK {FROM_3} {{ {pattern} }}", *parameters).boolean is holds


@pytest.mark.parametrize(
    ("clauses", "in_default", "under_a_name"),
    [
        pytest.param(f"FROM <{TABLE_1}>", [TABLE_1], [], id="FROM alone: no named graphs"),
        pytest.param(f"FROM NAMED <{TABLE_1}>", [], [TABLE_1], id="FROM NAMED alone: an empty default graph"),
        pytest.param(f"FROM <{TABLE_1}> FROM <{TABLE_2}>", [TABLE_1, TABLE_2], [], id="several FROM"),
        pytest.param(f"FROM <{TABLE_1}> FROM NAMED <{TABLE_2}>", [TABLE_1], [TABLE_2], id="both"),
        pytest.param(f"FROM <{NOBODY}>", [], [], id="an unknown graph"),
    ],
)
def test_from_and_from_named_decide_where_the_request_does_not(
    address: str, tables: dict[str, set[Triple]], clauses: str, in_default: list[str], under_a_name: list[str]
) -> None:
    """SPARQL 1.1 Query, 13.2."""
    plain, by_name = COUNT.replace("WHERE", f"{clauses} WHERE"), COUNT_NAMED.replace("WHERE", f"{clauses} WHERE")
    assert get(address, plain).number == len(set().union(*(tables[graph] for graph in in_default)))
    assert get(address, by_name).number == sum(len(tables[graph]) for graph in under_a_name)


@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri"])
def test_a_form_may_have_its_data_set_in_the_address(address: str, parameter: str) -> None:
    """W3C: query_post_form."""
    pattern = IN_TABLE_1 if parameter == "default-graph-uri" else in_graph("g", IN_TABLE_1)
    form = urlencode({"query": f"ASK {{ {pattern} }}"})
    assert ask("--data-binary", form, url(address, (parameter, TABLE_1))).boolean is True
    assert ask("--data-binary", form, url(address, (parameter, TABLE_2))).boolean is False


def test_a_data_set_may_be_partly_in_the_address_and_partly_in_the_form(address: str) -> None:
    form = urlencode([("query", f"ASK {{ {IN_TABLE_1} . {IN_TABLE_2} }}"), *default(TABLE_2)])
    assert ask("--data-binary", form, url(address, *default(TABLE_1))).boolean is True


@pytest.mark.parametrize("how", ["parameters", "FROM"])
def test_several_default_graphs_count_each_triple_once(address: str, tables: dict[str, set[Triple]], how: str) -> None:
    both = tables[TABLE_1] | tables[TABLE_2]
    assert len(both) < len(tables[TABLE_1]) + len(tables[TABLE_2]), "tables that share no triple prove nothing"
    assert _count(address, how, COUNT, TABLE_1, TABLE_2) == len(both)


@pytest.mark.parametrize("how", ["parameters", "FROM"])
def test_a_self_join_over_several_default_graphs_counts_each_pair_once(
    address: str, tables: dict[str, set[Triple]], how: str
) -> None:
    twins: dict[object, int] = {}
    for triple in tables[TABLE_1] | tables[TABLE_2]:
        if triple.predicate == NamedNode(CD + "twin"):
            twins[triple.subject] = twins.get(triple.subject, 0) + 1
    assert _count(address, how, COUNT_TWINS, TABLE_1, TABLE_2) == sum(n * n for n in twins.values())


@pytest.mark.parametrize("how", ["parameters", "FROM"])
def test_a_graph_given_twice_is_read_once(address: str, tables: dict[str, set[Triple]], how: str) -> None:
    assert _count(address, how, COUNT, TABLE_1, TABLE_1) == len(tables[TABLE_1])


def _count(address: str, how: str, query: str, *graphs: str) -> int:
    if how == "parameters":
        return get(address, query, *default(*graphs)).number
    return get(address, query.replace("WHERE", " ".join(f"FROM <{graph}>" for graph in graphs) + " WHERE")).number


def test_all_graphs_of_the_report_given_one_by_one_are_their_set_union(
    address: str, everything: dict[str, set[Triple]]
) -> None:
    passages = [graph for graph in everything if graph.startswith(BASE + "graph/report/")]
    union = set().union(*(everything[graph] for graph in passages))
    assert sent("POST form", address, COUNT, *default(*passages)).number == len(union)


def test_the_virtual_graph_of_the_report_is_the_set_union_of_all_passages(
    address: str, everything: dict[str, set[Triple]]
) -> None:
    passages = [graph for graph in everything if graph.startswith(BASE + "graph/report/")]
    union = set().union(*(everything[graph] for graph in passages))
    assert get(address, COUNT, *default(BASE + "graph/report")).number == len(union)


def test_without_a_data_set_the_default_graph_is_the_set_union_but_for_shapes_and_history(
    address: str, everything: dict[str, set[Triple]]
) -> None:
    left_out = {BASE + "graph/shapes", BASE + "graph/history"}
    union = set().union(*(triples for graph, triples in everything.items() if graph not in left_out))
    assert get(address, COUNT).number == len(union)
    assert get(address, COUNT_NAMED).number == sum(len(triples) for triples in everything.values())


def test_graphs_of_the_request_are_never_fetched(address: str, canary: socket.socket) -> None:
    far = home_of(canary)
    assert get(address, COUNT, *default(far)).number == 0
    assert get(address, COUNT_NAMED, *named(far)).number == 0
    assert get(address, COUNT.replace("WHERE", f"FROM <{far}> WHERE")).number == 0
    assert untouched(canary)


# The content type of an answer (2.1.5, RFC 9110 section 12)


@pytest.mark.parametrize(
    ("query", "types"),
    [
        pytest.param(SELECT, {JSON, XML, CSV, TSV}, id="W3C: query_content_type_select"),
        pytest.param(ASK, {JSON, XML}, id="W3C: query_content_type_ask"),
        pytest.param(DESCRIBE, set(RDF_TYPES), id="W3C: query_content_type_describe"),
        pytest.param(CONSTRUCT, set(RDF_TYPES), id="W3C: query_content_type_construct"),
    ],
)
@pytest.mark.parametrize("header", [("-H", "Accept:"), accept("*/*")], ids=["no Accept", "any type"])
def test_an_answer_without_wishes_is_of_a_standard_type_for_its_form(
    address: str, query: str, types: set[str], header: tuple[str, str]
) -> None:
    answer = sent("POST direct", address, query, *default(NOBODY), options=header)
    assert answer.status == 200
    assert answer.type in types
    assert answer.type == (JSON if query in (SELECT, ASK) else TURTLE)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize(
    ("query", "wish", "told"),
    [
        *[pytest.param(SELECT, wish, wish, id=f"select {wish}") for wish in (JSON, XML, CSV, TSV)],
        *[pytest.param(ASK, wish, wish, id=f"ask {wish}") for wish in (JSON, XML)],
        *[pytest.param(CONSTRUCT, wish, wish, id=f"construct {wish}") for wish in RDF_TYPES],
        *[pytest.param(DESCRIBE, wish, wish, id=f"describe {wish}") for wish in RDF_TYPES],
        pytest.param(SELECT, "text/html", "text/html", id="select text/html"),
        pytest.param(CONSTRUCT, "text/html", "text/html", id="construct text/html"),
    ],
)
def test_each_form_of_query_comes_in_each_of_its_types(
    address: str, way: str, query: str, wish: str, told: str
) -> None:
    answer = sent(way, address, query, options=accept(wish))
    assert (answer.status, answer.type) == (200, told)
    assert "accept" in answer.listed("vary")


@pytest.mark.parametrize(("wish", "same_as"), [("application/json", JSON), ("application/xml", XML)])
@pytest.mark.parametrize("query", [SELECT, ASK])
def test_the_general_types_are_there_for_whom_asks(address: str, query: str, wish: str, same_as: str) -> None:
    answer = get(address, query, options=accept(wish))
    assert answer.status == 200
    assert answer.type in (wish, same_as)
    assert answer.body == get(address, query, options=accept(same_as)).body


@pytest.mark.parametrize(
    ("query", "wish", "told"),
    [
        pytest.param(SELECT, f"{JSON};q=0.1, {CSV}", CSV, id="the higher q wins"),
        pytest.param(SELECT, f"{CSV};q=0.5, {XML};q=0.501", XML, id="by a thousandth"),
        pytest.param(SELECT, f"*/*, {JSON};q=0, text/html;q=0", XML, id="q=0 excludes, our order decides the rest"),
        pytest.param(SELECT, f"*/*;q=0.1, {TSV};q=0.2", TSV, id="a type beats a wildcard of lower q"),
        pytest.param(SELECT, f"{CSV};q=0.1, */*;q=0.2, text/*;q=0", JSON, id="the most specific range has the say"),
        pytest.param(SELECT, "text/*, text/html;q=0, text/csv;q=0", TSV, id="a part of a family excluded"),
        pytest.param(SELECT, "APPLICATION/SPARQL-RESULTS+XML", XML, id="case does not matter"),
        pytest.param(SELECT, f" {XML} ; q=1.0 ,, {JSON} ; q=0.2", XML, id="blanks and empty members do not either"),
        pytest.param(SELECT, f"{TURTLE}, {XML};q=0.1", XML, id="what the form cannot have is passed over"),
        pytest.param(SELECT, f"image/png, {CSV};q=0.1", CSV, id="what nobody has is passed over"),
        pytest.param(SELECT, BROWSER, "text/html", id="a browser gets a page"),
        pytest.param(CONSTRUCT, BROWSER, "text/html", id="a browser gets a page of a graph"),
        pytest.param(CONSTRUCT, f"{TURTLE};q=0.8, application/rdf+xml", "application/rdf+xml", id="RDF by q"),
        pytest.param(CONSTRUCT, f"{JSON}, {XML}, {TURTLE};q=0.1", TURTLE, id="a graph for whom takes both"),
        pytest.param(CONSTRUCT, f"*/*, {TURTLE};q=0, text/html;q=0", "application/trig", id="all but Turtle"),
        pytest.param(
            SELECT,
            f"{JSON}, {XML};q=0.9, {TSV};q=0.7, {CSV};q=0.5, application/json;q=0.2, application/xml;q=0.2, */*;q=0.1",
            JSON,
            id="the header of Jena",
        ),
    ],
)
def test_accept_decides_as_rfc_9110_says(address: str, query: str, wish: str, told: str) -> None:
    answer = get(address, query, options=accept(wish))
    assert (answer.status, answer.type) == (200, told)


def test_several_accept_headers_are_one_list(address: str) -> None:
    assert get(address, SELECT, options=(*accept("image/png"), *accept(CSV))).type == CSV


@pytest.mark.parametrize(
    ("query", "wish", "on_offer", "not_on_offer"),
    [
        pytest.param(SELECT, TURTLE, JSON, TURTLE, id="RDF for a SELECT"),
        pytest.param(SELECT, ", ".join(RDF_TYPES), CSV, TURTLE, id="all RDF types for a SELECT"),
        pytest.param(ASK, CSV, XML, CSV, id="no booleans in CSV"),
        pytest.param(ASK, TSV, XML, TSV, id="no booleans in TSV"),
        pytest.param(ASK, TURTLE, JSON, TURTLE, id="RDF for an ASK"),
        pytest.param(CONSTRUCT, JSON, TURTLE, JSON, id="a table for a CONSTRUCT"),
        pytest.param(DESCRIBE, CSV, TURTLE, CSV, id="a table for a DESCRIBE"),
        pytest.param(SELECT, "image/png", JSON, "image/png", id="a picture"),
        pytest.param(SELECT, "*/*;q=0", JSON, TURTLE, id="nothing at all"),
    ],
)
def test_nothing_acceptable_is_a_406_that_names_what_there_is(
    address: str, query: str, wish: str, on_offer: str, not_on_offer: str
) -> None:
    answer = get(address, query, options=accept(wish))
    assert answer.status == 406
    assert "accept" in answer.listed("vary")
    told = json.dumps(answer.problem)
    assert on_offer in told
    assert not_on_offer not in told


def test_nothing_acceptable_is_found_out_before_the_query_runs(address: str) -> None:
    assert get(address, HEAVY, ("timeout", "1"), options=accept(TURTLE)).status == 406


def test_tables_in_each_type_hold_the_same_rows(address: str) -> None:
    wanted = f"SELECT ?t ?a WHERE {{ ?t <{CD}twin> ?a }}"
    expected = sorted((row["t"], row["a"]) for row in get(address, wanted).rows)
    xml = parse_query_results(get(address, wanted, options=accept(XML)).body, QueryResultsFormat.XML)
    assert isinstance(xml, QuerySolutions)
    assert sorted((row["t"].value, row["a"].value) for row in xml) == expected
    as_csv = list(csv.reader(io.StringIO(get(address, wanted, options=accept(CSV)).body.decode(), newline="")))
    assert (as_csv[0], sorted((t, a) for t, a in as_csv[1:])) == (["t", "a"], expected)
    first, *lines = get(address, wanted, options=accept(TSV)).body.decode().splitlines()
    assert first == "?t\t?a"
    assert sorted(tuple(cell.strip("<>") for cell in line.split("\t")) for line in lines) == expected


def test_graphs_in_each_type_hold_the_same_triples(address: str, tables: dict[str, set[Triple]]) -> None:
    wanted = "CONSTRUCT WHERE { ?s ?p ?o }"
    for media_type in RDF_TYPES:
        answer = get(address, wanted, *default(TABLE_1, TABLE_2), options=accept(media_type))
        triples = [quad.triple for quad in parse(answer.body, RdfFormat.from_media_type(media_type))]
        assert len(triples) == len(set(triples))
        assert set(triples) == tables[TABLE_1] | tables[TABLE_2], media_type


@pytest.mark.parametrize("media_type", [CSV, TSV, "text/html"])
def test_a_text_type_says_that_it_is_utf8(address: str, media_type: str) -> None:
    """Without it, clients read text/… as ASCII or Latin-1 (CSV and TSV Formats, 4; RFC 4180)."""
    answer = get(address, IN_CHINESE, options=accept(media_type))
    assert "北京" in answer.body.decode("utf-8")
    assert answer.headers["content-type"].lower().replace(" ", "") == f"{media_type};charset=utf-8"


@pytest.mark.parametrize(
    ("query", "wish"),
    [
        pytest.param('SELECT ("a\\u0001b" AS ?x) {}', XML, id="a control character in a result"),
        pytest.param('CONSTRUCT { <s> <p> "a\\u0001b" } {}', "application/rdf+xml", id="in a graph"),
        pytest.param("CONSTRUCT { <s> <http://example.org/1> 1 } {}", "application/rdf+xml", id="no XML name"),
    ],
)
def test_xml_is_well_formed_or_refused(address: str, query: str, wish: str) -> None:
    answer = get(address, query, options=accept(wish))
    if answer.status == 200:
        ElementTree.fromstring(answer.body)
    else:
        assert answer.problem["status"] in (400, 406, 422)


@pytest.mark.parametrize(
    ("query", "name", "told"),
    [
        (SELECT, "json", JSON),
        (SELECT, "xml", XML),
        (SELECT, "csv", CSV),
        (SELECT, "tsv", TSV),
        (SELECT, "html", "text/html"),
        (CONSTRUCT, "ttl", TURTLE),
        (CONSTRUCT, "trig", "application/trig"),
        (CONSTRUCT, "jsonld", "application/ld+json"),
        (CONSTRUCT, "nt", "application/n-triples"),
        (CONSTRUCT, "nq", "application/n-quads"),
        (CONSTRUCT, "rdf", "application/rdf+xml"),
    ],
)
@pytest.mark.parametrize("way", WAYS)
def test_format_decides_whatever_the_client_accepts(address: str, way: str, query: str, name: str, told: str) -> None:
    answer = sent(way, address, query, ("format", name), options=accept("image/png"))
    assert (answer.status, answer.type) == (200, told)


@pytest.mark.parametrize(
    ("query", "name", "named"), [(SELECT, "docx", "csv"), (SELECT, "ttl", "csv"), (ASK, "csv", "json")]
)
def test_a_format_that_does_not_fit_is_refused_and_those_that_do_are_named(
    address: str, query: str, name: str, named: str
) -> None:
    answer = get(address, query, ("format", name))
    assert answer.status in (400, 406)
    assert named in json.dumps(answer.problem)


# Relative IRIs


@pytest.mark.parametrize(
    "header",
    [
        (),
        ("-H", "Host: elsewhere.example"),
        ("-H", "X-Forwarded-Host: elsewhere.example", "-H", "X-Forwarded-Proto: https"),
        ("-H", "Forwarded: host=elsewhere.example;proto=https"),
    ],
    ids=["plain", "Host", "X-Forwarded-Host", "Forwarded"],
)
@pytest.mark.parametrize("parameters", [[], default(TABLE_1), default(TABLE_1, TABLE_2)], ids=["", "one", "several"])
@pytest.mark.parametrize("way", WAYS)
def test_relative_iris_resolve_against_the_public_base(
    address: str, way: str, parameters: list[tuple[str, str]], header: tuple[str, ...]
) -> None:
    """W3C: update_base_uri, for queries; without a data set, with one and with several default graphs."""
    answer = sent(way, address, "SELECT (<id/city/leeds> AS ?x) {}", *parameters, options=header)
    assert answer.rows == [{"x": BASE + "id/city/leeds"}]


def test_relative_iris_in_from_resolve_against_the_public_base(address: str) -> None:
    assert get(address, f"ASK FROM <graph/report/table-1> {{ {IN_TABLE_1} }}").boolean is True


def test_the_base_of_a_query_goes_before_the_public_one(address: str) -> None:
    assert get(address, "BASE <http://example.org/a/> SELECT (<b> AS ?x) {}").rows == [{"x": "http://example.org/a/b"}]


def test_a_constructed_graph_has_absolute_iris(address: str) -> None:
    answer = get(address, CONSTRUCT, options=accept("application/n-triples"))
    (triple,) = (quad.triple for quad in parse(answer.body, RdfFormat.N_TRIPLES))
    assert (triple.subject, triple.predicate) == (NamedNode(BASE + "s"), NamedNode(BASE + "p"))


# Requests that are refused


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
@pytest.mark.parametrize("asked", [[], [("query", ASK)]], ids=["alone", "with a query"])
def test_another_method_is_a_405_that_names_the_allowed_ones(
    address: str, method: str, asked: list[tuple[str, str]]
) -> None:
    """W3C: bad_query_method."""
    answer = ask("-X", method, *content(FORM), url(address, *asked))
    assert (answer.status, answer.problem["status"]) == (405, 405)
    assert answer.listed("allow") == {name.lower() for name in METHODS}


@pytest.mark.parametrize("method", ["GET", "HEAD"])
@pytest.mark.parametrize("update", ["CLEAR ALL", "INSERT DATA { <s> <p> 1 }", ""])
def test_an_update_by_get_is_a_400_and_never_answered_as_if_nothing_was_asked(
    address: str, method: str, update: str
) -> None:
    """W3C: bad_update_get."""
    options = ("--head",) if method == "HEAD" else ()
    answer = ask(*options, url(address, ("update", update)))
    assert answer.status == 400


@pytest.mark.parametrize(
    "arguments",
    [
        pytest.param(("--data-binary", "update=CLEAR+ALL"), id="W3C: update_post_form"),
        pytest.param(
            (*content("application/sparql-update"), "--data-binary", "CLEAR ALL"), id="W3C: update_post_direct"
        ),
        pytest.param(("--data-binary", "update=CLEAR+NAMED&update=CLEAR+DEFAULT"), id="W3C: bad_multiple_updates"),
        pytest.param((*content("text/plain"), "--data-binary", "CLEAR NAMED"), id="W3C: bad_update_wrong_media_type"),
        pytest.param((*content(""), "--data-binary", "update=CLEAR+NAMED"), id="W3C: bad_update_missing_form_type"),
        pytest.param(("--data-binary", "update=CLEAR+XYZ"), id="W3C: bad_update_syntax"),
        pytest.param(("--data-binary", "query=CLEAR+ALL"), id="an update called a query"),
        pytest.param((*content(DIRECT), "--data-binary", "DROP ALL"), id="an update typed as a query"),
        pytest.param(("-X", "QUERY", *content(DIRECT), "--data-binary", "INSERT DATA {}"), id="an update by QUERY"),
    ],
)
def test_updates_are_refused_at_the_address_for_queries(address: str, arguments: tuple[str, ...]) -> None:
    before = get(address, COUNT_NAMED).number
    answer = ask(*arguments, url(address))
    assert answer.status in (400, 415)
    assert answer.problem["detail"]
    assert get(address, COUNT_NAMED).number == before


@pytest.mark.parametrize(
    "parameter", [("using-graph-uri", TABLE_1), ("using-named-graph-uri", TABLE_1)], ids=lambda given: given[0]
)
def test_a_data_set_of_an_update_beside_its_own_is_refused(address: str, parameter: tuple[str, str]) -> None:
    """W3C: bad_update_dataset_conflict."""
    update = f"WITH <{TABLE_2}> DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}"
    body = (*content("application/sparql-update"), "--data-binary", update)
    assert ask(*body, url(address, parameter)).status in (400, 403, 405, 415)


@pytest.mark.parametrize(
    ("arguments", "parameters"),
    [
        pytest.param((), [("query", ASK), ("query", "SELECT * {}")], id="W3C: bad_multiple_queries"),
        pytest.param((), [("query", ASK), ("query", ASK)], id="the same query twice"),
        pytest.param(("--data-binary", urlencode([("query", ASK)] * 2)), [], id="two in a form"),
        pytest.param(("--data-binary", urlencode({"query": ASK})), [("query", ASK)], id="in a form and in the address"),
        pytest.param((*content(DIRECT), "--data-binary", ASK), [("query", ASK)], id="in the body and in the address"),
        pytest.param(
            ("-X", "QUERY", *content(DIRECT), "--data-binary", ASK), [("query", ASK)], id="by QUERY and in the address"
        ),
        pytest.param(("--data-binary", ""), [], id="no query in a form"),
        pytest.param(("--data-binary", "nothing=1"), [], id="no query among the fields of a form"),
        pytest.param((*content(DIRECT), "--data-binary", ""), [], id="an empty body"),
        pytest.param(("-X", "QUERY", *content(DIRECT), "--data-binary", ""), [], id="an empty body by QUERY"),
        pytest.param((), [("query", "")], id="an empty query by GET"),
        pytest.param((), [("query", ASK), ("update", "CLEAR ALL")], id="query and update in the address"),
        pytest.param(("--data-binary", "query=ASK{}&update=CLEAR+ALL"), [], id="query and update in a form"),
        pytest.param(("--data-binary", "query=ASK{}"), [("update", "CLEAR ALL")], id="query in a form, update without"),
        pytest.param(
            (*content(DIRECT), "--data-binary", ASK), [("update", "CLEAR ALL")], id="query in the body, update without"
        ),
        pytest.param((), [("query", "ASK {")], id="W3C: bad_query_syntax"),
        pytest.param((*content(""), "--data-binary", "query=ASK%20%7B%7D"), [], id="W3C: bad_query_missing_form_type"),
        pytest.param((*content(""), "--data-binary", ASK), [], id="W3C: bad_query_missing_direct_type"),
        pytest.param(("-X", "QUERY", *content(""), "--data-binary", ASK), [], id="no Content-Type on QUERY"),
    ],
)
def test_what_is_not_exactly_one_query_is_a_400(
    address: str, arguments: tuple[str, ...], parameters: list[tuple[str, str]]
) -> None:
    answer = ask(*arguments, url(address, *parameters))
    assert answer.status == 400
    assert answer.problem["detail"]


@pytest.mark.parametrize("method", ["POST", "QUERY"])
@pytest.mark.parametrize(
    "media_type",
    [
        "text/plain",
        "application/json",
        "application/sparql-results+json",
        "multipart/form-data; boundary=x",
        "nonsense",
    ],
)
def test_another_content_type_is_a_415(address: str, method: str, media_type: str) -> None:
    """W3C: bad_query_wrong_media_type."""
    answer = ask("-X", method, *content(media_type), "--data-binary", ASK, url(address))
    assert (answer.status, answer.problem["status"]) == (415, 415)
    assert DIRECT in json.dumps(answer.problem)


@pytest.mark.parametrize("method", ["POST", "QUERY"])
@pytest.mark.parametrize("charset", ["UTF-16", "iso-8859-1", "us-ascii", "no-such-charset"])
def test_another_charset_is_refused(address: str, tmp_path: Path, method: str, charset: str) -> None:
    """W3C: bad_query_non_utf8."""
    body = tmp_path / "query.rq"
    body.write_bytes(ASK.encode("utf-16" if charset == "UTF-16" else "ascii"))
    sends = ("-X", method, *content(f"{DIRECT}; charset={charset}"), "--data-binary", f"@{body}")
    answer = ask(*sends, url(address))
    assert answer.status in (400, 415)
    assert answer.problem["detail"]


LATIN_1 = b'ASK { FILTER ("\xe9" = "") }'


@pytest.mark.parametrize(
    ("method", "path", "media_type", "body"),
    [
        pytest.param("POST", "/sparql", DIRECT, LATIN_1, id="POST direct"),
        pytest.param("POST", "/sparql", f"{DIRECT}; charset=utf-8", ASK.encode("utf-16"), id="UTF-16 called UTF-8"),
        pytest.param("QUERY", "/sparql", DIRECT, LATIN_1, id="QUERY"),
        pytest.param("POST", "/sparql", FORM, b"query=" + quote(LATIN_1).encode(), id="POST form"),
        pytest.param("POST", "/sparql", FORM, b"query=" + LATIN_1, id="POST form, not escaped"),
        pytest.param("GET", f"/sparql?query={quote(LATIN_1)}", None, None, id="GET"),
        pytest.param("POST", "/sparql", DIRECT, b'ASK { FILTER ("\xed\xa0\x80" = "") }', id="half a surrogate pair"),
        pytest.param("POST", "/sparql", DIRECT, b'ASK { FILTER ("\xc0\xaf" = "") }', id="an overlong form"),
        pytest.param("GET", f"/sparql?query={quote(ASK)}&default-graph-uri=http://x/%E9", None, None, id="a graph"),
    ],
)
def test_what_is_not_utf8_is_a_400(
    address: str, method: str, path: str, media_type: str | None, body: bytes | None
) -> None:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    connection.request(method, path, body, {"Content-Type": media_type} if media_type else {})
    response = connection.getresponse()
    assert (response.status, response.headers.get_content_type()) == (400, PROBLEM)
    assert json.loads(response.read())["status"] == 400
    connection.close()


@pytest.mark.parametrize("way", WAYS)
def test_a_syntax_error_is_a_400_with_its_place(address: str, way: str) -> None:
    """W3C: bad_query_syntax."""
    problem = sent(way, address, "SELECT *\nWHERE { ?s ?p }").problem
    assert (problem["status"], problem["line"]) == (400, 2)
    assert isinstance(problem["column"], int)


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("parameter", ["default-graph-uri", "named-graph-uri"])
@pytest.mark.parametrize(
    "iri", ["http://exa mple/", "http://x/<y>", 'http://x/"y"', "http://x/{y}", "http://x/%zz", "ht!tp://x"]
)
def test_a_graph_that_is_no_iri_is_a_400_that_names_the_parameter(
    address: str, way: str, parameter: str, iri: str
) -> None:
    problem = sent(way, address, ASK, (parameter, iri)).problem
    assert problem["status"] == 400
    assert parameter in json.dumps(problem)


@pytest.mark.parametrize("way", WAYS)
def test_one_graph_that_is_no_iri_spoils_the_request(address: str, way: str) -> None:
    assert sent(way, address, ASK, *default(TABLE_1), *default("no iri")).status == 400


@pytest.mark.parametrize("way", WAYS)
def test_a_federated_query_is_refused_by_policy_and_reaches_nobody(
    address: str, canary: socket.socket, way: str
) -> None:
    answer = sent(way, address, f"SELECT * WHERE {{ SERVICE <{home_of(canary)}> {{ ?s ?p ?o }} }}")
    assert (answer.status, answer.problem["status"]) == (403, 403)
    assert "SERVICE" in json.dumps(answer.problem)
    assert untouched(canary)


def test_the_word_service_in_a_string_a_comment_or_a_name_is_none(address: str) -> None:
    harmless = '# SERVICE <http://x/>\nSELECT ("SERVICE <http://x/> {}" AS ?service) {}'
    assert get(address, harmless).status == 200


# The deadline


@pytest.mark.parametrize("way", WAYS)
def test_a_client_may_lower_the_deadline_and_gets_a_503_that_names_it(address: str, way: str) -> None:
    problem = sent(way, address, HEAVY, ("timeout", "0.3")).problem
    assert problem["status"] == 503
    assert "limit" in problem


@pytest.mark.parametrize("seconds", ["1", "5", "0.5", "1000000"])
def test_a_quick_query_is_answered_whatever_the_deadline(address: str, seconds: str) -> None:
    assert get(address, ASK, ("timeout", seconds)).boolean is True


@pytest.mark.parametrize("seconds", ["soon", "-1", "nan", ""])
def test_a_deadline_that_is_none_is_a_400_that_names_the_parameter(address: str, seconds: str) -> None:
    problem = get(address, ASK, ("timeout", seconds)).problem
    assert problem["status"] == 400
    assert "timeout" in json.dumps(problem)


# HEAD, OPTIONS, and scripts of other sites


@pytest.mark.parametrize(
    ("asked", "wish"),
    [
        pytest.param([("query", SELECT)], JSON, id="SELECT as JSON"),
        pytest.param([("query", SELECT)], CSV, id="SELECT as CSV"),
        pytest.param([("query", CONSTRUCT)], TURTLE, id="CONSTRUCT"),
        pytest.param([("query", SELECT)], "text/html", id="SELECT as a page"),
        pytest.param([("query", "ASK {")], JSON, id="a syntax error"),
        pytest.param([("query", SELECT)], TURTLE, id="nothing acceptable"),
        pytest.param([("query", ASK), ("query", ASK)], JSON, id="two queries"),
        pytest.param([], TURTLE, id="service description"),
        pytest.param([], BROWSER, id="page"),
    ],
)
def test_head_has_the_status_and_headers_of_get_and_no_body(
    address: str, asked: list[tuple[str, str]], wish: str
) -> None:
    by_get, by_head = (ask(*options, *accept(wish), url(address, *asked)) for options in ((), ("--head",)))
    assert (by_head.status, by_head.body) == (by_get.status, b"")
    # RFC 9110, 9.3.2: what is only known once the content is made may be left out, but not be wrong
    made = {"date", "content-length", "transfer-encoding", "etag"}
    told, wanted = ({n: v for n, v in a.headers.items() if n not in made} for a in (by_head, by_get))
    assert {name: told.get(name) for name in wanted if name != "x-request-id"} == {
        name: value for name, value in wanted.items() if name != "x-request-id"
    }
    if "content-length" in by_head.headers:
        assert by_head.headers["content-length"] == by_get.headers["content-length"]


def test_head_runs_nothing_heavy(address: str) -> None:
    answer = ask("--head", url(address, ("query", HEAVY), ("timeout", "1")))
    assert (answer.status, answer.type) == (200, JSON)


ORIGIN = ("-H", "Origin: https://yasgui.example")


def test_options_names_the_methods(address: str) -> None:
    answer = ask("-X", "OPTIONS", url(address))
    assert answer.status in (200, 204)
    assert answer.listed("allow") == {name.lower() for name in METHODS}


@pytest.mark.parametrize("method", ["GET", "POST", "QUERY"])
def test_a_script_of_another_site_may_ask_beforehand(address: str, method: str) -> None:
    asks = (
        "-H",
        f"Access-Control-Request-Method: {method}",
        "-H",
        "Access-Control-Request-Headers: content-type, accept",
    )
    answer = ask("-X", "OPTIONS", *ORIGIN, *asks, url(address))
    assert answer.status in (200, 204)
    assert answer.headers["access-control-allow-origin"] in ("*", "https://yasgui.example")
    assert method.lower() in answer.listed("access-control-allow-methods")
    assert {"content-type", "accept"} <= answer.listed("access-control-allow-headers")


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        pytest.param([("query", SELECT)], 200, id="an answer"),
        pytest.param([], 200, id="service description"),
        pytest.param([("query", "ASK {")], 400, id="a syntax error"),
        pytest.param([("update", "CLEAR ALL")], 400, id="an update by GET"),
        pytest.param([("query", SELECT), ("format", "docx")], None, id="an unknown format"),
    ],
)
def test_a_script_of_another_site_may_read_answers_and_errors(
    address: str, asked: list[tuple[str, str]], status: int | None
) -> None:
    answer = ask(*ORIGIN, url(address, *asked))
    assert status in (answer.status, None)
    assert answer.headers["access-control-allow-origin"] in ("*", "https://yasgui.example")
    # what a script needs beside the body: the revision, hints and pages, when to come again
    assert {"x-revision", "link", "retry-after"} <= answer.listed("access-control-expose-headers")


def test_every_answer_names_its_revision(address: str) -> None:
    revision = json.loads(ask(f"{address}/healthz").body)["revision"]
    for way in WAYS:
        assert sent(way, address, ASK).headers["x-revision"] == revision


# GET without a query: service description


@pytest.mark.parametrize("wish", [*RDF_TYPES, "*/*", f"{JSON}, */*;q=0.1"])
def test_get_without_a_query_is_a_service_description_in_rdf(address: str, wish: str) -> None:
    """W3C, service description: returns_rdf, has_endpoint_triple, conforms_to_schema (its start)."""
    answer = ask(*accept(wish), url(address))
    told = wish if wish in RDF_TYPES else TURTLE
    assert (answer.status, answer.type) == (200, told)
    assert "accept" in answer.listed("vary")
    sd = "http://www.w3.org/ns/sparql-service-description#"
    triples = {quad.triple for quad in parse(answer.body, RdfFormat.from_media_type(told))}
    rdf_type = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
    (service,) = (t.subject for t in triples if (t.predicate, t.object) == (rdf_type, NamedNode(sd + "Service")))
    said = {t.predicate.value.removeprefix(sd): t.object for t in triples if t.subject == service}
    assert said["endpoint"] in (NamedNode(BASE + "sparql"), NamedNode(f"{address}/sparql"))
    assert {"supportedLanguage", "resultFormat", "defaultDataset"} <= set(said)
    assert Triple(service, NamedNode(sd + "feature"), NamedNode(sd + "UnionDefaultGraph")) not in triples


def test_get_without_a_query_is_a_page_for_a_browser(address: str) -> None:
    answer = ask(*accept(BROWSER), url(address))
    assert (answer.status, answer.type) == (200, "text/html")
    assert "accept" in answer.listed("vary")


def test_get_without_a_query_and_nothing_acceptable_is_a_406(address: str) -> None:
    answer = ask(*accept(CSV), url(address))
    assert answer.status == 406
    assert TURTLE in json.dumps(answer.problem)


# What SPARQL 1.2 adds


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("version", ["1.0", "1.1", "1.2", "1.2-basic"])
def test_a_known_version_is_accepted(address: str, way: str, version: str) -> None:
    assert sent(way, address, ASK, ("version", version)).boolean is True


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("version", ["0.9", "2.0", "latest", ""])
def test_an_unknown_version_is_a_400_that_names_the_known_ones(address: str, way: str, version: str) -> None:
    problem = sent(way, address, ASK, ("version", version)).problem
    assert problem["status"] == 400
    assert "1.1" in json.dumps(problem)


@pytest.mark.parametrize("method", ["POST", "QUERY"])
def test_a_version_may_come_with_the_content_type(address: str, method: str) -> None:
    sends = ("-X", method, "--data-binary", ASK)
    assert ask(*sends, *content(f"{DIRECT}; version=1.2"), url(address)).boolean is True
    assert ask(*sends, *content(f"{DIRECT}; version=9.9"), url(address)).status == 400


def test_two_versions_are_a_400(address: str) -> None:
    assert get(address, ASK, ("version", "1.1"), ("version", "1.2")).status == 400


@pytest.mark.parametrize(
    ("query", "wish", "told"), [(SELECT, f"{JSON};version=1.2", JSON), (CONSTRUCT, f"{TURTLE};version=1.2", TURTLE)]
)
def test_a_wish_may_name_a_version(address: str, query: str, wish: str, told: str) -> None:
    assert get(address, query, options=accept(wish)).type == told


# Errors


@pytest.mark.parametrize(
    ("arguments", "parameters"),
    [
        pytest.param((), [("query", "ASK {")], id="400"),
        pytest.param((), [("query", ASK), ("format", "csv")], id="a format that does not fit"),
        pytest.param(("-X", "DELETE"), [], id="405"),
        pytest.param((*content("text/plain"), "--data-binary", ASK), [], id="415"),
        pytest.param(accept("image/png"), [("query", ASK)], id="406"),
    ],
)
def test_an_error_is_a_problem_for_programs_and_a_page_for_people(
    address: str, arguments: tuple[str, ...], parameters: list[tuple[str, str]]
) -> None:
    problem = ask(*arguments, url(address, *parameters)).problem
    assert "/docs/errors/" in str(problem["type"])
    if "Accept: image/png" not in arguments:
        page = ask(*arguments, *accept("text/html"), url(address, *parameters))
        assert (page.status, page.type) == (problem["status"], "text/html")
