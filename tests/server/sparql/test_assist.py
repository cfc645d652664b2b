"""/sparql/assist over HTTP, as an editor asks it and by hand."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

pytestmark = pytest.mark.drawn

ADDRESS = "/sparql/assist"


def asked(client: FlaskClient, **what: Any) -> dict[str, Any]:
    answer = client.post(ADDRESS, json=what)
    assert answer.status_code == 200, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return dict(answer.json or {})


def test_an_editor_is_helped_by_post_and_anybody_by_get(client: FlaskClient) -> None:
    text = "SELECT * { ?x cd:twinnedWith 伯明 }"
    found = asked(client, do="complete", text=text, offset=31)
    assert [item["insert"] for item in found["items"]][:1] == ["city:birmingham"]
    assert (found["from"], found["to"]) == (29, 31)
    assert found["revision"]
    by_hand = client.get(ADDRESS, query_string={"text": text, "offset": 31}).json
    # whether the engine was asked in time may differ
    assert [item["insert"] for item in by_hand["items"]] == [item["insert"] for item in found["items"]]
    assert (by_hand["from"], by_hand["to"], by_hand["revision"]) == (29, 31, found["revision"])


def test_checks_formats_and_words_come_by_the_same_address(client: FlaskClient) -> None:
    (finding,) = asked(client, do="check", text="SELECT * { ?x a cd:Citi }")["findings"]
    assert finding["mend"] == {"from": 16, "to": 23, "text": "cd:City", "title": "Write cd:City"}
    assert asked(client, do="format", text="ask{?x a cd:City}")["text"] == "ASK {\n  ?x a cd:City\n}"
    found = asked(client, do="hover", text="ASK { city:london ?p ?o }", offset=8)["hover"]
    assert (found["label"], found["href"]) == ("London", "/doc/city/london")
    assert asked(client, do="hover", text="ASK { city:london ?p ?o }", offset=2)["hover"] is None


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"do": "eat", "text": ""}, 400),
        ({"text": 1}, 400),
        ({"text": "", "offset": "here"}, 400),
        ({"text": "", "explicit": "-7.0e+16"}, 400),
        ({"text": "", "explicit": ["yes"]}, 400),
        ({"text": "", "scope": "nowhere"}, 400),
        ({"text": "x" * 100_001}, 413),
        ([], 400),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(client: FlaskClient, body: object, status: int) -> None:
    answer = client.post(ADDRESS, json=body)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")


@pytest.mark.parametrize("offset", ["99", "9" * 5_000])
def test_an_offset_beyond_the_end_is_the_end(client: FlaskClient, offset: str) -> None:
    found = client.get(ADDRESS, query_string={"text": "SELECT * { ?x cd:twinnedWith 伯明", "offset": offset})
    assert (found.status_code, [item["insert"] for item in found.json["items"]][:1]) == (200, ["city:birmingham"])


def test_half_a_character_is_refused(client: FlaskClient) -> None:
    assert client.post(ADDRESS, data=b'{"text": "\\ud800"}', content_type="application/json").status_code == 400


def test_a_text_that_ends_its_worker_is_reported_and_the_next_letter_is_answered(client: FlaskClient) -> None:
    deep = "SELECT * { FILTER(" + "(" * 20_000
    for text in (deep, deep + "?"):
        (finding,) = asked(client, do="check", text=text + ")" * 20_000)["findings"]
        assert finding["message"]
        assert asked(client, do="complete", text=text)["role"] == "expression"
    assert asked(client, do="check", text="ASK {}")["findings"] == []
