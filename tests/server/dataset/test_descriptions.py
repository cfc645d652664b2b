"""The descriptions as their clients meet them: a running server, asked as curl asks."""

from __future__ import annotations

import hashlib
import json
import re

import pytest
from pyoxigraph import Literal, NamedNode, RdfFormat, Store, Triple, parse

from kg.publish.dataset import descriptions, with_service_addresses
from kg.queries import catalogue
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMATS, GraphFormat
from kg.rdf.vocabulary import RDF
from tests.support.curl import Answer, request
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn


def triples(body: bytes, engine: RdfFormat) -> set[Triple]:
    return {quad.triple for quad in parse(body, engine)}


@pytest.fixture(scope="module")
def described(address: str, store: Store) -> set[Triple]:
    return set(with_service_addresses(descriptions.void_description(store), f"{address}/sparql"))


@pytest.mark.parametrize("fmt", GRAPH_FORMATS, ids=lambda fmt: fmt.name)
def test_the_data_set_by_negotiation_and_by_suffix(address: str, described: set[Triple], fmt: object) -> None:
    graph_format = next(known for known in GRAPH_FORMATS if known == fmt)
    asked = request("-H", f"Accept: {graph_format.media_type}", f"{address}/dataset")
    assert (asked.status, asked.headers["content-type"]) == (200, graph_format.media_type)
    assert "Accept" in asked.headers["vary"]
    assert asked.headers["content-location"] == f"/dataset.{graph_format.suffix}"
    by_suffix = request("-H", "Accept: image/png", f"{address}/dataset.{graph_format.suffix}")
    assert by_suffix.body == asked.body
    assert triples(asked.body, graph_format.engine) == described


def test_no_type_that_is_acceptable_and_no_such_suffix(address: str) -> None:
    answer = request("-H", "Accept: image/png", f"{address}/dataset")
    assert (answer.status, "text/turtle" in json.loads(answer.body)["hint"]) == (406, True)
    assert "ttl" in json.loads(request(f"{address}/dataset.doc").body)["hint"]


@pytest.mark.parametrize("path", ["/dataset.ttl", "/dataset.html", "/queries.ttl"])
def test_the_same_bytes_under_a_strong_tag_and_304_for_it(address: str, path: str) -> None:
    first, second = request(f"{address}{path}"), request(f"{address}{path}")
    assert first.body == second.body
    tag = first.headers["etag"]
    assert tag.startswith('"')
    again = request("-H", f"If-None-Match: {tag}", f"{address}{path}")
    assert (again.status, again.body, again.headers["etag"]) == (304, b"", tag)
    assert request("-H", 'If-None-Match: "other"', f"{address}{path}").status == 200


def test_head_has_the_headers_of_get(address: str) -> None:
    get, head = request(f"{address}/dataset.ttl"), request("-I", f"{address}/dataset.ttl")
    assert (head.status, head.body) == (200, b"")
    for name in ("etag", "content-type", "content-length", "x-revision"):
        assert head.headers[name] == get.headers[name]


def test_the_page_carries_the_data_set_for_search_engines(address: str) -> None:
    page = request("-H", "Accept: text/html", f"{address}/dataset").body.decode()
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    described = json.loads(script)
    assert (described["@type"], described["@id"]) == ("Dataset", descriptions.DATASET.value)
    for needed in ("name", "description", "license", "version", "datePublished"):
        assert described[needed]
    for entry in described["distribution"]:
        assert entry["contentUrl"].startswith(f"{address}/dumps/")
        assert request("-I", entry["contentUrl"]).status == 200
    assert described["url"] == f"{address}/dataset"
    assert f'href="/dumps/{described["distribution"][0]["contentUrl"].rpartition("/")[2]}"' in page


def test_what_a_crawler_follows_in_the_description_is_there(address: str) -> None:
    described = parse(request(f"{address}/dataset.nt").body, RdfFormat.N_TRIPLES)
    dumps = NamedNode("http://rdfs.org/ns/void#dataDump")
    named = {quad.object.value for quad in described if quad.predicate == dumps}  # type: ignore[union-attr]
    assert len(named) > 10
    for url in fresh_random("crawled").sample(sorted(named), by_tier(5, 10, len(named))):
        assert request("-I", url).status == 200
    queries = parse(request(f"{address}/queries.ttl").body, RdfFormat.TURTLE)
    targets = {str(quad.object) for quad in queries if quad.predicate.value == "https://schema.org/target"}
    assert targets == {f"<{address}/sparql>"}


def test_every_graph_of_the_page_can_be_downloaded(address: str, store: Store) -> None:
    page = request(f"{address}/dataset.html").body.decode()
    files = set(re.findall(r'href="/dumps/([^"]+\.ttl)"', page))
    graphs = {g.value.removeprefix(ns.GRAPH) for g in store.named_graphs() if isinstance(g, NamedNode)}
    assert files - {"default.ttl"} == {f"{graph}.ttl" for graph in graphs}


