"""Addresses, headers and bytes that no honest client sends, to the real command: none gets what is not for it."""

from __future__ import annotations

import re
import socket

import pytest

from kg.store.data_folder import DataFolder
from tests.support.command import Command
from tests.support.tiers import by_tier, fresh_random

SECRET = "hostile-tests-secret"

pytestmark = pytest.mark.usefixtures("leaves_nothing_behind")

POST = b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Type: application/sparql-query\r\n"
LEEDS = b"GET /id/city/leeds HTTP/1.1\r\nHost: x\r\n"

# ---- Addresses ----

ROOTS = ("/", "/doc/city/", "/doc/", "/id/city/", "/dumps/", "/dumps/report/", "/graph/", "/queries/", "/docs/errors/")
ROOTS += ("/vocabulary/", "/vocabulary/status/", "/ontology/", "/static/", "/.well-known/")
UP = (
    "../",
    "..%2f",
    "%2e%2e/",
    "%2e%2e%2f",
    "%252e%252e%252f",
    "..\\",
    "..%5c",
    "%c0%ae%c0%ae/",
    "%c0%ae%c0%ae%c0%af",
    "%u002e%u002e/",
    "....//",
    "..;/",
    ".%00./",
    "..%ef%bc%8f",
)
ABSOLUTE = ("", "/", "//", "%2f", "%2f%2f", "file://", "file:%2f%2f", "london.ttl%00")
ENDS = ("", ".ttl", "%00", "%00.ttl", "?page=1", "#.ttl")
ENDS_OF_EACH = by_tier(1, 3, len(ENDS))
"""How many ends, drawn anew in each run, each address has."""


