"""The front of the service, over sockets: answers kept ready, slow and endless clients, logs, numbers, stopping."""

from __future__ import annotations

import asyncio
import http.client
import io
import json
import re
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from queue import SimpleQueue
from secrets import token_hex
from urllib.parse import quote, urlsplit

import pytest

from kg.lanes import Lane
from kg.store.data_folder import DataFolder
from server import serve as serving
from server.front import AccessLog, Answer, Request
from server.front import body as bodies
from server.front import connection as connections
from server.settings import ServerOptions
from server.turns import TurnQueue, queue
from tests.support.command import Eventually
from tests.support.folders import OF_A_SERVER
from tests.support.loops import in_own_loop
from tests.support.serving import ALONE, Serving

pytestmark = pytest.mark.drawn

LEEDS = "/doc/city/leeds.ttl"
PART = 1 << 16


def ask(address: str, path: str, method: str = "GET", body: object = None, **fields: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=20)
    named = {name.replace("_", "-"): value for name, value in fields.items()}
    connection.request(method, path, body=body, headers=named)  # type: ignore[arg-type]
    answer = connection.getresponse()
    answer.content = answer.read()  # type: ignore[attr-defined]
    connection.close()
    return answer


def content(answer: http.client.HTTPResponse) -> bytes:
    read: bytes = answer.content  # type: ignore[attr-defined]
    return read


def lasting(answer: http.client.HTTPResponse) -> list[tuple[str, str]]:
    """The headers without those that differ each time."""
    return [header for header in answer.getheaders() if header[0] not in ("date", "x-request-id")]


def counted(address: str, route: str) -> dict[tuple[str, str], float]:
    """How often a route was answered, by status and whether the answer was ready."""
    text = content(ask(address, "/metrics")).decode()
    pattern = rf'citykg_requests_total{{method="\w+",ready="(\w+)",route="{re.escape(route)}",status="(\d+)"}} (\S+)'
    return {(status, ready): float(number) for ready, status, number in re.findall(pattern, text)}


@pytest.fixture
def fresh(serving: Serving) -> Iterator[str]:
    with serving() as served:
        yield served


def test_an_answer_is_made_once_and_then_ready(fresh: str) -> None:
    first, second = ask(fresh, LEEDS), ask(fresh, LEEDS)
    assert content(first) == content(second)
    for answer in (first, second):
        assert [name for name, _ in answer.getheaders()].count("date") == 1
    unlike = {"date", "x-request-id"}
    assert [h for h in first.getheaders() if h[0] not in unlike] == [
        h for h in second.getheaders() if h[0] not in unlike
    ]
    assert counted(fresh, "/doc/<kind>/<slug>") == {("200", "no"): 1, ("200", "yes"): 1}


def test_each_answer_has_one_date(address: str) -> None:
    for path in (LEEDS, LEEDS, "/", "/healthz", "/sparql?query=ASK%7B%7D", "/doc/city/nowhere.ttl"):
        assert [name for name, _ in ask(address, path).getheaders()].count("date") == 1, path


def test_what_the_client_accepts_keeps_ready_answers_apart(address: str) -> None:
    types = ("text/turtle", "application/trig", "text/html", "text/turtle")
    got = [ask(address, "/doc/city/leeds", Accept=media_type).getheader("content-type") for media_type in types]
    assert got == ["text/turtle", "application/trig", "text/html; charset=utf-8", "text/turtle"]
    assert ask(address, "/doc/city/leeds", Accept="image/png").status == 406


def test_a_holder_of_a_ready_answer_gets_304_and_head_has_no_body(fresh: str) -> None:
    whole = ask(fresh, LEEDS)
    etag = whole.getheader("etag") or ""
    for condition in (etag, f"W/{etag}", f'"other", {etag}', "*"):
        held = ask(fresh, LEEDS, If_None_Match=condition)
        assert (held.status, content(held), held.getheader("etag")) == (304, b"", etag)
    assert ask(fresh, LEEDS, If_None_Match='"other"').status == 200
    head = ask(fresh, LEEDS, "HEAD")
    assert (head.status, content(head)) == (200, b"")
    assert head.getheader("content-length") == str(len(content(whole)))
    assert counted(fresh, "/doc/<kind>/<slug>")["200", "no"] == 1


