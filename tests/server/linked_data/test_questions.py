"""Which canned questions the page about a thing offers: those that have rows for it."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator

import pytest
from flask.testing import FlaskClient

from kg.rdf.formats import HTML
from kg.store.data_folder import DataFolder
from tests.support.serving import client as client_of


@pytest.fixture(scope="module")
def beside(with_world: DataFolder) -> Iterator[FlaskClient]:
    with client_of(with_world) as client:
        yield client


def questions(client: FlaskClient, thing: str) -> set[str]:
    """Return the names of the questions that its page offers."""
    answer = client.get(f"/doc/{thing}", headers={"Accept": HTML})
    assert answer.status_code == 200
    return {html.unescape(name) for name in re.findall(r'href="/queries/([\w-]+)\?', answer.text)}


@pytest.mark.parametrize(
    ("thing", "is_twin", "has_ties"),
    [("city/leeds", True, True), ("country/china", False, True), ("country/germany", False, False)],
)
def test_a_country_is_asked_what_any_body_is_only_if_it_has_rows(
    beside: FlaskClient, thing: str, is_twin: bool, has_ties: bool
) -> None:
    offered = questions(beside, thing)
    twins = {"twins-of-any-city", "twins-stated-by-one-side", "hubs-two-steps-from-a-city"}
    assert offered & twins == (twins if is_twin else set())
    assert ("ties-of-one-work" in offered) is has_ties
    assert "groups" in offered  # whose values are any polity
