"""Which canned questions the page about a thing offers: those that have rows for it."""

from __future__ import annotations

import html
import re

import pytest
from flask.testing import FlaskClient

from kg.rdf.formats import HTML


def questions(client: FlaskClient, thing: str) -> set[str]:
    """Return the names of the questions that its page offers."""
    answer = client.get(f"/doc/{thing}", headers={"Accept": HTML})
    assert answer.status_code == 200
    return {html.unescape(name) for name in re.findall(r'href="/queries/([\w-]+)\?', answer.text)}


_OF_TWINS = {"twins-of-any-city", "hubs-two-steps-from-a-city"}


@pytest.mark.parametrize(
    ("thing", "asked", "without_rows"),
    [
        ("city/leeds", "twins-of-a-city", set()),
        ("country/china", "memberships", _OF_TWINS),
        ("country/germany", "places", _OF_TWINS),
    ],
)
@pytest.mark.drawn
def test_a_page_asks_a_few_questions_that_have_rows(
    beside: FlaskClient, thing: str, asked: str, without_rows: set[str]
) -> None:
    offered = questions(beside, thing)
    assert asked in offered
    assert len(offered) <= 5
    assert not offered & without_rows
