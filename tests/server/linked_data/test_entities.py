"""Documents about things: aliases, conditional requests, headers for caches, typed links. Asked as curl asks."""

from __future__ import annotations

import hashlib
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from io import BytesIO
from itertools import groupby
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Store, parse

from kg.publish import write_entity
from kg.publish.entities import PAGE_SIZE, Description, find_slug
from kg.publish.terms import Terms
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMATS
from kg.rdf.graphs import default_graph_once
from kg.rdf.lines import term_of
from kg.rdf.serialise import to_bytes
from kg.rdf.vocabulary import CD, RDF
from kg.store.data_folder import DataFolder
from tests.support.http import Ask
from tests.support.serving import client as client_of
from tests.support.tiers import by_tier

pytestmark = pytest.mark.drawn

SUFFIXES = [*(fmt.suffix for fmt in GRAPH_FORMATS), "html"]
TWINNING = NamedNode(ns.CD + "Twinning")
LABEL = NamedNode(ns.PREFIXES["skos"] + "prefLabel")
LEEDS, LONDON, KUOPIO = (NamedNode(f"{ns.ID}city/{name}") for name in ("leeds", "london", "kuopio"))


def twinnings(store: Store) -> list[str]:
    found = store.quads_for_pattern(None, RDF.type, TWINNING, DefaultGraph())
    return sorted(quad.subject.value.removeprefix(ns.ID + "twinning/") for quad in found)


def parties(store: Store, name: str) -> list[str]:
    twins = store.quads_for_pattern(
        NamedNode(f"{ns.ID}twinning/{name}"), NamedNode(ns.CD + "twin"), None, DefaultGraph()
    )
    return sorted(quad.object.value.rpartition("/")[2] for quad in twins)


# ---- Aliases ----


def test_every_twinning_goes_by_its_parties_in_both_orders(store: Store) -> None:
    for name in twinnings(store):
        first, second = parties(store, name)
        assert name == f"{first}-{second}"
        assert find_slug(store, "twinning", f"{second}-{first}") == name


def test_a_renewed_twinning_keeps_its_year_in_reverse() -> None:
    store = Store()
    renewed = NamedNode(ns.ID + "twinning/hangzhou-leeds-1988")
    for predicate, value in ((RDF.type, TWINNING), *((NamedNode(ns.CD + "twin"), city) for city in (LEEDS, LONDON))):
        store.add(Quad(renewed, predicate, value, DefaultGraph()))
    assert find_slug(store, "twinning", "london-leeds-1988") is None
    store.add(Quad(renewed, NamedNode(ns.CD + "twin"), NamedNode(ns.ID + "city/hangzhou"), DefaultGraph()))
    store.remove(Quad(renewed, NamedNode(ns.CD + "twin"), LONDON, DefaultGraph()))
    assert find_slug(store, "twinning", "leeds-hangzhou-1988") == "hangzhou-leeds-1988"
    assert find_slug(store, "twinning", "leeds-hangzhou") is None


@given(data=st.data())
def test_only_the_two_orders_are_names_of_a_twinning(store: Store, data: st.DataObject) -> None:
    known = twinnings(store)
    words = sorted({word for name in known for word in name.split("-")})
    shuffled = st.sampled_from(known).flatmap(lambda name: st.permutations(name.split("-")))
    slug = "-".join(data.draw(st.one_of(st.lists(st.sampled_from(words), min_size=1, max_size=5), shuffled)))
    orders = {order: n for n in known for a, b in [parties(store, n)] for order in (f"{a}-{b}", f"{b}-{a}")}
    assert find_slug(store, "twinning", slug) == orders.get(slug)


def test_nothing_but_twinnings_has_such_aliases(ask: Ask) -> None:
    assert ask("/id/city/leeds-hangzhou").status == 404
    assert ask("/id/twinning/leeds-leeds").status == 404


