"""Which error each refusal of somebody who writes is: its status, and the type by which programs go (RFC 9457).

Of a type the last part of its address is written here, as in tests/server/web/test_error_types.py.
"""

from __future__ import annotations

from typing import Any

import pytest

from kg.rdf import namespaces as ns
from tests.server.curation.test_curators_day import SOURCE, WORDS, twinning
from tests.support.curated import Curated
from tests.support.http import Answer, send
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

RIGHT = PREFIXES + SOURCE + twinning("jinan", "york")
WRONG = RIGHT.replace("cd:accountOf", "cd:acountOf")
NOTE = PREFIXES + 'account:council-list--twinning-jinan-york cd:note "Renewed twice, says the list."@en .'
PATCH = f'TX .\nD <{ns.ID}city/york> <http://www.w3.org/2004/02/skos/core#prefLabel> "York"@en .\nTC .\n'
UNREADABLE = "<http://example.org/a> a"
UPDATE = f"INSERT DATA {{ GRAPH <{ns.GRAPH}curated/updates> {{ city:york skos:altLabel 'Yorvik' }} }}"
TURTLE, IS_UPDATE = "text/turtle", "application/sparql-update"
CHANGE, PROPOSE, EXPLAINED = f"/changes?{WORDS}", f"/proposals?{WORDS}", "/update?summary=a&source=http://a.example/"
NEEDED, WRONG_TOKEN, ROLE = (401, "a-token-is-needed"), (401, "the-token-is-not-valid"), (403, "another-role-is-needed")
PARAMETER, NOT_THERE = (400, "a-parameter-does-not-fit"), (404, "there-is-no-such-thing")
NOT_READ, NOT_CONFORMING = (400, "the-submission-cannot-be-read"), (422, "the-change-does-not-conform")
PASSED, NO_TYPE = (412, "the-graph-is-at-another-revision"), (415, "the-type-is-not-supported")
UPDATE_REFUSED = (403, "the-update-is-refused")


def asked(
    curated: Curated, request: str, text: str = "", media_type: str = TURTLE, by: str = "Ann", **headers: str
) -> Answer:
    """Return the answer to a request (method and path) of somebody; names of headers are written with `_` for `-`."""
    method, path = request.split(" ")
    sent = {name.replace("_", "-"): value for name, value in headers.items()}
    sent |= {"Content-Type": media_type} if media_type else {}
    sent |= {"Authorization": f"Bearer {curated.tokens[by]}"} if by else {}
    return send(curated.address, path, method=method, body=text, headers=sent)


def kind(answer: Answer) -> tuple[int, str]:
    """Return the status of an answer, and of its type the last part."""
    problem: dict[str, Any] = answer.members
    assert answer.headers["content-type"] == "application/problem+json"
    assert (problem["status"], answer.headers["cache-control"]) == (answer.status, "no-store")
    root, _, name = problem["type"].rpartition("/")
    assert root == "/docs/errors"
    return answer.status, name


@pytest.mark.parametrize(
    ("request_line", "text", "media_type"),
    [
        (f"POST {CHANGE}", RIGHT, TURTLE),
        (f"POST {PROPOSE}", RIGHT, TURTLE),
        ("POST /changes/1/revert", "", ""),
        ("PUT /graph/curated/store", RIGHT, TURTLE),
        (f"POST {EXPLAINED}", UPDATE, IS_UPDATE),
        ("POST /proposals/1/accept", "", ""),
        ("GET /proposals", "", ""),
        ("GET /proposals/1", "", ""),
        ("GET /imports", "", ""),
    ],
)
def test_nobody_and_somebody_whose_token_is_wrong(
    curated: Curated, request_line: str, text: str, media_type: str
) -> None:
    nobody = asked(curated, request_line, text, media_type, by="")
    assert (kind(nobody), nobody.headers["www-authenticate"].partition(",")[0]) == (NEEDED, 'Bearer realm="citykg"')
    wrong = asked(curated, request_line, text, media_type, by="", Authorization="Bearer cdk_wrong")
    assert kind(wrong) == WRONG_TOKEN
    assert 'error="invalid_token"' in wrong.headers["www-authenticate"]
    two = asked(curated, request_line, text, media_type, by="", Authorization="Bearer one two")
    assert kind(two) == (400, "the-authorization-header-does-not-fit")


@pytest.mark.parametrize(
    ("request_line", "text", "media_type"),
    [
        (f"POST {CHANGE}", RIGHT, TURTLE),
        ("POST /changes/1/revert", "", ""),
        ("PUT /graph/curated/store", RIGHT, TURTLE),
        (f"POST {EXPLAINED}", UPDATE, IS_UPDATE),
        ("POST /proposals/1/accept", "", ""),
    ],
)
def test_a_contributor_who_does_what_curators_do(
    curated: Curated, request_line: str, text: str, media_type: str
) -> None:
    answer = asked(curated, request_line, text, media_type, by="Carl")
    assert kind(answer) == ROLE
    assert answer.headers["www-authenticate"] == 'Bearer realm="citykg", error="insufficient_scope", scope="curator"'


