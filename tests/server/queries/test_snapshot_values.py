"""What pages of questions show of a whole snapshot is read once of it, and of each scope."""

from __future__ import annotations

import re

import pytest
from flask.testing import FlaskClient

PAGE = {"Accept": "text/html"}
BY_COUNTRIES = "/queries/map-of-countries?least="


@pytest.mark.drawn
def test_a_count_over_the_world_and_the_values_of_a_field_are_read_once_for_all_pages(
    beside: FlaskClient, trips: list[str]
) -> None:
    first, second = (beside.get(f"{BY_COUNTRIES}{least}", headers=PAGE) for least in (1, 2))
    assert [page.status_code for page in (first, second)] == [200, 200]
    assert sum(one.endswith(".coverage") for one in trips) <= 1
    trips.clear()
    for country in ("germany", "poland"):
        page = beside.get(f"/queries/countries-twinned-with-a-country?country={country}", headers=PAGE)
        assert page.status_code == 200
    assert sum(one.endswith(".parameter_values") for one in trips) <= 1


@pytest.mark.drawn
def test_each_scope_has_values_of_its_own(beside: FlaskClient) -> None:
    page = "/queries/twins-of-any-city?thing=leeds&scope="
    offered = [beside.get(page + scope, headers=PAGE).text for scope in ("all", "report", "all")]
    assert ['<option value="polity:q3167"' in text for text in offered] == [True, False, True]
    assert all('<option value="London"' in text for text in offered)


def test_a_page_by_countries_says_of_how_many_of_all_it_is(beside: FlaskClient) -> None:
    twinnings = beside.get(f"{BY_COUNTRIES}1", headers=PAGE).text
    assert re.search(r"The graph knows both countries of \d+ of \d+ twinnings\.", twinnings)
    bodies = beside.get("/queries/map-of-a-countrys-cities?country=china", headers=PAGE).text
    assert re.search(r"The graph knows the country of \d+ of \d+ twinned bodies\.", bodies)
    assert "The graph knows" not in beside.get("/queries/most-twinned-bodies", headers=PAGE).text
