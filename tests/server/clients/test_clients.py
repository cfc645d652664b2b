"""The service as the clients of others meet it: SPARQLWrapper, rdflib, pandas, the standard library."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from urllib.parse import urlencode
from xml.dom.minidom import Document

import pytest
from rdflib import Dataset, Graph, URIRef
from rdflib.plugins.stores.sparqlstore import SPARQLStore
from SPARQLWrapper import CSV, GET, JSON, JSONLD, N3, POST, POSTDIRECTLY, RDFXML, TSV, TURTLE, URLENCODED, XML
from SPARQLWrapper import SPARQLWrapper as Wrapper

BASE = "https://w3id.org/city-diplomacy/"
CD = BASE + "ontology#"
TABLE_1, TABLE_2 = BASE + "graph/report/table-1", BASE + "graph/report/table-2"
BIRMINGHAM = URIRef(BASE + "id/city/birmingham")
GUANGZHOU = URIRef(BASE + "id/city/guangzhou")
TWINNING = URIRef(BASE + "id/twinning/birmingham-guangzhou")
TWIN = URIRef(CD + "twin")

SELECT = f"SELECT ?twin WHERE {{ <{TWINNING}> <{TWIN}> ?twin }} ORDER BY ?twin"
ASK = f"ASK {{ <{TWINNING}> <{TWIN}> <{BIRMINGHAM}> }}"
CONSTRUCT = f"CONSTRUCT {{ ?t <{TWIN}> ?twin }} WHERE {{ VALUES ?t {{ <{TWINNING}> }} ?t <{TWIN}> ?twin }}"
DESCRIBE = f"DESCRIBE <{TWINNING}>"
TWINS = [str(BIRMINGHAM), str(GUANGZHOU)]

WAYS = pytest.mark.parametrize(
    "way",
    [(GET, URLENCODED), (POST, URLENCODED), (POST, POSTDIRECTLY)],
    ids=["GET", "POST form", "POST direct"],
)
# SPARQLWrapper also sends what it wants as format=, output= and results=, unless it is told to negotiate only
NEGOTIATES_ONLY = pytest.mark.parametrize("negotiates_only", [False, True], ids=["with format=", "by Accept alone"])


# What these clients do is not ours to mend: rdflib uses what it has deprecated, and neither closes what it opened
pytestmark = [
    pytest.mark.filterwarnings("ignore:(ConjunctiveGraph|Dataset.default_context) is deprecated:DeprecationWarning"),
    pytest.mark.filterwarnings("ignore:unclosed:ResourceWarning"),
    pytest.mark.filterwarnings("ignore:Exception ignored in. <socket:pytest.PytestUnraisableExceptionWarning"),
]


@pytest.fixture(autouse=True, scope="module")
def _leave_no_sockets_to_other_tests() -> Iterator[None]:
    yield
    gc.collect()


class Wrapped:
    """A SPARQLWrapper of the service, sending in one way."""

    def __init__(self, address: str, way: tuple[str, str] = (GET, URLENCODED), negotiates_only: bool = False) -> None:
        self.wrapper = Wrapper(f"{address}/sparql")
        self.wrapper.setMethod(way[0])
        self.wrapper.setRequestMethod(way[1])
        self.wrapper.setOnlyConneg(negotiates_only)

    def ask(self, query: str, wanted: str) -> object:
        """Return what SPARQLWrapper makes of the answer; its warnings, as of an unexpected type, are errors here."""
        self.wrapper.setQuery(query)
        self.wrapper.setReturnFormat(wanted)
        result = self.wrapper.query()
        try:
            return result.convert()
        finally:
            result.response.close()


@WAYS
@NEGOTIATES_ONLY
def test_sparqlwrapper_reads_a_table_in_each_format(address: str, way: tuple[str, str], negotiates_only: bool) -> None:
    client = Wrapped(address, way, negotiates_only)
    as_json = client.ask(SELECT, JSON)
    assert isinstance(as_json, dict)
    assert [row["twin"]["value"] for row in as_json["results"]["bindings"]] == TWINS
    as_xml = client.ask(SELECT, XML)
    assert isinstance(as_xml, Document)
    assert [node.firstChild.nodeValue for node in as_xml.getElementsByTagName("uri")] == TWINS
    as_csv = client.ask(SELECT, CSV)
    assert isinstance(as_csv, bytes)
    assert as_csv.decode().split() == ["twin", *TWINS]
    as_tsv = client.ask(SELECT, TSV)
    assert isinstance(as_tsv, bytes)
    assert as_tsv.decode().split() == ["?twin", *(f"<{twin}>" for twin in TWINS)]


@WAYS
@NEGOTIATES_ONLY
def test_sparqlwrapper_reads_a_truth_value(address: str, way: tuple[str, str], negotiates_only: bool) -> None:
    client = Wrapped(address, way, negotiates_only)
    as_json = client.ask(ASK, JSON)
    assert isinstance(as_json, dict)
    assert as_json["boolean"] is True
    as_xml = client.ask(ASK, XML)
    assert isinstance(as_xml, Document)
    assert as_xml.getElementsByTagName("boolean")[0].firstChild.nodeValue == "true"


@WAYS
@NEGOTIATES_ONLY
@pytest.mark.parametrize("query", [CONSTRUCT, DESCRIBE], ids=["CONSTRUCT", "DESCRIBE"])
@pytest.mark.parametrize("wanted", [XML, RDFXML, TURTLE, N3, JSONLD])
def test_sparqlwrapper_reads_a_graph_in_each_format(
    address: str, way: tuple[str, str], negotiates_only: bool, query: str, wanted: str
) -> None:
    graph = Wrapped(address, way, negotiates_only).ask(query, wanted)
    if isinstance(graph, bytes):  # Turtle and N3 it hands over as they came
        graph = Graph().parse(data=graph, format="turtle")
    assert isinstance(graph, Graph)
    assert sorted(graph.objects(TWINNING, TWIN)) == [BIRMINGHAM, GUANGZHOU]


@WAYS
def test_sparqlwrapper_names_the_data_set(address: str, way: tuple[str, str]) -> None:
    for graph, stated in ((TABLE_1, False), (TABLE_2, True)):
        client = Wrapped(address, way)
        client.wrapper.addParameter("default-graph-uri", graph)
        answer = client.ask(ASK, JSON)
        assert isinstance(answer, dict)
        assert answer["boolean"] is stated


def test_sparqlwrapper_hears_of_a_syntax_error(address: str) -> None:
    from SPARQLWrapper.SPARQLExceptions import QueryBadFormed

    with pytest.raises(QueryBadFormed, match="line"):
        Wrapped(address).ask("SELECT * WHERE { ?s ?p }", JSON)


@pytest.fixture(params=["GET", "POST", "POST_FORM"])
def method(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(params=["xml", "json", "csv", "tsv"])
def sparql_store(request: pytest.FixtureRequest, address: str, method: str) -> Iterator[SPARQLStore]:
    """rdflib's store over the service, in each of its methods and formats."""
    store = SPARQLStore(f"{address}/sparql", method=method, returnFormat=request.param)
    yield store
    store.close()