def test_the_queries_as_turtle(address: str) -> None:
    answer = request(f"{address}/queries.ttl")
    assert (answer.status, answer.headers["content-type"]) == (200, "text/turtle")
    listed = triples(answer.body, RdfFormat.TURTLE)
    texts = {t.object.value for t in listed if t.predicate == NamedNode(ns.PREFIXES["sh"] + "select")}  # type: ignore[union-attr]
    assert texts == {query.body for query in catalogue.canned_queries(()).values()}


@pytest.mark.scaled
def test_each_distribution_has_the_size_and_checksum_of_what_is_fetched(address: str) -> None:
    described = Store()
    described.extend(parse(request(f"{address}/dataset.nt").body, RdfFormat.N_TRIPLES))
    rows = described.query("""
        PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX spdx: <http://spdx.org/rdf/terms#>
        SELECT ?url ?size ?sum ?packed { ?part a dcat:Distribution ; dcat:downloadURL ?url ; dcat:byteSize ?size ;
            spdx:checksum [ spdx:algorithm spdx:checksumAlgorithm_sha256 ; spdx:checksumValue ?sum ]
            OPTIONAL { ?part dcat:compressFormat ?packed } }""")
    stated = {r["url"].value: (int(r["size"].value), r["sum"].value, r["packed"] is not None) for r in rows}  # type: ignore[union-attr]
    parts = described.quads_for_pattern(None, RDF.type, NamedNode("http://www.w3.org/ns/dcat#Distribution"), None)
    assert len(stated) == len(list(parts))
    fetched = fresh_random("distributions").sample(sorted(stated), by_tier(4, len(stated), len(stated)))
    for url, (size, checksum, is_packed) in ((url, stated[url]) for url in fetched):
        body = request(url).body
        assert (len(body), hashlib.sha256(body).hexdigest()) == (size, checksum)
        assert is_packed == url.endswith(".gz") == body.startswith(b"\x1f\x8b")
    page = request(f"{address}/dataset.html").body.decode()
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    assert {entry["contentUrl"] for entry in json.loads(script)["distribution"]} == stated.keys()


def test_the_coverage_is_what_the_report_says_it_is_about(address: str, store: Store) -> None:
    described = triples(request(f"{address}/dataset.nt").body, RdfFormat.N_TRIPLES)
    spatial = {t.object for t in described if t.predicate == NamedNode(ns.PREFIXES["dcterms"] + "spatial")}
    china, kingdom = (NamedNode(f"{ns.ID}country/{name}") for name in ("china", "united-kingdom"))
    countries = "http://publications.europa.eu/resource/authority/country/"
    assert spatial == {china, kingdom, NamedNode(f"{countries}CHN"), NamedNode(f"{countries}GBR")}
    report, about = NamedNode(ns.ID + "publication/this-report"), NamedNode(ns.CD + "about")
    saying = {quad.subject for quad in store.quads_for_pattern(None, about, report, NamedNode(ns.REPORT + "abstract"))}
    for state in (china, kingdom):
        assert saying & {quad.subject for quad in store.quads_for_pattern(None, about, state, None)}
    titles = [t.object for t in described if t.subject == report and t.predicate.value.endswith("/title")]
    assert titles == [
        Literal("'City Diplomacy' and Twinning: Lessons from the UK, China and Globally", language="en"),
    ]
    creators = {t.object for t in described if t.subject == report and t.predicate.value.endswith("/creator")}
    assert len(creators) == 4, "the body that the abstract names as the maker stands in the graph of the abstract"
    (script,) = re.findall(
        r'<script type="application/ld\+json">(.*?)</script>',
        request(f"{address}/dataset.html").body.decode(),
        re.DOTALL,
    )
    (based_on,) = json.loads(script)["isBasedOn"]
    assert (based_on["@type"], based_on["datePublished"]) == ("Report", "2016-01")
    assert [one["name"] for one in based_on["author"]][:2] == ["Michele Acuto", "Mika Morissette"]
    referenced = NamedNode(ns.PREFIXES["dcterms"] + "isReferencedBy")
    assert {t.subject for t in described if t.predicate == referenced} == {report}
    conforms = NamedNode(ns.PREFIXES["dcterms"] + "conformsTo")
    ours = {t.object for t in described if t.predicate == conforms and str(t.object).startswith(f"<{ns.BASE}")}
    assert len(ours) == 2
    for term in ours:
        assert request(f"{address}/{term.value.removeprefix(ns.BASE)}").status == 200  # type: ignore[union-attr]


def signposts(answer: Answer) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for target, relation in re.findall(r'<([^>]*)>; rel="([^"]*)"', answer.headers["link"]):
        found.setdefault(relation, set()).add(target)
    return found