@pytest.mark.parametrize("slug", ["%20", "a%20b", "%0d%0aX-Injected:%201", "..%2f..%2fetc%2fpasswd", "%3Ex", "%00"])
def test_a_slug_that_is_no_name_is_a_404_and_injects_nothing(ask: Ask, slug: str) -> None:
    for folder in ("id", "doc"):
        answer = ask(f"/{folder}/city/{slug}")
        assert (answer.status, answer.type) == (404, "application/problem+json")
        assert "x-injected" not in answer.headers


# ---- Validators and caches ----


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_head_has_the_headers_of_get_and_no_body(ask: Ask, suffix: str) -> None:
    got, head = ask(f"/doc/city/leeds.{suffix}"), ask("-I", f"/doc/city/leeds.{suffix}")
    assert head.body == b""
    assert int(head.headers["content-length"]) == len(got.body)
    of_this_request = {"date": "", "x-request-id": ""}
    assert {**head.headers, **of_this_request} == {**got.headers, **of_this_request}


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_a_client_that_has_it_gets_304_with_the_headers_of_200(ask: Ask, suffix: str) -> None:
    got = ask("-H", f"Accept: {media_type_of(suffix)}", "/doc/city/leeds")
    tag = got.headers["etag"]
    assert re.fullmatch(r'"[0-9a-f]{32}-\w+"', tag), "strong, that is without W/"
    for condition in (tag, f'"other", {tag}', f"W/{tag}", "*"):
        kept = ask("-H", f"Accept: {media_type_of(suffix)}", "-H", f"If-None-Match: {condition}", "/doc/city/leeds")
        assert (kept.status, kept.body) == (304, b"")
        for name in ("etag", "vary", "content-location", "cache-control", "link", "x-revision"):
            assert kept.headers[name] == got.headers[name]
    assert ask("-H", 'If-None-Match: "other"', f"/doc/city/leeds.{suffix}").status == 200


def media_type_of(suffix: str) -> str:
    return next((fmt.media_type for fmt in GRAPH_FORMATS if fmt.suffix == suffix), "text/html")


def test_the_tag_is_asked_for_after_negotiation(ask: Ask) -> None:
    turtle = ask("/doc/city/leeds.ttl").headers["etag"]
    condition = ("-H", f"If-None-Match: {turtle}")
    assert ask(*condition, "-H", "Accept: text/html", "/doc/city/leeds").status == 200
    assert ask(*condition, "-H", "Accept: text/turtle", "/doc/city/leeds").status == 304
    assert ask(*condition, "-H", "Accept: image/png", "/doc/city/leeds").status == 406


def test_each_representation_has_a_tag_of_its_own(ask: Ask) -> None:
    for path in ("/doc/city/leeds", "/ontology"):
        assert len({ask(f"{path}.{suffix}").headers["etag"] for suffix in SUFFIXES}) == len(SUFFIXES)


def test_negotiated_answers_say_that_they_vary(ask: Ask) -> None:
    tag = ask("/doc/city/leeds.ttl").headers["etag"]
    answers = {
        303: ask("/id/city/leeds"),
        200: ask("/doc/city/leeds"),
        304: ask("-H", "Accept: text/turtle", "-H", f"If-None-Match: {tag}", "/doc/city/leeds"),
        406: ask("-H", "Accept: image/png", "/doc/city/leeds"),
    }
    assert {status: answer.status for status, answer in answers.items()} == {status: status for status in answers}
    assert all("Accept" in answer.headers["vary"] for answer in answers.values())
    assert ask("-H", "Accept: image/png", "/id/city/leeds").headers["vary"] == "Accept"
    assert ask("/doc/city/leeds.ttl").headers["vary"] == "Accept-Encoding", "the suffix decides the type"


WRITE_ALL = """
import hashlib, sys
from pathlib import Path
from kg.store.data_folder import DataFolder
from kg.workers import QueryLimits
from server.app import create_app
client = create_app(DataFolder(Path(sys.argv[1])), QueryLimits(seconds=300, workers=1)).test_client()
for path in sys.argv[2:]:
    answer = client.get(path)
    print(path, answer.status_code, hashlib.sha256(answer.data).hexdigest())
"""


