"""Who is asking: RFC 6750 over a real socket, asked by curl."""

from __future__ import annotations

import io
import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import Flask, Response, jsonify
from werkzeug.serving import WSGIRequestHandler, make_server

from kg.accounts.database import Database
from kg.accounts.tokens import ATTEMPTS_A_MINUTE, Role, Tokens
from kg.store.data_folder import DataFolder
from server.front import AccessLog, Answer, Request
from server.service import Service, access
from server.web import envelope, problems
from tests.support.http import send

pytestmark = pytest.mark.drawn

Curl = Callable[..., SimpleNamespace]


class Quiet(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        pass


def application(folder: Path) -> Flask:
    app = Flask("server.app")
    Service(DataFolder(folder)).attach(app)
    access.Principal.attach(app)
    problems.attach(app)
    envelope.attach(app)

    @app.get("/who")
    def who() -> Response:
        return jsonify(vars(access.principal()))

    @app.get("/anybody")
    def anybody() -> Response:
        asking = access.optional_principal()
        return jsonify(asking and asking.name)

    @app.get("/nobody")
    def nobody() -> str:
        return "open"

    @app.post("/curate")
    def curate() -> Response:
        return jsonify(access.require(Role.CURATOR).name)

    @app.post("/propose")
    def propose() -> Response:
        return jsonify(access.require(Role.CONTRIBUTOR).name)

    return app


@pytest.fixture
def tokens(tmp_path: Path) -> Tokens:
    return Tokens(Database(tmp_path))


@pytest.fixture
def curl(tmp_path: Path) -> Iterator[Curl]:
    """Ask a running server that knows the tokens of the folder; options of curl come before the path."""
    server = make_server("127.0.0.1", 0, application(tmp_path), threaded=True, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))  # looks so often whether it is to stop
    thread.start()

    def asked(*arguments: str) -> SimpleNamespace:
        *options, path = arguments
        address = f"http://127.0.0.1:{server.server_port}{path}"
        ran = subprocess.run(["curl", "-s", "-i", *options, address], capture_output=True, text=True, check=True)
        head, _, body = ran.stdout.partition("\n\n")
        first, *lines = head.splitlines()
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        return SimpleNamespace(status=int(first.split()[1]), headers=headers, body=body, whole=ran.stdout)

    try:
        yield asked
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def bearer(token: str, scheme: str = "Bearer") -> tuple[str, str]:
    return "-H", f"Authorization: {scheme} {token}"


@pytest.mark.parametrize("scheme", ["Bearer", "bearer", "BEARER", "Bearer  "])
def test_a_token_says_who_asks(curl: Curl, tokens: Tokens, scheme: str) -> None:
    secret = tokens.create("alice", Role.CURATOR, seconds=30)
    answer = curl(*bearer(secret, scheme), "/who")
    assert answer.status == 200
    said = json.loads(answer.body)
    assert said == {"name": "alice", "role": "curator", "token_id": secret.split("_")[1], "seconds": 30}


@pytest.mark.parametrize("options", [(), ("-H", "Authorization;"), ("-H", "Authorization: Digest username=alice")])
def test_without_a_token_there_is_a_bare_challenge(curl: Curl, options: tuple[str, ...]) -> None:
    answer = curl(*options, "/who")
    assert (answer.status, answer.headers["www-authenticate"]) == (401, 'Bearer realm="citykg"')
    problem = json.loads(answer.body)
    assert (problem["title"], "citykg token create" in problem["hint"]) == ("A token is needed", True)
    assert curl(*options, "/anybody").body.strip() == "null"


def test_a_token_in_the_address_or_the_body_is_not_read(curl: Curl, tokens: Tokens) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    for options, path in (((), f"/who?access_token={secret}"), (("-d", f"access_token={secret}"), "/curate")):
        answer = curl(*options, path)
        assert answer.status == 401
        assert secret not in answer.whole


@pytest.mark.parametrize(
    "options",
    [
        bearer(""),
        ("-H", "Authorization: Bearer"),
        bearer("two words"),
        bearer('quo"te'),
        bearer("=abc"),
        (*bearer("one"), *bearer("two")),
    ],
)
def test_a_malformed_header_is_an_invalid_request(curl: Curl, options: tuple[str, ...]) -> None:
    for path in ("/who", "/anybody"):
        answer = curl(*options, path)
        assert answer.status == 400
        assert answer.headers["www-authenticate"] == 'Bearer realm="citykg", error="invalid_request"'


def test_a_wrong_and_a_revoked_token_are_invalid_and_not_repeated(curl: Curl, tokens: Tokens, tmp_path: Path) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    assert curl(*bearer(secret), "/who").status == 200
    revoke = "from kg.cli.tokens import token; token()"
    subprocess.run(
        [sys.executable, "-c", revoke, "revoke", "alice", "--data", str(tmp_path)],
        check=True,
        stdout=subprocess.DEVNULL,
    )
    for presented, said in (
        (secret, "revoked"),
        (secret[:-4] + "AAAA", "does not exist"),
        ("of-another-service", "does not exist"),
    ):
        for path in ("/who", "/anybody", "/nobody"):
            answer = curl(*bearer(presented), path)
            assert answer.status == 401
            assert 'error="invalid_token", error_description="' in answer.headers["www-authenticate"]
            assert said in answer.headers["www-authenticate"]
            assert presented not in answer.whole


