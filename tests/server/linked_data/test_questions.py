"""Which canned questions the page about a thing offers."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from kg.publish.pages import entity_page
from kg.queries import find_query
from kg.rdf import namespaces as ns
from server.linked_data.entity_page import asks_for


@pytest.mark.parametrize(
    ("thing", "linked", "is_asked_for"),
    [
        ("city:leeds", {}, True),
        ("country:china", {"polity": 1}, False),
        ("country:china", {"twinning": 1}, True),
    ],
    ids=["a city", "a country", "a country that is a twin"],
)
def test_a_country_is_asked_what_a_city_is_only_if_it_is_a_twin(
    store: Store, thing: str, linked: dict[str, int], is_asked_for: bool
) -> None:
    about = entity_page(store, ns.expand(thing) or "", has_sections=False)
    assert "cd:Polity" in about["classes"]
    about["linked"] = linked
    assert asks_for(find_query("twins-of-any-city").parameter("city"), about) is is_asked_for