@pytest.mark.scaled
def test_two_processes_write_the_same_bytes(folder: DataFolder) -> None:
    things = ("doc/city/birmingham", "vocabulary/theme", "doc/country/china", "ontology", "shapes")[: by_tier(2, 5, 5)]
    paths = [f"/{thing}.{suffix}" for thing in things for suffix in SUFFIXES]
    written = [
        subprocess.run(
            [sys.executable, "-c", WRITE_ALL, str(folder.path), *paths],
            env={**os.environ, "PYTHONHASHSEED": seed},
            capture_output=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert written[0] == written[1]
    assert written[0].count(b" 200 ") == len(paths)


def test_the_order_in_which_a_store_keeps_things_does_not_show(store: Store) -> None:
    other = Store()
    for quad in sorted(store, key=lambda quad: str(quad)[::-1]):
        other.add(quad)
    assert list(other) != list(store)
    for name in ("city/birmingham", "country/china", "passage/table-1"):
        for fmt in GRAPH_FORMATS:
            written = [BytesIO(), BytesIO()]
            for output, s in zip(written, (store, other), strict=True):
                write_entity(s, output, fmt.suffix, *name.split("/"), "description", "1")
            assert written[0].getvalue() == written[1].getvalue(), (name, fmt.name)
    for graph in (Terms.ontology, Terms.shapes):
        said = [list(graph(Terms(s))) for s in (store, other)]
        for fmt in GRAPH_FORMATS:
            assert to_bytes(said[0], fmt.engine) == to_bytes(said[1], fmt.engine), fmt.name


@pytest.mark.parametrize("suffix", ["nq", "trig"])
def test_what_a_graph_says_stands_together(ask: Ask, suffix: str) -> None:
    answer = ask(f"/doc/city/birmingham.{suffix}")
    blocks = [g for g, _ in groupby(q.graph_name for q in parse(answer.body, RdfFormat.from_media_type(answer.type)))]
    assert len(blocks) == len(set(blocks)) > 5


def changed(store: Store, path: Path, entity: NamedNode) -> Iterator[FlaskClient]:
    """A service over the same graph with one more name of an entity."""
    name = Literal("neuer Name", language="de")
    added = [Quad(entity, LABEL, name, graph) for graph in (NamedNode(ns.GRAPH + "register"), DefaultGraph())]
    folder = DataFolder(path)
    with folder.lock():
        folder.write([*store, *added], "0" * 64, "changed", (0, 0))
    with client_of(folder) as client:
        yield client


@pytest.fixture(scope="module")
def changed_elsewhere(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    yield from changed(store, tmp_path_factory.mktemp("elsewhere"), KUOPIO)


@pytest.fixture(scope="module")
def changed_here(store: Store, tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    yield from changed(store, tmp_path_factory.mktemp("here"), LEEDS)


@pytest.mark.parametrize("suffix", [fmt.suffix for fmt in GRAPH_FORMATS])  # a page names the revision at its foot
def test_a_tag_outlives_changes_elsewhere_and_no_others(
    ask: Ask, changed_elsewhere: FlaskClient, changed_here: FlaskClient, suffix: str
) -> None:
    path = f"/doc/city/leeds.{suffix}"
    before = ask(path)
    condition = {"If-None-Match": before.headers["etag"]}
    kept = changed_elsewhere.get(path, headers=condition)
    assert kept.status_code == 304
    assert kept.headers["X-Revision"] != before.headers["x-revision"]
    new = changed_here.get(path, headers=condition)
    assert new.status_code == 200
    assert b"neuer Name" in new.data


# ---- Pages of what is pointed at by much ----


def test_a_short_document_is_one_page(ask: Ask) -> None:
    answer = ask("/doc/city/leeds.ttl")
    assert not answer.links("next")
    assert ask("/doc/city/leeds.ttl?page=1").headers["etag"] == answer.headers["etag"]


@pytest.mark.parametrize("thing", ["country/china", "publication/this-report"])
def test_following_next_leads_once_through_all_that_points_at_a_hub(ask: Ask, store: Store, thing: str) -> None:
    entity = NamedNode(ns.ID + thing)
    path, pages = f"/doc/{thing}.trig", []
    while path:
        answer = ask(path)
        pages.append({quad for quad in parse(answer.body, RdfFormat.TRIG) if quad.graph_name != DefaultGraph()})
        assert set(answer.links("prev")) == ({f"/doc/{thing}.trig?page={len(pages) - 1}"} if len(pages) > 1 else set())
        path = next(iter(answer.links("next")), None)
    assert len(pages) == Description(store, entity).page_count > 1
    pointing = [{quad.subject for quad in page if quad.object == entity} for page in pages]
    said = [quad for quad in store.quads_for_pattern(None, None, entity, None) if quad.graph_name != DefaultGraph()]
    kept = {q.subject for q in said if q.graph_name != graphs.INFERRED and q.predicate.value != ns.CD + "within"}
    assert {node for node in kept if node.value.startswith(ns.ID)} <= set().union(*pointing)
    assert all(len(nodes) <= PAGE_SIZE for nodes in pointing[1:])
    own = set(store.quads_for_pattern(entity, None, None, None))
    assert {quad for quad in own if quad.graph_name != DefaultGraph()} <= pages[0]
    assert all({quad.predicate for quad in page & own} <= {LABEL} for page in pages[1:])


def test_relations_come_before_what_is_only_said() -> None:
    store, about, stated = Store(), NamedNode(ns.CD + "about"), NamedNode(ns.REPORT + "table-1")
    for number in range(PAGE_SIZE):
        store.add(Quad(NamedNode(f"{ns.ID}finding/{number}"), about, LEEDS, stated))
    twinning = NamedNode(ns.ID + "twinning/leeds-zagreb")
    store.add(Quad(twinning, NamedNode(ns.CD + "twin"), LEEDS, stated))
    store.add(Quad(twinning, RDF.type, NamedNode(ns.CD + "Relation"), DefaultGraph()))
    description = Description(store, LEEDS)
    first, second = ({subject for subject, *_ in description.page(page)} for page in (1, 2))
    assert description.page_count == 2
    assert term_of(twinning) in first
    assert (len(first), len(second)) == (PAGE_SIZE, 1)
    assert not first & second


def test_a_page_leads_to_the_next_one_in_the_same_format(ask: Ask) -> None:
    assert list(ask("/doc/country/china").links("next")) == ["/doc/country/china?page=2"]
    second = ask("-H", "Accept: text/html", "/doc/country/china?page=2")
    assert second.headers["content-location"] == "/doc/country/china.html?page=2"
    assert "/doc/country/china.ttl?page=2" in second.links("describedby")
    assert b"<h1>China</h1>" in second.body
    assert b'<a rel="prev" href="/doc/country/china?page=1">' in second.body


@pytest.mark.parametrize("suffix", [fmt.suffix for fmt in GRAPH_FORMATS])
def test_a_saved_page_of_several_says_that_it_is_one_of_them(ask: Ask, store: Store, suffix: str) -> None:
    pages = Description(store, NamedNode(f"{ns.ID}country/china")).page_count
    said = of_itself(ask, f"/doc/country/china.{suffix}", "doc/country/china?page=1")
    assert said["comment"] == f"Page 1 of {pages}: the other pages hold the rest."
    assert said["next"] == f"{ns.BASE}doc/country/china?page=2"
    assert of_itself(ask, f"/doc/city/leeds.{suffix}", "doc/city/leeds?page=1") == {}


def test_what_a_passage_states_is_one_page(store: Store) -> None:
    passages = {quad.subject for quad in store.quads_for_pattern(None, RDF.type, CD.Passage, None)}
    descriptions = [Description(store, passage) for passage in passages if isinstance(passage, NamedNode)]
    assert max(len(described.referrers) for described in descriptions) > 50
    assert {described.page_count for described in descriptions} == {1}


@pytest.mark.parametrize("page", ["0", "99", "-1", "two", "1%0d%0a"])
def test_a_page_that_is_not_there_is_a_404_that_names_those_there_are(ask: Ask, page: str) -> None:
    answer = ask(f"/doc/country/china?page={page}")
    assert answer.status == 404
    assert "1, 2" in json.loads(answer.body)["hint"]


def test_an_empty_page_is_the_first(ask: Ask) -> None:
    assert ask("/doc/country/china?page=").body == ask("/doc/country/china?page=1").body


# ---- Profiles ----


def quads(ask: Ask, path: str) -> set[Quad]:
    """What a document says, without what it says of itself; in a format with graphs what it says in these."""
    said = merged(ask, path)
    return {quad for quad in said if quad.graph_name != DefaultGraph()} or said


def merged(ask: Ask, path: str) -> set[Quad]:
    answer = ask(path)
    assert answer.status == 200
    said = parse(answer.body, RdfFormat.from_media_type(answer.type))  # type: ignore[arg-type]
    return {quad for quad in said if not str(quad.subject).startswith(f"<{ns.BASE}doc/")}


@pytest.mark.parametrize("suffix", ["nq", "trig"])
def test_a_reader_of_the_default_graph_finds_in_quads_what_turtle_has(ask: Ask, suffix: str) -> None:
    for profile in "description", "concise":
        said = merged(ask, f"/doc/city/leeds.{suffix}?profile={profile}")
        without_graph = {quad for quad in said if quad.graph_name == DefaultGraph()}
        assert without_graph == merged(ask, f"/doc/city/leeds.ttl?profile={profile}")
    with_graphs = merged(ask, f"/doc/city/leeds.{suffix}?profile=provenance")
    assert all(quad.graph_name != DefaultGraph() for quad in with_graphs)


def test_the_concise_profile_is_what_is_stated_of_the_thing_itself(ask: Ask, store: Store) -> None:
    own = {q for q in store.quads_for_pattern(LEEDS, None, None, None) if q.graph_name != DefaultGraph()}
    assert quads(ask, "/doc/city/leeds.trig?profile=concise") == own < quads(ask, "/doc/city/leeds.trig")
    merged = {q.triple for q in quads(ask, "/doc/city/leeds.ttl?profile=concise")}
    assert merged == {q.triple for q in own}
    assert not ask("/doc/country/china.ttl?profile=concise").links("next")


def test_the_profile_with_provenance_adds_the_passages(ask: Ask, store: Store) -> None:
    plain, full = (quads(ask, f"/doc/city/birmingham.trig{query}") for query in ("", "?profile=provenance"))
    assert plain < full
    passages = {NamedNode(q.graph_name.value.replace("graph/report/", "id/passage/")) for q in plain}
    passages = {node for node in passages if node.value.startswith(ns.ID)}
    assert NamedNode(ns.ID + "passage/table-1") in passages
    paraphrase = NamedNode(ns.CD + "paraphrase")
    for passage in passages:
        assert set(store.quads_for_pattern(passage, paraphrase, None, NamedNode(ns.GRAPH + "passages"))) <= full
    assert quads(ask, "/doc/city/birmingham.jsonld?profile=provenance") == full, "JSON-LD keeps the graphs here"


def test_a_profile_is_negotiated_among_the_formats_that_can_carry_it(ask: Ask) -> None:
    path = "/doc/city/leeds?profile=provenance"
    assert (ask(path).type, ask("-H", "Accept: application/n-quads", path).type) == (
        "application/trig",
        "application/n-quads",
    )
    assert ask(path).headers["content-location"] == "/doc/city/leeds.trig?profile=provenance"
    for refused in (ask("-H", "Accept: text/turtle", path), ask("/doc/city/leeds.ttl?profile=provenance")):
        assert refused.status == 406
        assert "application/trig" in json.loads(refused.body)["hint"]
    assert set(ask(path).links("describedby")) == {
        f"/doc/city/leeds.{suffix}?profile=provenance" for suffix in ("trig", "jsonld", "nq")
    }


def test_a_thing_leads_to_its_document_in_the_profile_that_was_asked_for(ask: Ask) -> None:
    answer = ask("-H", "Accept: text/turtle", "/id/city/leeds?profile=concise")
    assert (answer.status, answer.headers["location"]) == (303, "/doc/city/leeds.ttl?profile=concise")
    assert ask("/id/city/leeds?profile=provenance").headers["location"] == "/doc/city/leeds.trig?profile=provenance"


def test_an_unknown_profile_is_a_404_that_names_those_there_are(ask: Ask) -> None:
    for folder in ("id", "doc"):
        problem = json.loads(ask(f"/{folder}/city/leeds?profile=concize").body)
        assert (problem["status"], "Did you mean 'concise'" in problem["detail"]) == (404, True)
        assert "concise, description, provenance" in problem["hint"]


def test_a_document_names_its_profile_and_the_others(ask: Ask, store: Store) -> None:
    described = {q.subject.value for q in quads(ask, "/dataset.ttl") if q.object == Literal("concise")}
    answer = ask("/doc/city/leeds?profile=concise")
    assert set(answer.links("profile")) == described == {ns.BASE + "dataset#profile-concise"}
    assert list(answer.links("canonical")) == ["/doc/city/leeds"]
    others = {target: given for target, given in answer.links("alternate").items() if "profile=" in given}
    assert set(others) == {"/doc/city/leeds", "/doc/city/leeds?profile=provenance"}
    assert "dataset#profile-provenance" in others["/doc/city/leeds?profile=provenance"]
    page = ask("-H", "Accept: text/html", "/doc/city/leeds?profile=concise").body.decode()
    for address in ("/doc/city/leeds", "/doc/city/leeds?profile=concise", "/doc/city/leeds?profile=provenance"):
        assert f'href="{address}"' in page


def test_a_profile_has_pages_of_its_own(ask: Ask) -> None:
    answer = ask("/doc/country/china.trig?profile=provenance")
    assert list(answer.links("next")) == ["/doc/country/china.trig?profile=provenance&page=2"]
    second = ask("/doc/country/china?profile=provenance&page=2")
    assert second.headers["content-location"] == "/doc/country/china.trig?profile=provenance&page=2"
    assert list(second.links("canonical")) == ["/doc/country/china?page=2"]


def test_what_points_at_a_thing_is_looked_up_once() -> None:
    asked: list[object] = []

    class Watched:
        def quads_for_pattern(self, *pattern: object) -> Iterator[Quad]:
            asked.append(pattern)
            return iter(())

        def query(self, text: str, **options: object) -> object:
            asked.append((None, None, LEEDS, None) if f"?by {LEEDS}" in text else text)
            return Store().query(text, **options)  # type: ignore[arg-type]

    description = Description(Watched(), LEEDS)  # type: ignore[arg-type]
    assert (description.page_count, description.page(1)) == (1, set())
    assert asked.count((None, None, LEEDS, None)) == 1


# ---- What a document says of itself ----


def of_itself(ask: Ask, path: str, document: str) -> dict[str, str]:
    """What the document says of its own IRI, by property."""
    answer = ask(path)
    said = list(parse(answer.body, RdfFormat.from_media_type(answer.type)))  # type: ignore[arg-type]
    own = [quad for quad in said if quad.subject == NamedNode(ns.BASE + document)]
    assert all(quad.graph_name == DefaultGraph() for quad in own), "no passage says it"
    assert len({quad.predicate for quad in own}) == len(own)
    return {quad.predicate.value.replace("#", "/").rpartition("/")[2]: quad.object.value for quad in own}


@pytest.mark.parametrize("suffix", [fmt.suffix for fmt in GRAPH_FORMATS])
def test_a_saved_document_tells_what_it_is_about_whose_it_is_and_of_which_state(ask: Ask, suffix: str) -> None:
    said = of_itself(ask, f"/doc/city/leeds.{suffix}", "doc/city/leeds")
    assert said.pop("version") == of_itself(ask, "/doc/city/leeds.nt", "doc/city/leeds")["version"]
    assert said == {
        "primaryTopic": LEEDS.value,
        "inDataset": f"{ns.BASE}dataset",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "conformsTo": f"{ns.BASE}ontology/next",
    }


def test_pages_and_profiles_are_documents_of_their_own(ask: Ask) -> None:
    china = "doc/country/china"
    second = of_itself(ask, f"/{china}.trig?page=2", f"{china}?page=2")
    assert second["isPartOf"] == ns.BASE + china
    first = of_itself(ask, f"/{china}.trig", china)
    assert first.keys() - second.keys() == {"view"}
    assert second["previous"] == f"{ns.BASE}{china}?page=1"
    concise = of_itself(ask, f"/{china}.ttl?profile=concise", f"{china}?profile=concise")
    assert len({said["version"] for said in (first, second, concise)}) == 3


def test_the_version_of_a_document_is_the_hash_of_what_it_says(
    ask: Ask, changed_elsewhere: FlaskClient, changed_here: FlaskClient
) -> None:
    held = sorted(f"{quad} ." for quad in quads(ask, "/doc/city/leeds.nq"))
    version = of_itself(ask, "/doc/city/leeds.ttl", "doc/city/leeds")["version"]
    assert version == hashlib.sha256("\n".join(held).encode()).hexdigest()[:12]
    assert f'"{version}"'.encode() in changed_elsewhere.get("/doc/city/leeds.ttl").data
    assert f'"{version}"'.encode() not in changed_here.get("/doc/city/leeds.ttl").data


def test_what_follows_by_rule_is_told_from_what_is_stated(ask: Ask, store: Store) -> None:
    graph_of = {quad.triple: quad.graph_name for quad in quads(ask, "/doc/city/leeds.trig")}
    twinned = [triple for triple in graph_of if triple.predicate == NamedNode(ns.CD + "twinnedWith")]
    assert twinned
    assert {graph_of[triple] for triple in twinned} == {graphs.INFERRED}
    inferred = {quad.triple for quad in store.quads_for_pattern(LEEDS, None, None, graphs.INFERRED)}
    assert {triple for triple, graph in graph_of.items() if graph == graphs.INFERRED} == inferred


# ---- What was withdrawn ----


@pytest.fixture(scope="module")
def withdrawn(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FlaskClient]:
    """A service over a small graph from which a twinning and a person were withdrawn."""
    marks = f"""
        PREFIX owl: <{ns.PREFIXES["owl"]}> PREFIX skos: <{ns.PREFIXES["skos"]}>
        PREFIX dcterms: <{ns.PREFIXES["dcterms"]}>
        PREFIX twinning: <{ns.ID}twinning/> PREFIX person: <{ns.ID}person/>
        <{ns.GRAPH}register> {{
            twinning:leeds-x owl:deprecated true ; skos:prefLabel "Leeds and X"@en ;
                skos:changeNote "系误读。"@zh-Hans , "It rested on a misreading."@en ;
                dcterms:isReplacedBy twinning:hangzhou-leeds .
            person:a owl:deprecated true .
            twinning:leeds-y owl:deprecated false ; skos:prefLabel "Leeds and Y"@en .
        }}"""
    stated = list(parse(marks, RdfFormat.TRIG))
    folder = DataFolder(tmp_path_factory.mktemp("withdrawn"))
    with folder.lock():
        folder.write([*stated, *default_graph_once(stated)], "0" * 64, "withdrawn", (len(stated), 0))
    with client_of(folder) as client:
        yield client


@pytest.mark.parametrize("path", ["id/twinning/leeds-x", "doc/twinning/leeds-x", "doc/twinning/leeds-x.ttl"])
def test_what_was_withdrawn_is_gone_with_the_reason_and_what_took_its_place(withdrawn: FlaskClient, path: str) -> None:
    answer = withdrawn.get(f"/{path}")
    assert (answer.status_code, answer.mimetype) == (410, "application/problem+json")
    problem = json.loads(answer.data)
    assert problem["detail"] == "twinning:leeds-x was withdrawn. It rested on a misreading."
    assert problem["replacedBy"] == [ns.ID + "twinning/hangzhou-leeds"]
    assert withdrawn.get(problem["type"]).status_code == 200
    page = withdrawn.get(f"/{path}", headers={"Accept": "text/html"})
    assert (page.status_code, page.mimetype) == (410, "text/html")
    assert b'<a href="/doc/twinning/hangzhou-leeds" lang="en">twinning:hangzhou-leeds</a>' in page.data


def test_without_a_reason_it_is_gone_all_the_same(withdrawn: FlaskClient) -> None:
    problem = json.loads(withdrawn.get("/linkset/person/a").data)
    assert (problem["status"], problem["detail"]) == (410, "person:a was withdrawn.")
    assert (problem["hint"], "replacedBy" in problem) == ("Nothing took its place.", False)


def test_only_what_is_marked_is_gone_and_nobody_is_sent_to_it(withdrawn: FlaskClient) -> None:
    assert withdrawn.get("/doc/twinning/leeds-y").status_code == 200
    problem = json.loads(withdrawn.get("/doc/twinning/leeds-z").data)
    assert (problem["status"], problem["hint"]) == (404, "Available: leeds-y.")


# ---- Links ----


def test_a_document_is_signposted(ask: Ask) -> None:
    answer = ask("-I", "/doc/city/leeds.html")
    assert list(answer.links("cite-as")) == [LEEDS.value]
    assert list(answer.links("type")) == [ns.CD + "City"]
    assert list(answer.links("license")) == ["https://creativecommons.org/licenses/by/4.0/"]
    assert list(answer.links("collection")) == ["/dataset"]
    assert set(answer.links("describedby")) == {f"/doc/city/leeds.{fmt.suffix}" for fmt in GRAPH_FORMATS}
    for target, parameters in answer.links("describedby").items():
        described = ask(target)
        assert f'type="{described.type}"' in parameters
        assert list(parse(described.body, RdfFormat.from_media_type(described.type)))  # type: ignore[arg-type]


def test_a_page_names_its_other_formats_in_its_head(ask: Ask) -> None:
    head = ask("/doc/city/leeds.html").body.decode().partition("</head>")[0]
    for fmt in GRAPH_FORMATS:
        assert f'<link rel="alternate" type="{fmt.media_type}" href="/doc/city/leeds.{fmt.suffix}">' in head


def test_a_page_links_concepts_and_terms_to_their_own_pages(ask: Ask) -> None:
    page = ask("/doc/account/table-2--twinning-birmingham-guangzhou.html").body.decode()
    assert 'href="/vocabulary/tie-status/current"' in page
    assert 'href="/ontology#status"' in page
    for target in set(re.findall(r'href="(/(?:vocabulary|ontology)[^"#]*)', page)):
        assert ask(target).status == 200


def test_an_alias_and_a_mistake_are_told_apart(ask: Ask) -> None:
    problem = json.loads(ask("/doc/twinning/leeds-hangzou").body)
    assert "Did you mean" in problem["detail"]


def test_the_links_are_a_document_of_their_own(ask: Ask) -> None:
    """RFC 9264, section 4.2: the Link header of the document, said as JSON."""
    document = ask("/doc/city/leeds.html")
    (address,) = document.links("linkset")
    answer = ask(address)
    assert (answer.status, answer.type) == (200, "application/linkset+json")
    (context,) = json.loads(answer.body)["linkset"]
    assert context.pop("anchor") == "/doc/city/leeds"
    for relation, targets in context.items():
        assert [target["href"] for target in targets] == list(document.links(relation))
        for target in targets:
            assert f'type="{target["type"]}"' in document.links(relation)[target["href"]] if "type" in target else True
    assert {"cite-as", "type", "license", "collection", "describedby", "profile"} <= context.keys()
    assert ask("-H", f"If-None-Match: {answer.headers['etag']}", address).status == 304
    alias = ask("/linkset/twinning/leeds-hangzhou")
    assert (alias.status, alias.headers["location"]) == (301, "/linkset/twinning/hangzhou-leeds")