@pytest.mark.parametrize(
    ("request_line", "text", "media_type", "refused"),
    [
        ("POST /changes?source=http://a.example/", RIGHT, TURTLE, PARAMETER),
        ("POST /changes?summary=a", RIGHT, TURTLE, PARAMETER),
        (f"POST {CHANGE}", "# nothing", "", NO_TYPE),
        (f"POST {CHANGE}", UNREADABLE, TURTLE, NOT_READ),
        (f"POST {CHANGE}", WRONG, TURTLE, NOT_CONFORMING),
        (f"POST {PROPOSE}", UNREADABLE, TURTLE, NOT_READ),
        ("POST /changes/99/revert", "", "", NOT_THERE),
        ("POST /changes/99/revert?colour=red", "", "", PARAMETER),
        ("PUT /graph/curated/store", UNREADABLE, TURTLE, NOT_READ),
        ("PUT /graph/curated/store", "# nothing", TURTLE, NOT_READ),
        ("PUT /graph/curated/store", WRONG, TURTLE, NOT_CONFORMING),
        ("PUT /graph/curated/store", RIGHT, "text/plain", NO_TYPE),
        ("PUT /graph/curated/store", PATCH, "application/rdf-patch", PARAMETER),
        ("PUT /graph/report/table-1", RIGHT, TURTLE, (403, "the-graph-cannot-be-written")),
        ("DELETE /graph/curated/none", "", "", NOT_THERE),
        ("POST /update", UPDATE, IS_UPDATE, PARAMETER),
        (
            f"POST {EXPLAINED}",
            "INSERT DATA { city:york a cd:City }",
            IS_UPDATE,
            (422, "the-update-writes-to-the-default-graph"),
        ),
        (f"POST {EXPLAINED}", "CLEAR GRAPH graph:gazetteer", IS_UPDATE, UPDATE_REFUSED),
        (f"POST {EXPLAINED}", "CLEAR ALL", IS_UPDATE, UPDATE_REFUSED),
        (f"POST {EXPLAINED}", "LOAD <http://127.0.0.1:9/>", IS_UPDATE, UPDATE_REFUSED),
        (f"POST {EXPLAINED}", "INSERT DATA {", IS_UPDATE, (400, "the-query-cannot-be-run")),
        (f"POST {EXPLAINED}", UPDATE.replace("skos:altLabel", "a"), IS_UPDATE, NOT_CONFORMING),
        ("GET /proposals?state=half", "", "", PARAMETER),
        ("GET /proposals?colour=red", "", "", NOT_THERE),
        ("GET /proposals/99", "", "", NOT_THERE),
        ("POST /proposals/99/accept", "", "", NOT_THERE),
        ("GET /imports/99", "", "", NOT_THERE),
    ],
)
def test_what_a_curator_gets_wrong(
    curated: Curated, request_line: str, text: str, media_type: str, refused: tuple[int, str]
) -> None:
    assert kind(asked(curated, request_line, text, media_type)) == refused


@pytest.mark.parametrize("request_line", [f"POST {CHANGE}", "PUT /graph/curated/store"])
def test_a_revision_that_has_passed(curated: Curated, request_line: str) -> None:
    assert kind(asked(curated, request_line, RIGHT, If_Match='"000000000000.7"')) == PASSED


def test_what_a_change_that_was_made_rules_out(curated: Curated) -> None:
    made = asked(curated, f"POST {CHANGE}", RIGHT, Idempotency_Key="types-1")
    assert made.status == 201, made.body
    change = made.headers["location"]
    another = RIGHT.replace("status:current", "status:former")
    assert kind(asked(curated, f"POST {CHANGE}", another, Idempotency_Key="types-1")) == (
        422,
        "the-idempotency-key-was-used-before",
    )
    assert kind(asked(curated, f"POST {CHANGE}", RIGHT)) == (409, "the-change-does-not-fit-the-graph")
    second = asked(curated, f"POST {CHANGE}&acknowledge=yes", NOTE)
    assert second.status == 201, second.body
    assert kind(asked(curated, f"POST {change}/revert", media_type="")) == (409, "something-depends-on-the-change")
    for address in (second.headers["location"], change):
        assert asked(curated, f"POST {address}/revert", media_type="").status == 201
        assert kind(asked(curated, f"POST {address}/revert", media_type="")) == (
            409,
            "the-change-does-not-fit-the-graph",
        )


def test_what_a_proposal_rules_out(curated: Curated) -> None:
    first, wrong, own = (
        asked(curated, f"POST {PROPOSE}", text, by=by).headers["location"]
        for text, by in ((RIGHT, "Carl"), (WRONG, "Carl"), (RIGHT, "Ann"))
    )
    assert kind(asked(curated, f"POST {own}/accept", media_type="")) == (403, "the-proposal-is-your-own")
    assert kind(asked(curated, f"POST {wrong}/accept", media_type="")) == NOT_CONFORMING
    assert kind(asked(curated, f"POST {first}/refuse", media_type="")) == PARAMETER
    assert kind(asked(curated, f"POST {first}/withdraw", media_type="")) == (403, "the-proposal-is-not-yours")
    accepted = asked(curated, f"POST {first}/accept", media_type="")
    assert accepted.status == 201, accepted.body
    assert kind(asked(curated, f"POST {first}/accept", media_type="")) == (409, "the-proposal-is-decided-already")
    assert asked(curated, f"POST {accepted.headers['location']}/revert", media_type="").status == 201


def test_a_graph_that_is_there_already(curated: Curated) -> None:
    assert asked(curated, "PUT /graph/curated/types", RIGHT).status == 201
    again = asked(curated, "PUT /graph/curated/types", RIGHT, If_None_Match="*")
    assert kind(again) == (412, "a-precondition-failed")
    assert asked(curated, "DELETE /graph/curated/types", media_type="").status == 204
