"""What one client asks for holds up nobody else: whatever costs a worker or a thread waits in the same turns.

Workers are held by the tests, one task at a time, so that nothing here depends on how long anything takes.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import select
import socket
import tempfile
import threading
from collections import deque
from collections.abc import Callable, Iterator, MutableMapping
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import urlsplit

import pytest

from kg import greenlets
from kg.lanes import Lane, OtherLaneError
from kg.publish import GraphDocument
from kg.publish.dataset import Dump
from kg.readings import WrittenReading
from kg.store.data_folder import DataFolder
from kg.workers import QueryJob, QueryLimits, WorkerResult
from kg.workers.worker import Task, Worker
from server.app import create_app
from server.front import AccessLog, Bounds, Front, Request, wsgi
from server.service import Service
from server.service.questions import Questions
from server.service.rate_limit import QuerySeconds
from server.service.workers import Workers
from server.turns import ClientUsage, TokenHolders, queue
from tests.support.command import Eventually
from tests.support.http import send
from tests.support.loops import in_own_loop
from tests.support.serving import Serving

pytestmark = pytest.mark.drawn

ONE, OTHER = "10.1.0.1", "10.0.0.1"
PLACES = 4
"""What may be given to two workers at a time in the fast lane, and of pages."""
LIMITS = QueryLimits(seconds=300, workers=2)
BOUNDS = Bounds(2, dict.fromkeys(Lane, 2), 9, body_bytes=1000, upload_bytes=1000, body_seconds=1, ready_bytes=1 << 20)


class Held:
    """Tasks that workers have been given and have not begun, in their order."""

    def __init__(self, is_held: Callable[[Task], bool], monkeypatch: pytest.MonkeyPatch) -> None:
        self.tasks: deque[greenlets.WakeUp] = deque()
        run = Worker.run

        def held(worker: Worker, task: Task, *more: object) -> Iterator[bytes]:
            if is_held(task) and not self.is_over:
                self.tasks.append(turn := greenlets.WakeUp())
                assert turn.wait(600)
            yield from run(worker, task, *more)  # type: ignore[arg-type]

        self.is_over = False
        monkeypatch.setattr(Worker, "run", held)

    def number(self) -> int:
        return len(self.tasks)

    def let_one_go(self) -> None:
        self.tasks.popleft().set()

    def end(self) -> None:
        self.is_over = True
        while self.tasks:
            self.let_one_go()


class Asking:
    """Requests on a connection each, whose answers nobody reads."""

    def __init__(self, address: str, stack: ExitStack) -> None:
        parts = urlsplit(address)
        self._peer = (parts.hostname or "", parts.port or 0)
        self._stack = stack

    def ask(self, path: str, client: str) -> socket.socket:
        asked = self._stack.enter_context(socket.socket())
        asked.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)
        asked.connect(self._peer)
        asked.sendall(f"GET {path} HTTP/1.1\r\nHost: x\r\nX-Forwarded-For: {client}\r\n\r\n".encode())
        return asked

    def ask_often(self, path: str, times: int) -> list[socket.socket]:
        return [self.ask(path.format(number), ONE) for number in range(1, times + 1)]


def answered(*asked: socket.socket) -> int:
    """How many have an answer."""
    return len(select.select(asked, (), (), 0)[0])


def status(asked: socket.socket) -> int | None:
    """The status of an answer, None before it is there."""
    return int(asked.recv(12, socket.MSG_PEEK).split()[1]) if answered(asked) else None


def in_line(address: str) -> int:
    """How many requests wait for their turn, or queries for a worker."""
    numbers = send(address, "/metrics").body.decode()
    return int(float(re.findall(r"^citykg_queries_waiting (\S+)", numbers, re.MULTILINE)[0]))


@contextmanager
def asking(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, is_held: Callable[[Task], bool]
) -> Iterator[tuple[str, Asking, Held]]:
    """Serve with two workers which hold some tasks; nobody is refused for waiting long."""
    monkeypatch.setattr(queue, "SECONDS", 600)
    monkeypatch.setattr(queue, "EXCESS_SECONDS", 600)
    charge = QuerySeconds.charge  # whoever has used anything comes after who has not
    monkeypatch.setattr(QuerySeconds, "charge", lambda own, client, seconds: charge(own, client, seconds + 1000))
    with serving(LIMITS) as address:
        send(address, "/readyz")  # workers are up
        held = Held(is_held, monkeypatch)
        with ExitStack() as stack:
            stack.callback(held.end)
            yield address, Asking(address, stack), held


def is_question_with_limit(task: Task) -> bool:
    return (
        isinstance(task, QueryJob)
        and task.question is not None
        and (task.question.row_range.limit or 0) in range(1, 31)
    )


def test_another_asks_a_canned_question_while_those_of_one_client_are_in_line(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    with asking(serving, monkeypatch, is_question_with_limit) as (address, clients, held):
        many = clients.ask_often("/queries/complete-lists.csv?limit={}", 30)
        eventually(lambda: (held.number(), in_line(address)), (2, 30 - PLACES))
        other = clients.ask("/queries/complete-lists.csv", OTHER)
        eventually(lambda: in_line(address), 31 - PLACES)
        for _ in range(PLACES):
            eventually(lambda: held.number() == 2 or status(other) == 200, True)
            if status(other) == 200:  # none need be held any more
                break
            held.let_one_go()
        eventually(lambda: status(other), 200)
        assert answered(*many) <= PLACES
        assert {send(address, path).status for path in ("/healthz", "/readyz")} == {200}


def is_dump(task: Task) -> bool:
    return "Dump.write" in task.label


def test_others_read_while_the_dumps_of_one_client_are_in_line(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    with asking(serving, monkeypatch, is_dump) as (address, clients, held):
        many = clients.ask_often("/dumps/register.nt?{}", 20)
        eventually(lambda: (held.number(), in_line(address)), (1, 19))
        for path in (
            "/healthz",
            "/readyz",
            "/search?q=leeds",
            "/doc/city/york.nt",
            "/queries/complete-lists.csv",
        ):
            assert send(address, path).status == 200
        assert send(address, "/sparql?query=ASK%7B%7D").status == 200
        assert answered(*many) == 0
        other = clients.ask("/dumps/register.nt", OTHER)
        eventually(lambda: in_line(address), 20)
        held.let_one_go()
        eventually(held.number, 1)
        held.let_one_go()
        eventually(lambda: status(other), 200)
        assert answered(*many) <= 2


def test_health_is_told_while_more_dumps_are_sent_than_there_are_threads_and_nobody_reads_them(
    serving: Serving, monkeypatch: pytest.MonkeyPatch, eventually: Eventually
) -> None:
    def written(*_: object) -> WorkerResult:
        file = tempfile.TemporaryFile()  # noqa: SIM115 – whoever sends it closes it
        file.truncate(1 << 23)
        return WorkerResult(None, file)

    monkeypatch.setattr(Workers, "write", written)
    with asking(serving, monkeypatch, lambda task: False) as (address, clients, _):
        many = clients.ask_often("/dumps/register.nt?{}", 30)
        eventually(lambda: [status(one) for one in many], [200] * 30)
        for path in ("/healthz", "/readyz", "/search?q=leeds"):
            assert send(address, path).status == 200


@pytest.mark.parametrize("more", ["", "&evidence=yes"])
def test_canned_questions_and_evidence_count_against_the_share_of_a_client(serving: Serving, more: str) -> None:
    with serving(QueryLimits(seconds=300), client_seconds=0.001) as address:
        found = [send(address, f"/queries/complete-lists.csv?limit={limit}{more}").status for limit in (1, 2)]
        assert found == [200, 429]
        assert send(address, "/doc/city/leeds.ttl").status == 200


WANTED = [
    (Lane.FAST, Lane.FAST, False, None),
    (Lane.FAST, Lane.SLOW, True, None),
    (Lane.FAST, Lane.OWN, False, Lane.FAST),
    (Lane.FAST, Lane.ASIDE, True, Lane.SLOW),
    (Lane.SLOW, Lane.SLOW, False, None),
    (Lane.SLOW, Lane.OWN, False, Lane.SLOW),
    (Lane.SLOW, Lane.FAST, False, Lane.SLOW),
    (Lane.ASIDE, Lane.ASIDE, True, None),
    (Lane.ASIDE, Lane.FAST, False, Lane.ASIDE),
]


@pytest.mark.parametrize(("wanted", "lane", "is_slow", "moved"), WANTED)
def test_a_request_in_a_lane_where_it_does_not_belong_is_moved(
    folder: DataFolder, wanted: Lane, lane: Lane, is_slow: bool, moved: Lane | None
) -> None:
    app = create_app(folder)
    clients = Service.of(app).clients
    environ = {"REMOTE_ADDR": ONE, Request.LANE: lane}
    with app.test_request_context("/", environ_overrides=environ):
        if is_slow:
            clients.turn(lane).mark()  # type: ignore[union-attr]
        if moved is None:
            turn = clients.turn(wanted)
            assert turn is not None
            assert (turn.client, turn.lane) == (ONE, lane)
        else:
            with pytest.raises(OtherLaneError) as raised:
                clients.turn(wanted)
            assert raised.value.lane is moved
    with app.test_request_context("/"):
        assert clients.turn(wanted) is None


@pytest.mark.parametrize(
    ("reading", "arguments", "lane"),
    [
        (GraphDocument.write, (None, "nt"), Lane.FAST),
        (GraphDocument.write_rows, (None,), Lane.FAST),
        (Dump.write_file, ("all.nq",), Lane.SLOW),
    ],
)
def test_what_takes_as_long_as_its_client_wants_leaves_the_places_of_pages(
    folder: DataFolder, reading: WrittenReading[...], arguments: tuple[object, ...], lane: Lane
) -> None:
    app = create_app(folder)
    environ = {"REMOTE_ADDR": ONE, Request.LANE: Lane.OWN}
    with app.test_request_context("/", environ_overrides=environ), pytest.raises(OtherLaneError) as moved:
        Service.of(app).workers.write(reading, *arguments)
    assert moved.value.lane is lane


BEGINS: list[tuple[str, str, list[Lane | None]]] = [
    ("GET", "/healthz", [None, None]),
    ("GET", "/readyz", [None, None]),
    ("GET", "/sparql?query=x", [Lane.FAST, Lane.SLOW]),
    ("GET", "/sparql?query=x&evidence=yes", [Lane.ASIDE, Lane.ASIDE]),
    ("GET", "/sparql", [Lane.OWN, Lane.OWN]),
    ("POST", "/sparql/assist", [Lane.ASSIST, Lane.ASSIST]),
    ("OPTIONS", "/sparql?query=x", [Lane.OWN, Lane.OWN]),
    ("POST", "/sparql?query=x", [Lane.FAST, Lane.SLOW]),
    ("POST", "/mcp?x=y", [Lane.FAST, Lane.SLOW]),
    ("POST", "/reconcile?queries=x", [Lane.FAST, Lane.SLOW]),
    ("GET", "/reconcile/suggest/entity?prefix=x", [Lane.OWN, Lane.OWN]),
    ("GET", "/queries/x.csv", [Lane.FAST, Lane.SLOW]),
    ("GET", "/queries/x?evidence=yes", [Lane.ASIDE, Lane.ASIDE]),
    ("GET", "/queries", [Lane.OWN, Lane.OWN]),
    ("GET", "/dumps/all.nq", [Lane.OWN, Lane.OWN]),
    ("GET", "/doc/city/leeds", [Lane.OWN, Lane.OWN]),
    ("GET", "/metrics", [Lane.OWN, Lane.OWN]),
    ("POST", "/validate", [Lane.ASIDE, Lane.ASIDE]),
    ("POST", "/changes", [Lane.ASIDE, Lane.ASIDE]),
]
"""In which lane a request begins of a client whose queries are short, and of one that is marked."""


async def receive() -> MutableMapping[str, Any]:
    """Receive nothing: the client stays, and has no body to send."""
    await asyncio.sleep(3600)
    raise AssertionError


def noting(lanes: list[Lane | None]) -> wsgi.Application:
    """Return an application that notes by which lane each request has come."""

    def application(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        lanes.append(environ[Request.LANE])
        start_response("200 OK", [])
        return [b""]

    return application


def asked_of(front: Front, method: str, address: str, client: str, *fields: tuple[bytes, bytes]) -> tuple[int, bytes]:
    """Ask a front, without a server; return status and body of its answer."""
    path, _, query = address.partition("?")
    where = {"path": path, "raw_path": path.encode(), "query_string": query.encode(), "headers": fields}
    own = {"client": (client, 9), "server": ("127.0.0.1", 8000), "http_version": "1.0", "scheme": "http"}

    messages: list[MutableMapping[str, Any]] = []

    async def sent(message: MutableMapping[str, Any]) -> None:
        messages.append(message)

    in_own_loop(partial(front, {"type": "http", "method": method, **own, **where}, receive, sent))
    begins, *rest = messages
    return begins["status"], b"".join(part["body"] for part in rest)


@pytest.mark.parametrize(("method", "address", "begins"), BEGINS)
def test_where_requests_begin_to_wait(folder: DataFolder, method: str, address: str, begins: list[Lane | None]) -> None:
    lanes: list[Lane | None] = []
    marked = {ONE: ClientUsage(0.0, is_slow=False), OTHER: ClientUsage(0.0, is_slow=True)}
    with closing(Front(noting(lanes), folder, BOUNDS, [], usage=marked.__getitem__)) as front:
        for client in marked:
            assert asked_of(front, method, address, client)[0] == 200
    assert lanes == begins


@pytest.mark.parametrize(
    ("path", "field", "lane"),
    [
        ("/changes", b"authorization", None),
        ("/desk/imports", b"cookie", None),
        ("/changes", b"cookie", Lane.ASIDE),  # which no cookie opens
    ],
)
def test_a_change_by_the_holder_of_a_token_waits_for_nobody(
    folder: DataFolder, path: str, field: bytes, lane: Lane | None
) -> None:
    lanes: list[Lane | None] = []
    with closing(Front(noting(lanes), folder, BOUNDS, [], holders=TokenHolders(lambda field: "token 1"))) as front:
        for method in ("POST", "GET"):
            assert asked_of(front, method, path, ONE, (field, b"x"))[0] == 200
    assert lanes == [lane, Lane.OWN]


@pytest.mark.parametrize("asks", [(Lane.ASIDE, Lane.FAST), (Lane.SLOW,)])
def test_a_request_that_changes_lanes_without_end_is_given_up(
    folder: DataFolder, caplog: pytest.LogCaptureFixture, asks: tuple[Lane, ...]
) -> None:
    wanted, lanes = itertools.cycle(asks), list[Lane]()

    def application(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        lanes.append(environ[Request.LANE])
        raise OtherLaneError(next(wanted))

    with closing(Front(application, folder, BOUNDS, [])) as front:
        for number in (b"first", b"second", b"third"):  # more than a lane has places: each gives its own back
            status, body = asked_of(front, "GET", "/queries/x", ONE, (b"x-request-id", number))
            assert (status, json.loads(body)["title"]) == (500, "Internal Server Error")
            assert number.decode() in json.loads(body)["hint"]
    assert len(lanes) == 3 * 2 * len(Lane)
    messages = [record.getMessage() for record in caplog.records]
    assert [message.partition(": fast → ")[0] for message in messages] == ["/queries/x changes lanes without end"] * 3
    assert [vars(record)["request_id"] for record in caplog.records] == ["first", "second", "third"]


def test_an_answer_whose_parts_want_different_lanes_is_given_up_and_logged(
    serving: Serving, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask, told = Questions.ask, list[str]()

    def in_the_fast_lane(own: Questions, *of: Any, aside: bool = False, **more: Any) -> WorkerResult:
        return ask(own, *of, **more)

    monkeypatch.setattr(Questions, "ask", in_the_fast_lane)
    monkeypatch.setattr(AccessLog, "write_message", lambda log, message, request_id="": told.append(message))
    with serving() as address:
        answer = send(address, "/queries/twins-of-a-city?thing=hong-kong&evidence=yes")
    assert answer.status == 500
    assert any("changes lanes without end: aside → " in message for message in told)


def test_what_was_made_for_one_who_waited_is_not_made_for_the_next(folder: DataFolder) -> None:
    calls, go_on, sent = [], threading.Event(), []

    def application(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        calls.append(environ["PATH_INFO"])
        assert go_on.wait(60)
        start_response("200 OK", [("ETag", '"a"'), ("X-Revision", "a")])
        return [b"long in the making"]

    async def send_to_client(message: MutableMapping[str, Any]) -> None:
        sent.append(message.get("body"))

    async def ask_three_times(front: Front) -> None:
        where = {"path": "/dataset.ttl", "raw_path": b"/dataset.ttl", "query_string": b"", "headers": ()}
        own = {"client": (ONE, 9), "server": ("127.0.0.1", 8000), "http_version": "1.0", "scheme": "http"}
        scope = {"type": "http", "method": "GET", **own, **where}
        asked = [asyncio.ensure_future(front({**scope}, receive, send_to_client)) for _ in range(3)]
        while front.waiting_count() < 2:
            await asyncio.sleep(0)
        go_on.set()
        await asyncio.gather(*asked)

    bounds = replace(BOUNDS, lanes=dict.fromkeys(Lane, 1))
    with closing(Front(application, folder, bounds, [])) as front:
        in_own_loop(partial(ask_three_times, front))
    assert calls == ["/dataset.ttl"]
    assert sent.count(b"long in the making") == 3


def test_what_an_editor_asked_before_its_newest_letter_is_answered_with_nothing(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue, "ASSIST_SECONDS", 600)
    go_on, told = threading.Event(), list[tuple[bytes, int]]()

    def application(environ: dict[str, Any], start_response: Callable[..., object]) -> list[bytes]:
        assert go_on.wait(60)
        start_response("200 OK", [])
        return [b"help"]

    async def ask(front: Front, query: bytes) -> None:
        async def send_to_editor(message: MutableMapping[str, Any]) -> None:
            if "status" in message:
                told.append((query, message["status"]))

        where = {"path": "/sparql/assist", "raw_path": b"/sparql/assist", "query_string": query, "headers": ()}
        own = {"client": (ONE, 9), "server": ("127.0.0.1", 8000), "http_version": "1.0", "scheme": "http"}
        await front({"type": "http", "method": "POST", **own, **where}, receive, send_to_editor)

    async def type_letters(front: Front) -> None:
        asked = [asyncio.ensure_future(ask(front, letter)) for letter in (b"first", b"older", b"newest")]
        await asyncio.wait_for(asked[1], 60)
        assert told == [(b"older", 204)]
        go_on.set()
        await asyncio.gather(*asked)

    bounds = replace(BOUNDS, lanes=dict.fromkeys(Lane, 1))
    with closing(Front(application, folder, bounds, [])) as front:
        in_own_loop(partial(type_letters, front))
    assert sorted(told[1:]) == [(b"first", 200), (b"newest", 200)]