def test_if_match_is_met_alike_by_what_is_made_and_by_what_is_ready(fresh: str, address: str) -> None:
    for path in (LEEDS, "/sparql?query=ASK%7B%7D", "/dumps/register.nt", "/graph/register"):
        etag = ask(address, path).getheader("etag") or ""
        packed = f'"{etag[1:-1]}-gzip"' if path == LEEDS else etag
        for _ in "made", "ready":
            for condition in ("*", etag, f'"other", {etag}', packed):
                assert ask(fresh, path, If_Match=condition).status == 200, condition
            for condition in ('"other"', f"W/{etag}"):
                refused = ask(fresh, path, If_Match=condition, If_None_Match=etag)
                said = (refused.status, refused.getheader("content-type"))
                assert said == (412, "application/problem+json"), condition
                assert json.loads(content(refused))["title"] == "A precondition failed"
                assert refused.getheader("access-control-allow-origin") == "*"
            assert ask(fresh, path, If_Match=etag, If_None_Match=etag).status == 304
    assert ask(fresh, "/doc/city/nowhere.ttl", If_Match='"other"').status == 404


def test_a_condition_on_the_first_request_is_met_too_and_fills_the_store(fresh: str, address: str) -> None:
    etag = ask(address, LEEDS).getheader("etag") or ""
    assert ask(fresh, LEEDS, If_None_Match=etag).status == 304
    assert ask(fresh, LEEDS).status == 200
    assert counted(fresh, "/doc/<kind>/<slug>") == {("304", "no"): 1, ("200", "yes"): 1}


def test_errors_fleeting_queries_and_whoever_brings_a_token_are_never_answered_from_the_store(fresh: str) -> None:
    for path in ("/doc/city/nowhere.ttl", "/sparql?query=ASK%7BFILTER(RAND()%3E2)%7D"):
        assert len({ask(fresh, path).status for _ in range(2)}) == 1
    assert ask(fresh, LEEDS).status == 200
    for _ in range(2):
        assert ask(fresh, LEEDS, Authorization="Bearer x").status == 401
    assert counted(fresh, "/doc/<kind>/<slug>") == {("404", "no"): 2, ("200", "no"): 1, ("401", "no"): 2}
    assert counted(fresh, "/sparql") == {("200", "no"): 2}


def test_a_query_that_lasts_is_ready_the_second_time(fresh: str) -> None:
    path = "/sparql?query=SELECT%20*%7B%3Fa%20cd:twin%20%3Fb%7D%20ORDER%20BY%20%3Fa%20%3Fb"
    first, second = ask(fresh, path, Accept="text/csv"), ask(fresh, path, Accept="text/csv")
    assert (content(second), lasting(second)) == (content(first), lasting(first))
    assert first.getheader("cache-control") == "no-cache"
    etag = first.getheader("etag") or ""
    assert etag.startswith('"')
    held = ask(fresh, path, Accept="text/csv", If_None_Match=etag)
    assert (held.status, content(held), held.getheader("etag")) == (304, b"", etag)
    other = ask(fresh, path, Accept="application/sparql-results+json")
    assert other.getheader("etag") != etag
    assert counted(fresh, "/sparql") == {("200", "no"): 2, ("200", "yes"): 1, ("304", "yes"): 1}


def test_what_does_not_last_has_no_validator(fresh: str) -> None:
    fleeting = ("SELECT (NOW() AS ?x){}", "SELECT (RAND() AS ?x){}", "SELECT (UUID() AS ?x) (BNODE() AS ?y){}", "ASK {")
    for query in fleeting * 2:
        assert ask(fresh, f"/sparql?query={quote(query)}").getheader("etag") is None, query
    assert not any(ready == "yes" for _, ready in counted(fresh, "/sparql"))
    assert ask(fresh, "/sparql", "POST", "ASK {}", Content_Type="application/sparql-query").getheader("etag") is None


