"""An answer without rows says whether what it lacks is denied, listed in full by some source, or open."""

from __future__ import annotations

import html

import pytest

from kg.queries import Question, find_query
from server.queries.known import Known
from tests.support.http import Ask

DENIED = "Denied by Section 3.2, paragraph 7, as of 2015: Hong Kong has no sister cities."
OPEN = "Open: no source says that there is none, nor that its list is all."


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        ("twins-of-a-city?thing=hong-kong", DENIED),
        ("twins-of-a-city?thing=york", OPEN),
        ("memberships?other=who-healthy-cities", OPEN),
        ("shared-memberships?thing=york&other=hong-kong", OPEN),
        ("shared-memberships?thing=c40&other=who-healthy-cities", OPEN),
    ],
)
@pytest.mark.drawn
def test_an_answer_without_rows_says_what_is_known_in_each_format(ask: Ask, question: str, sentence: str) -> None:
    name, values = question.split("?")
    page = ask("-H", "Accept: text/html", f"/queries/{question}").body.decode()
    assert sentence in html.unescape(page)
    for suffix in ("csv", "json"):
        (target,) = ask(f"/queries/{name}.{suffix}?{values}").links("help")
        assert target.startswith("/queries/what-is-known?kind=tie")


def test_of_two_that_are_compared_each_is_named_where_not_the_same_is_known(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Question(find_query("shared-memberships"), {"thing": "city:york", "other": "city:oxford"})
    monkeypatch.setattr(Known, "_of_actor", lambda asked, actor: Known(f"Known of {asked.values[actor]}.", "/known"))
    known = Known.of_empty(asked)
    assert known is not None
    assert known.sentence == "City or network: Known of city:york. Other city or network: Known of city:oxford."


def test_an_answer_with_rows_says_nothing_of_it(ask: Ask) -> None:
    assert not ask("/queries/twins-of-a-city.csv?thing=leeds").links("help")
    assert "no source says that there is none" not in ask("/queries/twins-of-a-city.html?thing=leeds").body.decode()


def test_what_is_known_is_a_question_of_its_own(ask: Ask) -> None:
    def known(values: str) -> list[str]:
        _, *rows = ask(f"/queries/what-is-known.csv?{values}").body.decode().splitlines()
        return [row.split(",")[0] for row in rows]

    assert known("thing=city:birmingham&kind=twinning&other=china") == ["denied", "denied"]
    assert known("thing=london&kind=twinning&other=china") == ["complete"]
    assert known("thing=london&kind=twinning") == ["open"]
    assert known("thing=city:hong-kong&kind=network-membership&other=network:c40-low-emission-vehicles") == ["complete"]