def test_rdflib_queries_the_service_as_a_graph(sparql_store: SPARQLStore) -> None:
    graph = Graph(sparql_store)
    assert [str(row.twin) for row in graph.query(SELECT)] == TWINS  # type: ignore[union-attr]


def test_rdflib_reads_one_named_graph_of_the_service(address: str, method: str) -> None:
    store = SPARQLStore(f"{address}/sparql", method=method)
    assert (TWINNING, TWIN, BIRMINGHAM) in Graph(store, identifier=URIRef(TABLE_2))
    assert (TWINNING, TWIN, BIRMINGHAM) not in Graph(store, identifier=URIRef(TABLE_1))


def test_rdflib_constructs_from_the_service(address: str, method: str) -> None:
    result = Graph(SPARQLStore(f"{address}/sparql", method=method)).query(CONSTRUCT)
    assert set(result) == {(TWINNING, TWIN, BIRMINGHAM), (TWINNING, TWIN, GUANGZHOU)}


# by these names rdflib asks for the media type of the format; for nt and nquads it asks for others
FORMATS_OF_GRAPHS = ["turtle", "n3", "xml", "json-ld"]
FORMATS_OF_DATA_SETS = ["trig", "json-ld"]


@pytest.mark.parametrize("result_format", FORMATS_OF_GRAPHS)
@pytest.mark.parametrize("kind", ["id", "doc"])
def test_rdflib_parses_the_address_of_an_entity_in_each_format(address: str, kind: str, result_format: str) -> None:
    graph = Graph().parse(f"{address}/{kind}/twinning/birmingham-guangzhou", format=result_format)
    assert set(graph.objects(TWINNING, TWIN)) == {BIRMINGHAM, GUANGZHOU}


@pytest.mark.parametrize("result_format", FORMATS_OF_DATA_SETS)
def test_rdflib_parses_the_address_of_an_entity_as_a_data_set(address: str, result_format: str) -> None:
    data_set = Dataset(default_union=True)
    data_set.parse(f"{address}/id/twinning/birmingham-guangzhou", format=result_format)
    assert set(data_set.objects(TWINNING, TWIN)) == {BIRMINGHAM, GUANGZHOU}


@pytest.mark.parametrize("kind", ["id", "doc"])
def test_rdflib_parses_the_address_of_an_entity(address: str, kind: str) -> None:
    graph = Graph().parse(f"{address}/{kind}/twinning/birmingham-guangzhou")
    assert set(graph.objects(TWINNING, TWIN)) == {BIRMINGHAM, GUANGZHOU}


def test_pandas_reads_a_canned_query(address: str) -> None:
    import pandas

    table = pandas.read_csv(f"{address}/queries/cities-by-number-of-networks.csv")
    assert list(table.columns)[:2] == ["city", "cityLabel"]
    assert table["networks"].dtype == "int64"


@pytest.mark.parametrize("way", ["by Accept", "by format="])
def test_pandas_reads_the_csv_of_a_query(address: str, way: str) -> None:
    import pandas

    query = (
        f'SELECT ?twin (2.5 AS ?n) ("北京, \\"x\\"" AS ?text) WHERE {{ <{TWINNING}> <{TWIN}> ?twin }} ORDER BY ?twin'
    )
    wish, options = ({}, {"Accept": "text/csv"}) if way == "by Accept" else ({"format": "csv"}, None)
    table = pandas.read_csv(f"{address}/sparql?{urlencode({'query': query, **wish})}", storage_options=options)
    assert list(table["twin"]) == TWINS
    assert list(table["n"]) == [2.5, 2.5]
    assert list(table["text"]) == ['北京, "x"'] * 2