def test_a_large_answer_has_a_validator_too_and_is_not_kept(fresh: str) -> None:
    path = "/sparql?query=SELECT%20*%7B%3Fa%20%3Fb%20%3Fc%7D"
    first, second = ask(fresh, path), ask(fresh, path)
    assert len(content(first)) > 1 << 20
    assert (first.getheader("etag") or "").startswith('"')
    assert second.getheader("etag") == first.getheader("etag")
    assert counted(fresh, "/sparql") == {("200", "no"): 2}


def test_queries_never_take_the_room_of_documents(serving: Serving) -> None:
    with serving(ready_bytes=1 << 18) as address:
        assert ask(address, LEEDS).status == 200
        for number in range(300):
            assert ask(address, f"/sparql?query=ASK%7B%7D%23{number}{'x' * 900}").status == 200
        assert ask(address, LEEDS).status == 200
        assert counted(address, "/doc/<kind>/<slug>") == {("200", "no"): 1, ("200", "yes"): 1}
        assert ask(address, f"/sparql?query=ASK%7B%7D%230{'x' * 900}").status == 200
        assert counted(address, "/sparql") == {("200", "no"): 301}


def test_a_ready_answer_costs_a_client_nothing(serving: Serving) -> None:
    with serving(client_seconds=0.01) as address:
        assert ask(address, "/sparql?query=ASK%7B%7D").status == 200
        while (
            ask(address, "/sparql?query=SELECT%20*%7B%3Fa%20%3Fb%20%3Fc%7DLIMIT%2020000%23" + token_hex(4)).status
            == 200
        ):
            pass
        assert ask(address, "/sparql?query=ASK%7B%7D").status == 200
        assert ask(address, "/sparql?query=ASK%7B%7D%23").status == 429


@pytest.fixture
def own_folder(folder: DataFolder, tmp_path: Path) -> DataFolder:
    """A data folder of one's own, with the real graph in it."""
    return DataFolder(shutil.copytree(folder.path, tmp_path / "data", ignore=OF_A_SERVER))


def write_again(target: DataFolder, source: DataFolder) -> str:
    build = source.current()
    assert build is not None
    with target.lock():
        return target.write(source.open(), build.content_hash, build.fingerprint, (build.quads, build.inferred)).name


@contextmanager
def running(folder: DataFolder, **conduct: object) -> Iterator[str]:
    chosen = ServerOptions(**{"log": "none", "client_seconds": 0, "stop_seconds": 30, **conduct})  # type: ignore[arg-type]
    with (
        socket.create_server(("127.0.0.1", 0), backlog=512) as listening,
        serving.assembled_server(folder, ALONE, chosen) as server,
    ):
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        yield f"http://127.0.0.1:{listening.getsockname()[1]}"
        server.should_exit = True
        thread.join()


def test_a_new_build_is_served_without_dropping_a_request(own_folder: DataFolder, folder: DataFolder) -> None:
    stop, statuses = threading.Event(), []

    def read_on(address: str) -> None:
        while not stop.is_set():
            for path in (LEEDS, "/sparql?query=ASK%7B%7D", "/queries/twinnings-between-countries.csv"):
                statuses.append(ask(address, path).status)

    with running(own_folder) as address:
        readers = [threading.Thread(target=read_on, args=(address,)) for _ in range(2)]
        for reader in readers:
            reader.start()
        for _ in range(2):
            name = write_again(own_folder, folder)
            assert ask(address, LEEDS).status == 200
        current = own_folder.current()
        assert current is not None
        assert current.name == name
        stop.set()
        for reader in readers:
            reader.join()
        made = counted(address, "/doc/<kind>/<slug>")["200", "no"]
    assert set(statuses) == {200}
    assert made >= 3  # each build's own, at least once


