"""GET without a query: the description of the service."""

from __future__ import annotations

import json

import pytest
from pyoxigraph import NamedNode, RdfFormat, Triple, parse

from tests.support.protocol import (
    BASE,
    BROWSER,
    CSV,
    JSON,
    RDF_TYPES,
    TURTLE,
    accept,
    ask,
    url,
)


@pytest.mark.parametrize("wish", [*RDF_TYPES, "*/*", f"{JSON}, */*;q=0.1"])
@pytest.mark.drawn
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
