"""`/card` over HTTP: what a link leads to, by the address that it has on pages."""

from __future__ import annotations

from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg.rdf import namespaces as ns
from server.web import LinkedText


@pytest.mark.parametrize(
    ("address", "label"),
    [
        ("/doc/city/birmingham", "Birmingham"),
        ("/ontology#City", "city"),
        ("/vocabulary/tie-status/current", "current"),
        ("/doc/passage/table-1", "Table 1"),
    ],
)
def test_a_card_is_found_by_the_address_of_the_page_and_kept_until_the_graph_changes(
    client: FlaskClient, address: str, label: str
) -> None:
    answer = client.get(f"/card?of={quote(address)}")
    assert (answer.status_code, (answer.json or {})["label"]) == (200, label)
    assert answer.cache_control.no_cache
    assert answer.headers["ETag"]


@pytest.mark.parametrize(
    "address", ["", "/doc/city/nowhere", "/doc/city/%00 <", "/report", "city:leeds", "//elsewhere"]
)
def test_what_is_no_page_of_a_thing_or_term_is_not_found(client: FlaskClient, address: str) -> None:
    answer = client.get("/card", query_string={"of": address})
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


@given(
    st.sampled_from([ns.ID + "city/", ns.CD, ns.VOCABULARY + "tie-status/", ns.SHAPES, ns.REPORT]),
    st.from_regex(ns.SLUG, fullmatch=True),
)
@pytest.mark.drawn
def test_an_address_leads_back_to_the_iri_that_it_was_made_of(namespace: str, name: str) -> None:
    address = LinkedText.of("", namespace + name).href
    assert address is not None
    assert LinkedText.iri_at(address) == namespace + name
