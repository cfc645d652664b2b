"""Documents as JSON-LD: compact by the published context, and the same statements as in Turtle. rdflib reads both."""

from __future__ import annotations

import json

import pytest
from pyoxigraph import DefaultGraph, RdfFormat, Store, parse
from rdflib import Dataset, Graph
from rdflib.compare import isomorphic, to_isomorphic

from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import OWL, SKOS
from tests.support.http import Ask
from tests.support.tiers import by_tier, fresh_random

pytestmark = [
    pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib"),
    pytest.mark.drawn,
]  # it warns of what it does itself

TERMS = (
    "/ontology", "/ontology/terms/Twinning", "/ontology/alignments/prov", "/shapes/Twinning", "/vocabulary",
    "/vocabulary/tie-status", "/vocabulary/tie-status/current", "/dataset",
)  # fmt: skip


def test_entities_are_the_same_in_json_ld_and_in_turtle(ask: Ask, store: Store) -> None:
    labelled = store.quads_for_pattern(None, SKOS.prefLabel, None, DefaultGraph())
    withdrawn = {quad.subject for quad in store.quads_for_pattern(None, OWL.deprecated, None, DefaultGraph())}
    entities = {quad.subject for quad in labelled if ns.ID in str(quad.subject)} - withdrawn
    iris = sorted(entity.value for entity in entities)  # type: ignore[union-attr]
    chosen = fresh_random("entities in JSON-LD").sample(iris, by_tier(30, 60, 300))
    for path in (f"/doc/{iri.removeprefix(ns.ID)}" for iri in (*chosen, f"{ns.ID}city/birmingham")):
        answer = ask(f"{path}.jsonld")
        told = json.loads(answer.body)
        assert told["@graph"][0]["@id"] == "id:" + path.removeprefix("/doc/")
        json_ld, turtle = Graph().parse(data=answer.body, format="json-ld"), Graph().parse(data=ask(f"{path}.ttl").body)
        assert isomorphic(json_ld, turtle), path


@pytest.mark.parametrize("path", TERMS)
def test_documents_of_terms_are_the_same_in_json_ld_and_in_turtle(ask: Ask, path: str) -> None:
    body = ask(f"{path}.jsonld").body
    json_ld, turtle = Graph().parse(data=body, format="json-ld"), Graph().parse(data=ask(f"{path}.ttl").body)
    assert to_isomorphic(json_ld) == to_isomorphic(turtle)


def test_with_provenance_the_graphs_stay_apart(ask: Ask) -> None:
    path = "/doc/twinning/birmingham-guangzhou"
    written = ask(f"{path}.jsonld?profile=provenance").body
    quads = set(parse(ask(f"{path}.nq?profile=provenance").body, RdfFormat.N_QUADS))
    assert set(parse(written, RdfFormat.JSON_LD)) == quads
    assert len(list(Dataset().parse(data=written, format="json-ld").graphs())) > 5


def test_each_document_uses_the_published_context(ask: Ask) -> None:
    answer = ask("/context.jsonld")
    assert (answer.status, answer.type) == (200, "application/ld+json")
    assert ask("-H", f"If-None-Match: {answer.headers['etag']}", "/context.jsonld").status == 304
    published = json.loads(answer.body)["@context"]
    for path in ("/doc/city/leeds", "/doc/city/birmingham", "/doc/passage/table-1", *TERMS):
        used = json.loads(ask(f"{path}.jsonld").body)["@context"]
        assert used.items() <= published.items(), path
    assert published["twin"] == {"@id": f"{ns.CD}twin", "@type": "@id"}
    assert published["Twinning"] == f"{ns.CD}Twinning"
    assert published["says"] == {"@id": f"{ns.CD}says", "@container": "@language"}
    assert published["lat"] == {"@id": f"{ns.PREFIXES['wgs84']}lat", "@type": f"{ns.PREFIXES['xsd']}decimal"}


def test_a_twinning_reads_as_json(ask: Ask) -> None:
    for answer in (ask("-H", "Accept: application/json", "/doc/twinning/hangzhou-leeds"),):
        told = json.loads(answer.body)["@graph"][0]
        assert (answer.status, answer.type) == (200, "application/json")
        assert answer.headers["content-location"] == "/doc/twinning/hangzhou-leeds.jsonld"
        assert told["@type"] == ["Relation", "Twinning"]
        assert told["twin"] == ["id:city/hangzhou", "id:city/leeds"]
        assert told["prefLabel"] == {"en": "Twinning of Hangzhou and Leeds"}


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("application/json, */*;q=0.1", "application/json"),
        ("application/ld+json, application/json", "application/ld+json"),
        ("application/json, application/ld+json;q=0.5", "application/json"),
        ("application/json;q=0.5, text/turtle", "text/turtle"),
        ("*/*", "text/turtle"),
    ],
)
def test_plain_json_is_given_to_who_asks_for_it(ask: Ask, accept: str, kind: str) -> None:
    assert ask("-H", f"Accept: {accept}", "/doc/city/leeds").type == kind
    assert ask("-H", f"Accept: {accept}", "/id/city/leeds").status == 303


def test_what_is_read_can_be_handed_to_the_gate(ask: Ask) -> None:
    """No document needs anything that is not in it, so it can be sent back as it is."""
    body = ask("/doc/twinning/hangzhou-leeds.jsonld?profile=concise").body.decode()
    assert "w3id.org/city-diplomacy/context" not in body
    assert list(parse(body, RdfFormat.JSON_LD))
