"""The Reconciliation Service API 0.2: a session of requests as OpenRefine sends them, and what goes wrong in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator

from server.reconciliation.endpoint import BATCH
from tests.support.http import Ask

FORMS = json.loads(Path(__file__).with_name("responses.schema.json").read_text(encoding="utf-8"))


def fits(form: str, said: Any) -> Any:
    Draft202012Validator({**FORMS, "$ref": f"#/$defs/{form}"}).validate(said)
    return said


def posted(client: FlaskClient, name: str, asked: Any) -> Any:
    answer = client.post("/reconcile", data={name: json.dumps(asked)})
    assert answer.status_code == 200, answer.text
    return answer.json


@pytest.mark.drawn
def test_a_session_of_openrefine(client: FlaskClient) -> None:
    """A column "City" with a column "Country" beside it is reconciled; then twins and coordinates are added."""
    answer = client.get("/reconcile", headers={"Origin": "http://127.0.0.1:3333"})
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    manifest = fits("manifest", answer.json)
    guess = {f"q{n}": {"query": name, "limit": 3} for n, name in enumerate(("Birmingham", "Leeds", "Springfield"))}
    guessed = fits("queries", posted(client, "queries", guess))
    assert guessed["q0"]["result"][0]["type"] == [{"id": "city", "name": "City"}]
    batch = {
        f"q{n}": {
            "query": name,
            "type": "city",
            "type_strict": "should",
            "properties": [{"pid": "country", "v": land}],
        }
        for n, (name, land) in enumerate((("Birmingham", "UK"), ("Peking", "CN"), ("Birmingham", "US")))
    }
    found = fits("queries", posted(client, "queries", batch))
    first = [found[name]["result"][0] for name in batch]
    assert [(one["id"], one["match"]) for one in first] == [
        ("city/birmingham", True),
        ("city/beijing", True),
        ("city/birmingham", False),
    ]
    assert all(one["score"] for one in first)

    at = manifest["extend"]["propose_properties"]["service_path"]
    proposed = fits("proposals", client.get(f"{at}?type=city&limit=20").json)
    wanted = ["twin", "latitude", "country"]
    assert {*wanted} <= {one["id"] for one in proposed["properties"]}
    asked = {"ids": ["city/birmingham", "city/beijing"], "properties": [{"id": name} for name in wanted]}
    extension = fits("extend", posted(client, "extend", asked))
    assert [one["id"] for one in extension["meta"]] == wanted
    assert {"id": "city/guangzhou", "name": "Guangzhou"} in extension["rows"]["city/birmingham"]["twin"]


def test_the_same_may_be_asked_in_an_address_and_is_kept(client: FlaskClient) -> None:
    batch = {"q0": {"query": "Leeds"}}
    answer = client.get("/reconcile", query_string={"queries": json.dumps(batch)})
    assert answer.json == posted(client, "queries", batch)
    assert answer.headers["ETag"]
    assert client.get("/reconcile").headers["ETag"] != answer.headers["ETag"]


@pytest.mark.parametrize(
    ("kind", "prefix", "wanted"),
    [("entity", "birm", "city/birmingham"), ("type", "net", "network"), ("property", "coun", "country")],
)
def test_typing_is_completed(client: FlaskClient, kind: str, prefix: str, wanted: str) -> None:
    manifest: Any = client.get("/reconcile").json
    path = manifest["suggest"][kind]["service_path"]
    found = fits("suggestions", client.get(f"{path}?prefix={prefix}").json)["result"]
    assert found[0]["id"] == wanted
    later = fits("suggestions", client.get(f"{path}?prefix={prefix}&cursor=1").json)["result"]
    assert later == found[1:]


def test_an_identifier_in_one_part_of_an_address_leads_to_its_thing(ask: Ask) -> None:
    """A client writes the identifier as a component of the address, its slash as %2F."""
    manifest = ask("/reconcile").members
    view, preview = (manifest[name]["url"] for name in ("view", "preview"))
    identifier = quote("city/leeds", safe="")
    answer = ask("/" + view.replace("{{id}}", identifier).split("/", 3)[3])
    assert answer.status == 303
    assert answer.headers["location"].endswith("/doc/city/leeds.ttl")
    shown = ask("/" + preview.replace("{{id}}", identifier).split("/", 3)[3])
    assert shown.status == 200
    assert "City in England, United Kingdom" in shown.body.decode()
    assert "frame-ancestors *" in shown.headers["content-security-policy"]
    assert ask("/reconcile/preview?id=city/nowhere").status == 404


@pytest.mark.parametrize(
    ("form", "status", "words"),
    [
        ({}, 400, "neither queries= nor extend="),
        ({"queries": "{}", "extend": "{}"}, 400, "both queries= and extend="),
        ({"queries": "[" * 100_000}, 400, "is not JSON"),
        ({"queries": '{"q0": '}, 400, "is not JSON"),
        ({"queries": "[]"}, 400, "queries= does not fit"),
        ({"queries": '{"q0": {}}'}, 400, "at q0"),
        ({"queries": '{"\\ud800": {"query": "Leeds"}}'}, 400, "surrogate"),
        ({"extend": "[]"}, 400, "extend= does not fit"),
        ({"extend": '{"ids": 5, "properties": []}'}, 400, "at ids"),
        ({"extend": json.dumps({"ids": "x" * (BATCH + 1), "properties": []})}, 400, "at ids"),
        ({"extend": '{"ids": ["\\ud800"], "properties": []}'}, 400, "surrogate"),
        ({"extend": '{"ids": [], "properties": [{"id": "\\udfff"}]}'}, 400, "surrogate"),
        ({"queries": '{"q0": {"query": "Leeds", "limit": 0}}'}, 400, "at q0 / limit"),
        ({"extend": '{"ids": ["city/leeds"], "properties": [{"id": "twins"}]}'}, 404, "Did you mean 'twin'"),
        ({"queries": json.dumps({f"q{n}": {"query": "Leeds"} for n in range(10_000)})}, 413, "10,000 things"),
        ({"extend": json.dumps({"ids": ["city/leeds"] * (BATCH + 1), "properties": []})}, 413, "in parts"),
    ],
)
def test_a_request_that_does_not_fit_is_refused_in_words(
    client: FlaskClient, form: dict[str, str], status: int, words: str
) -> None:
    answer = client.post("/reconcile", data=form)
    assert answer.status_code == status, answer.text
    members: Any = answer.json
    assert words in f"{members['detail']} {members.get('hint', '')}"


def test_a_query_of_a_batch_that_does_not_fit_fails_alone(client: FlaskClient) -> None:
    batch = {
        "good": {"query": "Leeds"},
        "type": {"query": "Leeds", "type": ["city", "City"]},
        "property": {"query": "Leeds", "properties": [{"pid": "land", "v": "UK"}]},
    }
    found = fits("queries", posted(client, "queries", batch))
    assert found["good"]["result"][0]["match"]
    for name in ("type", "property"):
        assert found[name]["result"] == []
        assert (found[name]["error"]["status"], name in found[name]["error"]["detail"]) == (404, True)
    assert posted(client, "queries", {"type": batch["type"]}) == {"type": found["type"]}


@pytest.mark.drawn
def test_a_whole_batch_is_answered(client: FlaskClient) -> None:
    batch = {f"q{n}": {"query": f"Birmingham {n}"} for n in range(BATCH)}
    assert len(fits("queries", posted(client, "queries", batch))) == BATCH