def get(path: str, headers: dict[str, str] | None = None) -> bytes:
    """Write a request as it stands, with what clients would escape."""
    fields = {"Host": "localhost", "Connection": "close", **(headers or {})}
    lines = [f"GET {path} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    return "\r\n".join(lines).encode("latin-1")


@pytest.mark.scaled
@pytest.mark.parametrize("root", ROOTS)
@pytest.mark.drawn
def test_no_address_leads_out_of_the_service(server: Command, folder: DataFolder, root: str) -> None:
    (folder.path / "secret.ttl").write_text(SECRET, encoding="utf-8")
    targets = (("/etc/passwd", b"root:"), (f"{folder.path}/secret.ttl", SECRET.encode()))
    drawn = fresh_random("ends")
    for target, content in targets:
        climbs = [way * 12 + target[1:].replace("/", "%2f" if "/" not in way else "/") for way in UP]
        for path in (*climbs, *(start + target for start in ABSOLUTE)):
            for end in drawn.sample(ENDS, ENDS_OF_EACH):
                status, _, body = server.exchange(get(f"{root}{path}{end}"))
                assert status in (400, 404), path
                assert content not in body


def test_no_redirect_leads_to_another_host(server: Command) -> None:
    paths = (
        "//evil.example/",
        "//evil.example/..",
        "/\\evil.example/",
        "/%2f%2fevil.example/",
        "/queries//",
        "/queries/",
    )
    paths += ("/dumps//evil.example", "/graph//x", "/id/city/%2f%2fevil.example", "/.well-known/void", "/id/city/leeds")
    paths += (
        "/id/twinning/leeds-hangzhou",
        "/doc/twinning/leeds-hangzhou.ttl",
        "http://evil.example/queries/",
        "/ontology/",
    )
    seen = set()
    for path in paths:
        named = {"Host": "evil.example", "X-Forwarded-Host": "evil.example", "X-Original-URL": "//evil.example"}
        status, headers, _ = server.exchange(get(path, named))
        seen.add(status)
        for header in ("location", "content-location", "link"):
            assert "evil.example" not in headers.get(header, ""), path
            assert not headers.get(header, "").startswith(("//", "/\\")), path
    assert {301, 303, 308} <= seen


# ---- Headers ----

BREAKS = (
    "%0d%0a",
    "%0a",
    "%0d",
    "%0d%0a%0d%0a",
    "%E5%98%8D%E5%98%8A",
    "%c4%8d%c4%8a",
    "%c2%85",
    "%e2%80%a8",
    "%00",
    "%0b",
)
BREAKS_OF_EACH = by_tier(2, 4, len(BREAKS))
"""How many breaks, drawn anew in each run, each address has."""
BROKEN = (
    "/id/city/london@",
    "/id/twinning/leeds-hangzhou@",
    "/id/@/london",
    "/doc/city/london@",
    "/doc/city/london@.ttl",
    "/doc/city/london.ttl@",
    "/doc/city/london?page=1@",
    "/doc/city/london?page=@",
    "/doc/city/london?profile=@",
    "/doc/twinning/leeds-hangzhou.ttl@",
    "/doc/twinning/leeds-hangzhou?x=@",
    "/graph/report/table-1@",
    "/graphs?graph=https://w3id.org/city-diplomacy/graph/report/table-1@",
    "/graphs?default@",
    "/graphs?default=@",
    "/queries?@",
    "/queries@",
    "/queries/?@",
    "/queries/memberships.csv?other=c40@",
    "/queries/memberships?other=c40&limit=1@",
    "/queries/memberships?other=c40&offset=@",
    "/queries/memberships@.csv?other=c40",
    "/queries/twinnings-between-countries?format=csv@",
    "/queries/twinnings-between-countries?@=1",
    "/sparql?query=ASK%7B%7D&format=json@",
    "/sparql?query=ASK%7B%7D&timeout=1@",
    "/sparql?query=ASK%7B%7D&version=1.1@",
    "/sparql?query=ASK%7B%7D&default-graph-uri=x:@",
    "/sparql?query=ASK%7B%7D&@=@",
    "/sparql?query=ASK%7B?a%20cd:noSuchTerm@%20?b%7D",
    "/sparql?query=ASK%7B?a%20<https://w3id.org/city-diplomacy/ontology%23@>%20?b%7D",
    "/sparql?query=ASK%7B%7D%23@",
    "/dumps/all.trig@",
    "/dumps/@",
    "/docs/errors/not-found@",
    "/.well-known/void?@",
    "/dataset?@",
    "/dataset.ttl@",
    "/ontology.ttl?@",
    "/vocabulary/status@",
    "//@",
    "/@",
)


@pytest.mark.scaled
@pytest.mark.parametrize("path", BROKEN)
@pytest.mark.drawn
def test_no_line_break_gets_into_a_header_or_the_log(server: Command, path: str) -> None:
    for line_break in fresh_random("breaks").sample(BREAKS, BREAKS_OF_EACH):
        sent = path.replace("@", f"{line_break}X-Injected:%20yes{line_break}Set-Cookie:%20a=b")
        status, headers, _ = server.exchange(get(sent))
        assert status < 500 or status == 503, sent  # what goes over the whole graph may meet the tight limit
        assert not headers.keys() & {"x-injected", "set-cookie"}, sent
    assert not re.search(r"^\W*(X-Injected|Set-Cookie)", server.log(), re.MULTILINE | re.IGNORECASE)


def test_no_header_of_a_request_comes_back_or_breaks_the_log(server: Command) -> None:
    names = ("X-Request-Id", "Accept", "Accept-Language", "Origin", "User-Agent", "Referer", "If-None-Match", "Range")
    names += (
        "X-Forwarded-For",
        "X-Forwarded-Proto",
        "Forwarded",
        "Authorization",
        "Cookie",
        "Content-Type",
        "Access-Control-Request-Headers",
    )
    for name in names:
        for value in (
            "a\x0bX-Injected: yes",
            "a\x85X-Injected: yes",
            "\x1b[31mX-Injected",
            "a, */*\xff",
            '";=,<>' * 500,
        ):
            status, headers, _ = server.exchange(get("/id/city/leeds", {name: value}))
            assert status < 500, (name, value)
            assert all("njected" not in field and "\x1b" not in field for field in headers.values()), (name, value)
    assert not re.search(r"^\W*X-Injected|\x1b", server.log(), re.MULTILINE)


# ---- Requests that are none ----

MALFORMED = {
    "a greeting of TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" * 50,
    "a line of another protocol": b"EHLO evil.example\r\n\r\n",
    "a length below nothing": POST + b"Content-Length: -1\r\n\r\nASK {}",
    "a length in words": POST + b"Content-Length: six\r\n\r\nASK {}",
    "a length without an end": POST + b"Content-Length: " + b"9" * 40 + b"\r\n\r\nASK {}",
    "two lengths": POST + b"Content-Length: 6\r\nContent-Length: 60\r\n\r\nASK {}",
    "a length and chunks": POST + b"Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a chunk without a size": POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\nASK {}\r\n0\r\n\r\n",
    "a chunk below nothing": POST + b"Transfer-Encoding: chunked\r\n\r\n-6\r\nASK {}\r\n0\r\n\r\n",
    "an unknown coding": POST + b"Transfer-Encoding: gzip\r\n\r\n",
    "a huge header": b"GET / HTTP/1.1\r\nHost: x\r\nX-A: " + b"a" * 2_000_000 + b"\r\n\r\n",
    "very many headers": b"GET / HTTP/1.1\r\nHost: x\r\n"
    + b"".join(b"X-%d: a\r\n" % n for n in range(1_000)) * 200
    + b"\r\n",
    "a huge address": b"GET /sparql?query=" + b"a" * 10_000_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    "a line break in the address": b"GET /id/city/lon\rdon HTTP/1.1\r\nHost: x\r\n\r\n",
    "a header that goes on in the next line": LEEDS + b"X-A: b\r\n X-Injected: yes\r\n\r\n\r\n",
    "a header with a NUL": LEEDS + b"X-A: b\0c\r\n\r\n",
    "a version that is none": b"GET /id/city/leeds HTTP/9.9\r\nHost: x\r\n\r\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_malformed_request_is_refused_or_cut_off(server: Command, name: str) -> None:
    received = server.sent_and_received(MALFORMED[name])
    assert b"X-Injected" not in received
    assert not received or re.match(rb"HTTP/1.[01] [234]\d\d |[^H]", received), received[:200]


def test_very_many_preferences_are_weighed(server: Command) -> None:
    accept = ", ".join(f"a/{number};q=0.{number}" for number in range(3_000)) + ", application/trig;q=0.01"
    status, headers, _ = server.exchange(get("/id/city/leeds", {"Accept": accept}))
    assert (status, headers.get("location")) == (303, "/doc/city/leeds.trig")


def test_a_body_that_breaks_off_is_no_query(server: Command) -> None:
    for body in (b"Content-Length: 60\r\n\r\nASK {}", b"Transfer-Encoding: chunked\r\n\r\n6\r\nASK {}\r\n"):
        with server.connect(seconds=10) as client:
            client.sendall(POST + body)
            client.shutdown(socket.SHUT_WR)
            assert not client.recv(100).startswith(b"HTTP/1.1 200")