@pytest.mark.parametrize("suffix", ["", ".ttl", ".html"])
def test_the_data_set_is_signposted(address: str, suffix: str) -> None:
    answer = request(f"{address}/dataset{suffix}")
    said = signposts(answer)
    assert said["cite-as"] == {descriptions.DATASET.value}
    assert said["license"] == {"https://creativecommons.org/licenses/by/4.0/"}
    assert said["author"] == {f"{ns.ID}organisation/city-diplomacy-knowledge-graph"}
    assert "http://www.w3.org/ns/dcat#Dataset" in said["type"]
    assert "collection" not in said  # it is the collection
    for item in said["item"]:
        assert request("-I", f"{address}{item}").status == 200
        assert signposts(request("-I", f"{address}{item}"))["collection"] == {"/dataset"}


@pytest.mark.parametrize("path", ["/works", "/works.ttl", "/queries", "/queries.html"])
def test_the_catalogues_are_signposted(address: str, path: str) -> None:
    answer = request(f"{address}{path}")
    said, name = signposts(answer), path.partition(".")[0]
    assert said["cite-as"] == {ns.BASE + name.removeprefix("/")}
    assert said["type"] == {"http://www.w3.org/ns/dcat#Catalog"}
    assert said["license"] == {"https://creativecommons.org/licenses/by/4.0/"}
    assert said["author"] == {f"{ns.ID}organisation/city-diplomacy-knowledge-graph"}
    assert (said["collection"], said["describedby"]) == ({"/dataset"}, {f"{name}.ttl"})
    assert said.get("item") == ({"/report"} if name == "/works" else None)


@pytest.mark.parametrize("path", ["/ontology", "/ontology/core", "/ontology/discourse", "/vocabulary/theme", "/shapes"])
def test_terms_are_signposted(address: str, path: str) -> None:
    said = signposts(request(f"{address}{path}"))
    assert said["cite-as"] == {ns.BASE + path.removeprefix("/")}
    assert said["license"] == {"https://creativecommons.org/licenses/by/4.0/"}
    assert said["author"] == {f"{ns.ID}organisation/city-diplomacy-knowledge-graph"}
    assert said["type"] & {f"{ns.PREFIXES['owl']}Ontology", f"{ns.PREFIXES['skos']}ConceptScheme"}
    assert f"{path}.ttl" in said["describedby"]


def test_a_term_is_signposted_by_what_it_is(address: str) -> None:
    said = signposts(request(f"{address}/ontology/terms/Twinning"))
    assert said["cite-as"] == {f"{ns.CD}Twinning"}
    assert said["type"] == {f"{ns.PREFIXES['owl']}Class"}


@pytest.mark.parametrize("fmt", GRAPH_FORMATS, ids=lambda fmt: fmt.suffix)
@pytest.mark.parametrize("path", ["/works", "/queries"])
def test_the_catalogues_are_to_be_had_in_each_format_of_rdf(address: str, path: str, fmt: GraphFormat) -> None:
    answer = request("-H", f"Accept: {fmt.media_type}", f"{address}{path}")
    assert (answer.status, answer.headers["content-type"]) == (200, fmt.media_type)
    assert answer.headers["content-location"] == f"{path}.{fmt.suffix}"
    if fmt.suffix != "jsonld":
        as_turtle = triples(request(f"{address}{path}.ttl").body, RdfFormat.TURTLE)
        assert triples(answer.body, fmt.engine) == as_turtle


def test_the_catalogue_of_works_has_each_with_its_title_and_number_of_passages(address: str) -> None:
    listed = json.loads(request(f"{address}/works.json").body)
    described = Store()
    described.extend(parse(request(f"{address}/works.nt").body, RdfFormat.N_TRIPLES))
    rows = described.query("""
        PREFIX dcat: <http://www.w3.org/ns/dcat#> PREFIX dcterms: <http://purl.org/dc/terms/>
        PREFIX void: <http://rdfs.org/ns/void#>
        SELECT ?work ?title ?passages {
          ?catalogue a dcat:Catalog ; dcat:dataset ?part .
          ?part dcterms:source ?work ; dcterms:title ?title ; void:entities ?passages
        }""")
    found = {(r["work"].value, r["title"].value, int(r["passages"].value)) for r in rows}  # type: ignore[union-attr]
    makers = described.quads_for_pattern(None, NamedNode(ns.PREFIXES["dcterms"] + "creator"), None, None)
    assert len(list(makers)) == 4, "as in the description of the data set"
    assert found == {(work["iri"], work["title"]["text"], work["passages"]) for work in listed}


@pytest.mark.parametrize(
    ("path", "kind", "within"),
    [
        ("/ontology", "DefinedTermSet", None),
        ("/vocabulary/theme", "DefinedTermSet", None),
        ("/vocabulary/theme/climate", "DefinedTerm", f"{ns.VOCABULARY}theme"),
        ("/ontology/terms/Twinning", "DefinedTerm", f"{ns.BASE}ontology"),
    ],
)
def test_terms_are_described_for_search_engines(address: str, path: str, kind: str, within: str | None) -> None:
    page = request("-H", "Accept: text/html", f"{address}{path}").body.decode()
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', page, re.DOTALL)
    described = json.loads(script)
    assert (described["@type"], described.get("inDefinedTermSet")) == (kind, within)
    assert described["name"]
    assert described["description"]