def test_a_stopping_server_finishes_what_it_has_begun(folder: DataFolder) -> None:
    slow = "SELECT (COUNT(*) AS ?n{}) {{ ?a cd:twin ?b . ?c cd:twin ?d . ?e cd:twin ?f }}"
    answers: list[http.client.HTTPResponse] = []
    begun: list[threading.Thread] = []

    def ask_slowly(address: str, number: int) -> None:
        answers.append(ask(address, "/sparql?query=" + quote(slow.format(number))))

    with running(folder) as address:
        ask(address, "/readyz")
        while "citykg_workers_busy 1.0" not in content(ask(address, "/metrics")).decode():
            if not begun or not begun[-1].is_alive():  # it may be over before it is seen
                begun.append(threading.Thread(target=ask_slowly, args=(address, len(begun))))
                begun[-1].start()
    for thread in begun:
        thread.join()
    assert {answer.status for answer in answers} == {200}
    assert len(answers) == len(begun)


def test_a_body_that_is_too_large_is_refused_before_it_is_sent(serving: Serving) -> None:
    with serving(body_bytes=10_000) as address:
        with socket.create_connection(_peer(address), timeout=20) as client:
            client.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 20000\r\n\r\n")
            said = _all(client)
        assert said.startswith(b"HTTP/1.1 413 ")
        problem = json.loads(said.partition(b"\r\n\r\n")[2])
        assert "10,000 bytes" in problem["detail"]
        in_pieces = ask(address, "/sparql", "POST", iter([b"x" * 6000, b"y" * 6000]), Content_Type="text/plain")
        assert in_pieces.status == 413
        assert ask(address, problem["type"]).status == 200


def test_a_body_that_comes_too_slowly_is_refused(serving: Serving) -> None:
    with serving(body_seconds=0.2) as address, socket.create_connection(_peer(address), timeout=20) as client:
        client.sendall(b"POST /sparql HTTP/1.1\r\nHost: x\r\nContent-Length: 20\r\n\r\nASK")
        assert _all(client).startswith(b"HTTP/1.1 408 ")


def test_a_query_is_not_run_for_a_client_that_left_while_it_waited(
    monkeypatch: pytest.MonkeyPatch, serving: Serving
) -> None:
    monkeypatch.setattr(queue, "UNWATCHED_SECONDS", 0)
    monkeypatch.setattr(queue, "SECONDS", 600)
    left, give_up = threading.Event(), TurnQueue._leave

    def noted(own: TurnQueue, waiting: queue._WaitingRequest) -> None:
        give_up(own, waiting)
        left.set()

    monkeypatch.setattr(TurnQueue, "_leave", noted)
    monkeypatch.setattr(TurnQueue, "try_take", lambda own, lane: lane is Lane.OWN)
    with serving() as address:
        with socket.create_connection(_peer(address), timeout=20) as client:
            client.sendall(b"GET /sparql?query=ASK%7B%7D HTTP/1.1\r\nHost: x\r\n\r\n")
        assert left.wait(20)
        assert ("200", "no") not in counted(address, "/sparql")


def test_queries_that_wait_for_their_turn_are_counted_as_waiting(
    monkeypatch: pytest.MonkeyPatch, serving: Serving, eventually: Eventually
) -> None:
    monkeypatch.setattr(queue, "SECONDS", 600)
    with serving() as address, ExitStack() as clients:

        def waiting() -> str:
            numbers = content(ask(address, "/metrics")).decode()
            return "".join(re.findall(r"^citykg_queries_waiting (\S+)", numbers, re.MULTILINE))

        assert ask(address, "/sparql?query=ASK%7B%7D").status == 200  # workers are up
        assert waiting() == "0.0"
        monkeypatch.setattr(TurnQueue, "try_take", lambda own, lane: lane is Lane.OWN)
        for number in range(3):
            client = clients.enter_context(socket.create_connection(_peer(address), timeout=20))
            client.sendall(b"GET /sparql?query=ASK%%7B%%7D%%20%%23%d HTTP/1.1\r\nHost: x\r\n\r\n" % number)
        eventually(waiting, "3.0")


