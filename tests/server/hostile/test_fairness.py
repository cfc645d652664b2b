"""Clients with endless queries, at the real command: they hold up nobody but themselves, and end with their client."""

from __future__ import annotations

import http.client
import json
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path
from urllib.parse import quote, unquote

import pytest

from kg.accounts.database import Database
from kg.accounts.tokens import Role, Tokens
from tests.support.command import PLAIN, PLAIN_ANSWER, Command, Eventually
from tests.support.http import Answer

pytestmark = pytest.mark.drawn

NUMBERS = count()
"""Each query has a text of its own, or else its answer would be ready."""
PATIENCE = 120.0


def sparql(text: str) -> str:
    return f"/sparql?query={quote(text)}%20%23{next(NUMBERS)}"


def endless() -> str:
    return sparql("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")


class Asking:
    """A request of a client that takes long, in a thread of its own."""

    def __init__(self, command: Command, path: str, client: str) -> None:
        self.answer: Answer | None = None
        self._send = lambda: command.send(path, headers={"X-Forwarded-For": client}, seconds=PATIENCE)
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()

    def _ask(self) -> None:
        with suppress(OSError, http.client.HTTPException):  # the service is killed in the end
            self.answer = self._send()


@pytest.fixture(scope="module")
def token(with_ledger: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A data folder, and a token that somebody has in it."""
    data = tmp_path_factory.mktemp("fair") / "data"
    shutil.copytree(with_ledger, data)
    return data, Tokens(Database(data)).create("Rosa", Role.CONTRIBUTOR)


@pytest.fixture
def command(token: tuple[Path, str], tmp_path: Path) -> Iterator[Command]:
    """The command with two workers and so much time for a query that nothing but lanes can help others."""
    command = Command(token[0], tmp_path, {"workers": 2, "seconds": 600, "stop_seconds": 1})
    command.wait()
    assert command.send("/sparql", PLAIN).body == PLAIN_ANSWER
    yield command
    command.stop()  # killed, it would leave its endless queries to the processors until their limit


def small(command: Command, client: str, **fields: str) -> bytes:
    path = sparql("ASK { ?t cd:twin city:leeds }")
    return command.send(path, headers={"X-Forwarded-For": client, **fields}).body


def busy(command: Command) -> bool:
    return b"citykg_workers_busy 0.0" not in command.send("/metrics").body


def test_small_queries_are_answered_while_two_clients_ask_endless_ones(
    command: Command, eventually: Eventually
) -> None:
    attackers = [Asking(command, endless(), f"10.1.0.{number}") for number in range(2)]
    eventually(lambda: busy(command), True)
    for number in range(12):
        assert small(command, f"10.0.0.{number % 4}") == PLAIN_ANSWER
    assert [one.answer for one in attackers] == [None, None]


def test_of_one_client_a_few_wait_and_a_token_behind_its_address_does_not(
    command: Command, eventually: Eventually, token: tuple[Path, str]
) -> None:
    many = [Asking(command, endless(), "10.1.0.1") for _ in range(12)]
    eventually(lambda: any(one.answer for one in many), True)
    refused = next(one.answer for one in many if one.answer is not None)
    assert (refused.status, refused.headers["retry-after"]) == (503, "1")
    assert refused.members["title"] == "Too many of your queries wait"
    own = Asking(command, sparql("ASK {}"), "10.1.0.1")
    assert small(command, "10.1.0.1", Authorization=f"Bearer {token[1]}") == PLAIN_ANSWER
    eventually(lambda: own.answer is not None and own.answer.status, 503)


def test_evidence_that_takes_long_holds_up_no_small_query(command: Command) -> None:
    for number in range(6):
        Asking(command, f"{endless()}&evidence=yes".replace("COUNT(*) AS ?n", "?a"), f"10.1.0.{number}")
    for number in range(4):
        assert small(command, f"10.0.0.{number}") == PLAIN_ANSWER


def test_a_query_that_was_stopped_is_answered_in_the_slow_lane(command: Command, eventually: Eventually) -> None:
    long = Asking(command, f"{endless()}&timeout=3", "10.1.0.1")
    eventually(lambda: busy(command), True)
    text = "SELECT (COUNT(*) AS ?n) { ?a cd:twin ?b . ?c cd:twin ?d . FILTER(CONCAT(STR(?a), STR(?d)) != '') }"
    longer = Asking(command, sparql(text), "10.1.0.2")
    for number in range(8):
        assert small(command, f"10.0.0.{number}") == PLAIN_ANSWER
    eventually(lambda: longer.answer is not None and longer.answer.status, 200)
    eventually(lambda: long.answer is not None and long.answer.members["limit"], "seconds")


def head(method: str, path: str, **fields: str) -> bytes:
    named = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in fields.items())
    return f"{method} {path} HTTP/1.1\r\nHost: x\r\n{named}\r\n".encode()


def by_a_tool() -> bytes:
    """Return a request of the Model Context Protocol with an endless query."""
    call = {"name": "sparql", "arguments": {"query": unquote(endless().partition("=")[2])}}
    body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": call})
    accepted = "application/json, text/event-stream"
    fields = {"Content_Type": "application/json", "Accept": accepted, "Content_Length": str(len(body))}
    return head("POST", "/mcp", **fields) + body.encode()


def test_a_client_that_goes_away_ends_its_query(command: Command, eventually: Eventually) -> None:
    def leave(request: bytes) -> None:
        """Send a request, close the connection while a worker has it, and see the worker end."""
        workers = set(command.workers())
        with command.connect() as client:
            client.sendall(request)
            eventually(lambda: busy(command), True)
            assert small(command, "10.0.0.1") == PLAIN_ANSWER
            assert busy(command)
        eventually(lambda: busy(command), False)
        eventually(lambda: len(workers - set(command.workers())), 1)
        assert small(command, "10.0.0.1") == PLAIN_ANSWER

    leave(head("GET", endless(), Accept="text/csv"))  # in the loop
    leave(head("GET", endless(), Accept="text/html"))  # in a thread
    leave(by_a_tool())
    assert "Traceback" not in command.log()