def test_a_password_is_no_token(curl: Curl, tokens: Tokens) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    for password in (secret, "guess"):
        assert curl("-u", f"alice:{password}", "/nobody").body.strip() == "open"
        assert curl("-u", f"alice:{password}", "/anybody").body.strip() == "null"
        refused = curl("-u", f"alice:{password}", "/who")
        assert (refused.status, refused.headers["www-authenticate"]) == (401, 'Bearer realm="citykg"')


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/doc/city/leeds.ttl"),
        ("HEAD", "/doc/city/leeds.ttl"),
        ("GET", "/id/city/leeds"),
        ("GET", "/sparql?query=ASK%7B%7D"),
        ("GET", "/no/such/address"),
        ("POST", "/validate"),
        ("POST", "/reconcile"),
    ],
)
def test_a_wrong_token_is_refused_wherever_it_is_sent_also_where_the_answer_is_ready(
    address: str, method: str, path: str
) -> None:
    asked = [send(address, path, method=method) for _ in range(2)]
    assert all(answer.status not in (401, 429) for answer in asked)
    guessing = {"Authorization": "Bearer cdk_of_nobody"}
    wrong = send(address, path, method=method, headers=guessing, client="127.0.0.61")
    assert (wrong.status, 'error="invalid_token"' in wrong.headers["www-authenticate"]) == (401, True)


def test_a_token_that_has_ended_says_so(curl: Curl, tmp_path: Path) -> None:
    ended = Tokens(Database(tmp_path, clock=lambda: 1_000_000_000)).create("alice", Role.CURATOR, days=1)
    answer = curl(*bearer(ended), "/nobody")
    assert (answer.status, "ended at 2001-09-10" in answer.headers["www-authenticate"]) == (401, True)
    assert "citykg token create" in json.loads(answer.body)["hint"]


def test_a_role_that_is_not_enough_says_which_one_is(curl: Curl, tokens: Tokens) -> None:
    contributor, curator = tokens.create("carla", Role.CONTRIBUTOR), tokens.create("dora", Role.CURATOR)
    refused = curl(*bearer(contributor), "-d", "", "/curate")
    assert refused.status == 403
    wanted = 'Bearer realm="citykg", error="insufficient_scope", scope="curator"'
    assert refused.headers["www-authenticate"] == wanted
    assert json.loads(refused.body)["detail"] == "This needs the role curator; carla has the role contributor."
    assert json.loads(curl(*bearer(curator), "-d", "", "/curate").body) == "dora"
    assert json.loads(curl(*bearer(contributor), "-d", "", "/propose").body) == "carla"
    assert json.loads(curl(*bearer(curator), "-d", "", "/propose").body) == "dora"
    assert curl("-d", "", "/propose").status == 401


def test_too_many_wrong_tokens_have_to_wait(curl: Curl, tokens: Tokens) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    assert curl(*bearer(secret), "/who").status == 200
    assert {curl(*bearer("wrong"), "/who").status for _ in range(ATTEMPTS_A_MINUTE)} == {401}
    answer = curl(*bearer("wrong"), "/who")
    assert answer.status == 429
    assert 1 <= int(answer.headers["retry-after"]) <= 60
    assert "www-authenticate" not in answer.headers
    assert curl(*bearer(secret), "/who").status == 200
    assert curl("/anybody").status == 200


def test_answers_that_depend_on_who_asks_are_kept_by_nobody(curl: Curl, tokens: Tokens) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    for options, path in (
        ((), "/who"),
        (bearer(secret), "/who"),
        (bearer(secret), "/anybody"),
        (bearer("x"), "/anybody"),
    ):
        assert curl(*options, path).headers["cache-control"] == "no-store"
    for options, path in (((), "/anybody"), (bearer(secret), "/nobody")):
        assert "cache-control" not in curl(*options, path).headers


def test_a_desk_that_cannot_be_read_is_no_wrong_token(curl: Curl, tmp_path: Path) -> None:
    (tmp_path / "desk.sqlite").write_text("no database " * 100)
    answer = curl(*bearer("any"), "/who")
    assert answer.status == 401  # not in the form of a token: nothing to look up
    answer = curl(*bearer("cdk_0123456789ab_" + "x" * 43), "/who")
    assert (answer.status, json.loads(answer.body)["title"]) == (503, "Tokens and proposals are not available")
    assert curl("/anybody").status == 200


def test_where_no_token_is_needed_one_that_cannot_be_looked_up_is_as_none(
    curl: Curl, tokens: Tokens, tmp_path: Path
) -> None:
    secret = tokens.create("alice", Role.CURATOR)
    (tmp_path / "desk.sqlite").write_text("no database " * 100)
    assert curl(*bearer(secret), "/nobody").body.strip() == "open"
    assert curl(*bearer(secret), "/anybody").body.strip() == "null"
    for options, path in (((), "/who"), (("-d", ""), "/curate"), (("-d", ""), "/propose")):
        assert curl(*bearer(secret), *options, path).status == 503
    assert curl(*bearer("malformed, of nobody"), "/nobody").status == 400


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_log_line_has_a_token(log_format: str) -> None:
    scope = {
        "method": "GET",
        "raw_path": b"/who",
        "query_string": b"access_token=cdk_secret",
        "client": ("127.0.0.1", 1),
        "headers": [(b"authorization", b"Bearer cdk_secret"), (b"x-request-id", b"mine")],
    }
    stream = io.StringIO()
    write = AccessLog(log_format, stream)
    write(Request(scope), Answer(200, [], b"", "/who"), 0.1, False)
    assert "/who" in stream.getvalue()
    assert "cdk_secret" not in stream.getvalue()