def test_a_head_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch, serving: Serving) -> None:
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.2)
    with serving() as address:
        for begun in (b"", b"GET / HTTP/1.1\r\nHost: x\r\nX-Slow: "):
            with socket.create_connection(_peer(address), timeout=20) as client:
                client.sendall(begun)
                assert _all(client) == b""


def test_a_head_that_is_too_large_is_refused(address: str) -> None:
    with socket.create_connection(_peer(address), timeout=20) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: x\r\nX-Long: " + b"y" * (connections.HEAD_BYTES + 1))
        assert _all(client).startswith(b"HTTP/1.1 431 ")


NO_HOSTS = (
    "x y",
    "x/y",
    "a@b",
    "x:80a",
    "x:80:80",
    "x?",
    "[::1",
    "::1",
    "[1:2]",
    "[::1]x",
    "[fe80::1%25lo]",
    "%zz",
    '"x"',
)
HOSTS = ("x:", "x:80", "[::1]:8000", "[2001:db8::1.2.3.4]", "[v1.x:y]", "caf%C3%A9.example", "127.0.0.1:80", "x_y,z.")
"""By RFC 3986, sections 3.2.2 and 3.2.3."""


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("GET /healthz HTTP/1.1\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nHost: x\r\n", 400),
        ("GET /healthz HTTP/1.0\r\nHost: x\r\nhost: y\r\n", 400),
        ("POST /validate HTTP/1.1\r\nContent-Length: 6\r\n", 400),
        ("GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n", 200),
        ("GET /healthz HTTP/1.1\r\nHost:\r\nConnection: close\r\n", 200),  # as for a URI without authority
        ("GET /healthz HTTP/1.0\r\n", 200),
        *((f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n", 400) for host in NO_HOSTS),
        *((f"GET /healthz HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n", 200) for host in HOSTS),
    ],
)
def test_a_request_names_one_host(address: str, head: str, status: int) -> None:
    with socket.create_connection(_peer(address), timeout=20) as client:
        client.sendall(f"{head}\r\n".encode())
        said = _all(client)
    assert said.startswith(b"HTTP/1.1 %d " % status), said
    if status == 400:
        problem = json.loads(said.partition(b"\r\n\r\n")[2])
        assert "RFC 9112" in problem["detail"]
        assert ask(address, problem["type"]).status == 200


def test_what_is_thrown_away_of_a_refused_body_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    taken = 0

    async def endless() -> dict[str, object]:
        nonlocal taken
        await asyncio.sleep(0)
        taken += PART
        return {"type": "http.request", "body": bytes(PART), "more_body": True}

    monkeypatch.setattr(bodies, "LINGER_BYTES", 10 * PART)
    monkeypatch.setattr(bodies, "LINGER_SECONDS", 1.0)
    in_own_loop(lambda: bodies.discard(endless))
    assert taken <= 11 * PART


def test_a_reader_that_stalls_is_cut_off_and_a_whole_answer_goes_to_the_next(
    monkeypatch: pytest.MonkeyPatch, serving: Serving
) -> None:
    monkeypatch.setattr(connections, "STALL_SECONDS", 0.3)
    lost, gone = connections.Connection.connection_lost, SimpleQueue[tuple[str, int] | None]()

    def noted(own: connections.Connection, error: Exception | None) -> None:
        lost(own, error)
        gone.put(own.client)

    monkeypatch.setattr(connections.Connection, "connection_lost", noted)
    with serving() as address:
        with socket.socket() as client:
            client.settimeout(20)
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 16)  # or else the kernel takes all of it
            client.connect(_peer(address))
            client.sendall(b"GET /dumps/all.nq HTTP/1.1\r\nHost: x\r\n\r\n")
            while gone.get(timeout=60) != client.getsockname():
                pass  # others asked whether the service is up
            head, _, begun = _all(client).partition(b"\r\n\r\n")
        length = re.search(rb"content-length: (\d+)", head)
        assert length is not None
        assert len(begun) < int(length[1])
        assert len(content(ask(address, "/dumps/all.nq"))) == int(length[1])


