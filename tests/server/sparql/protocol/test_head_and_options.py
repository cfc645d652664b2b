"""HEAD, OPTIONS, and what scripts of other sites may ask and read."""

from __future__ import annotations

import pytest

from tests.support.protocol import (
    ASK,
    BROWSER,
    CONSTRUCT,
    CSV,
    HEAVY,
    JSON,
    SELECT,
    TURTLE,
    accept,
    ask,
    url,
)


@pytest.mark.parametrize(
    ("asked", "wish"),
    [
        pytest.param([("query", SELECT)], JSON, id="SELECT as JSON"),
        pytest.param([("query", SELECT)], CSV, id="SELECT as CSV"),
        pytest.param([("query", CONSTRUCT)], TURTLE, id="CONSTRUCT"),
        pytest.param([("query", SELECT)], "text/html", id="SELECT as a page"),
        pytest.param([("query", "ASK {")], JSON, id="a syntax error"),
        pytest.param([("query", SELECT)], TURTLE, id="nothing acceptable"),
        pytest.param([("query", ASK), ("query", ASK)], JSON, id="two queries"),
        pytest.param([], TURTLE, id="service description"),
        pytest.param([], BROWSER, id="page"),
    ],
)
@pytest.mark.drawn
def test_head_has_the_status_and_headers_of_get_and_no_body(
    address: str, asked: list[tuple[str, str]], wish: str
) -> None:
    by_get, by_head = (ask(*options, *accept(wish), url(address, *asked)) for options in ((), ("--head",)))
    assert (by_head.status, by_head.body) == (by_get.status, b"")
    # RFC 9110, 9.3.2: what is only known once the content is made may be left out, but not be wrong
    made = {"date", "content-length", "transfer-encoding", "etag"}
    told, wanted = ({n: v for n, v in a.headers.items() if n not in made} for a in (by_head, by_get))
    assert {name: told.get(name) for name in wanted if name != "x-request-id"} == {
        name: value for name, value in wanted.items() if name != "x-request-id"
    }
    if "content-length" in by_head.headers:
        assert by_head.headers["content-length"] == by_get.headers["content-length"]


def test_head_runs_nothing_heavy(address: str) -> None:
    answer = ask("--head", url(address, ("query", HEAVY), ("timeout", "1")))
    assert (answer.status, answer.type) == (200, JSON)


ORIGIN = ("-H", "Origin: https://yasgui.example")


@pytest.mark.parametrize("method", ["GET", "POST", "QUERY"])
def test_a_script_of_another_site_may_ask_beforehand(address: str, method: str) -> None:
    asks = (
        "-H",
        f"Access-Control-Request-Method: {method}",
        "-H",
        "Access-Control-Request-Headers: content-type, accept",
    )
    answer = ask("-X", "OPTIONS", *ORIGIN, *asks, url(address))
    assert answer.status in (200, 204)
    assert answer.headers["access-control-allow-origin"] in ("*", "https://yasgui.example")
    assert method.lower() in answer.listed("access-control-allow-methods")
    assert {"content-type", "accept", "if-none-match"} <= answer.listed("access-control-allow-headers")
    assert (answer.body, "content-type" in answer.headers) == (b"", False)