def _peer(address: str) -> tuple[str, int]:
    parts = urlsplit(address)
    assert parts.hostname is not None
    assert parts.port is not None
    return parts.hostname, parts.port


def _all(client: socket.socket) -> bytes:
    said = b""
    try:
        while part := client.recv(1 << 16):
            said += part
    except ConnectionResetError:
        pass
    return said


def test_a_client_that_used_up_its_seconds_has_to_wait(serving: Serving) -> None:
    with serving(client_seconds=0.01) as address:
        query = "/sparql?query=SELECT%20*%7B%3Fa%20%3Fb%20%3Fc%7DLIMIT%2020000"
        statuses = [ask(address, f"{query}%23{number}").status for number in range(4)]
        last = ask(address, query)
        assert statuses[0] == 200
        assert last.status == 429
        assert int(last.getheader("retry-after") or "0") > 0
        assert ask(address, json.loads(content(last))["type"]).status == 200
        assert ask(address, LEEDS).status == 200


def test_an_id_of_a_request_is_kept_if_it_is_harmless_and_made_if_not(address: str) -> None:
    assert ask(address, "/healthz", X_Request_Id="abc-1.2_3").getheader("x-request-id") == "abc-1.2_3"
    for bad in ("a b", "x" * 65, 'a"b'):
        assert re.fullmatch("[0-9a-f]{16}", ask(address, "/healthz", X_Request_Id=bad).getheader("x-request-id") or "")


def test_headers_of_pages_allow_our_own_files_and_nothing_else(address: str) -> None:
    page = ask(address, "/", Accept="text/html")
    policy = page.getheader("content-security-policy") or ""
    sources = {part.split()[0]: part.split()[1:] for part in policy.split("; ")}
    assert sources["default-src"] == ["'none'"]
    assert {one for name in ("style-src", "script-src", "connect-src") for one in sources[name]} == {"'self'"}
    assert page.getheader("x-content-type-options") == "nosniff"


def test_the_service_says_that_it_is_up_and_ready(fresh: str) -> None:
    assert json.loads(content(ask(fresh, "/healthz")))["status"] == "ok"
    assert json.loads(content(ask(fresh, "/readyz")))["status"] == "ready"
    numbers = content(ask(fresh, "/metrics")).decode()
    for name in ("citykg_quads ", "citykg_store_bytes ", "citykg_workers 1.0", "citykg_workers_replaced_total 0.0"):
        assert name in numbers


def test_a_folder_without_a_graph_is_neither_up_nor_ready(tmp_path: Path) -> None:
    with running(DataFolder(tmp_path / "empty")) as address:
        for path in ("/healthz", "/readyz", "/sparql?query=ASK%7B%7D"):
            answer = ask(address, path)
            assert (answer.status, answer.getheader("content-type")) == (503, "application/problem+json")


def exchange(path: str) -> tuple[Request, Answer]:
    scope = {
        "method": "GET",
        "headers": [],
        "raw_path": path.encode("latin-1"),
        "query_string": b"",
        "client": ("192.0.2.7", 1),
    }
    return Request(scope), Answer(404, [], b"")


@pytest.mark.parametrize("log_format", ["text", "json"])
def test_no_path_breaks_a_line_of_the_log_or_colours_a_terminal(log_format: str) -> None:
    stream = io.StringIO()
    write = AccessLog(log_format, stream)
    write(*exchange('/a\r\nfake "line" \x1b[31m\x85\xff'), 0.0012, False)
    logged = stream.getvalue()
    assert logged.isascii()
    assert logged.endswith("\n")
    assert logged[:-1].isprintable()
    if log_format == "json":
        line = json.loads(logged)
        assert (line["client"], line["status"], line["milliseconds"]) == ("192.0.2.7", 404, 1.2)


def test_the_log_is_for_its_reader() -> None:
    stream = io.StringIO()
    AccessLog("none", stream)(*exchange("/x"), 0.1, False)
    assert stream.getvalue() == ""
    write = AccessLog("auto", stream)
    write(*exchange("/x"), 0.1, True)
    assert json.loads(stream.getvalue())["ready"] is True
