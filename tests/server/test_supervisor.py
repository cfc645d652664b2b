"""A service of several processes is one service: what one of them was told all know, and each may die."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from functools import partial
from itertools import cycle
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from kg.accounts.database import Database
from kg.accounts.tokens import ATTEMPTS_A_MINUTE, Role, Tokens
from kg.history.chain import History
from kg.store.data_folder import DataFolder
from kg.workers import QueryLimits
from server import supervisor
from server.settings import ServerOptions
from tests.support.command import SERVE, Command, Eventually
from tests.support.council_list import MAPPING
from tests.support.http import Answer
from tests.support.several import Kept, children, in_common, one_of_each
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn

PROCESSES = 3
CHANGES = by_tier(3, 6, 100)
KILLS = by_tier(2, 3, 100)
CLIENT_SECONDS = 0.02

B = "https://w3id.org/city-diplomacy/"
WORDS = urlencode(
    {"summary": "One more link", "source": "https://example.org/list", "graph": "curated/several", "acknowledge": "yes"}
)
COUNT = "/sparql?query=" + quote(f"SELECT (COUNT(*) AS ?n) {{ GRAPH <{B}graph/curated/several> {{ ?s ?p ?o }} }}")

CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
FAILING = """
from kg.cli.main import main
from kg.rdf import scopes
from server import serve

scopes.DEFAULT_WORKS = ()  # others share the folder, which is not to be built anew with them
serve.run = lambda *parts: 1 / 0
main()
"""


def link(number: int) -> bytes:
    return f"<{B}id/city/leeds> <https://schema.org/sameAs> <http://www.wikidata.org/entity/Q9{number:06}> .".encode()


@dataclass
class Several:
    """A server of several processes over a folder of its own, with a curator's token."""

    command: Command
    folder: DataFolder
    token: str
    opened: ExitStack

    def one_of_each(self) -> list[Kept]:
        """Return a connection to each process, that to the writer first."""
        return one_of_each(self.command, self.opened)

    def by_curator(self, **more: str) -> dict[str, str]:
        fields = {"Content-Type": "application/n-triples", "Accept": "application/json", **more}
        return {**fields, "Authorization": f"Bearer {self.token}"}

    def change(self, connection: Kept, number: int, **more: str) -> Answer:
        return connection.send(f"/changes?{WORDS}", link(number), self.by_curator(**more))

    def send_table(self, connection: Kept, rows: str, asked: str = "") -> Answer:
        """Send the rows of a table to be imported, as a form."""
        part = '--cut\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n\r\n{text}\r\n'
        table = part.format(name="file", file="table.csv", text=f"city_a,city_b,since\r\n{rows}")
        mapping = part.format(name="mapping", file="mapping.yaml", text=MAPPING)
        fields = self.by_curator(**{"Content-Type": "multipart/form-data; boundary=cut"})
        return connection.send(f"/imports{asked}", f"{table}{mapping}--cut--\r\n".encode(), fields)

    def children(self) -> list[int]:
        return children(self.command)


def numbered(revision: str) -> int:
    """Return how many changes a revision's name counts."""
    return int(revision.partition(".")[2] or 0)


def started(with_ledger: Path, own: Path, eventually: Eventually, **settings: object) -> Several:
    folder = DataFolder(own / "data")
    shutil.copytree(with_ledger, folder.path)
    token = Tokens(Database(folder.path)).create("Ann", Role.CURATOR)
    command = Command(folder.path, own, {"processes": PROCESSES, "workers": 1, "log": "json", **settings})
    command.wait()
    eventually(lambda: len(children(command)), settings.get("processes", PROCESSES))
    return Several(command, folder, token, ExitStack())


@pytest.fixture(scope="module")
def several(with_ledger: Path, tmp_path_factory: pytest.TempPathFactory, eventually: Eventually) -> Iterator[Several]:
    """A server of several processes, of which no test ends one."""
    one = started(with_ledger, tmp_path_factory.mktemp("several"), eventually, client_seconds=CLIENT_SECONDS)
    with one.opened:
        yield one
    one.command.stop()


@pytest.fixture
def mortal(
    with_ledger: Path, tmp_path: Path, eventually: Eventually, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Several]:
    """A server whose processes are ended; in the end none is left.

    It gets what they leave, as the first process of a container does.
    """
    monkeypatch.setattr("tests.support.command.SERVE", f"import ctypes; ctypes.CDLL(None).prctl(36, 1); {SERVE}")
    one = started(with_ledger, tmp_path, eventually)
    with one.opened:
        yield one
    with suppress(ProcessLookupError):
        one.command.stop()
        eventually(one.command.processes, {})


def test_what_was_answered_201_by_one_is_seen_in_each(several: Several) -> None:
    connections = several.one_of_each()
    for number, asked in zip(range(CHANGES), cycle(connections), strict=False):
        made = several.change(asked, number)
        assert made.status == 201, made.body
        for index, connection in enumerate(connections):
            answer = connection.send(COUNT, headers={"X-Forwarded-For": f"10.1.{index}.{number}"})
            assert answer.headers["x-revision"] == made.headers["x-revision"]
            assert int(answer.members["results"]["bindings"][0]["n"]["value"]) == number + 1
            assert f"Q9{number:06}".encode() in connection.send("/doc/city/leeds.nt").body


def test_a_revision_never_goes_back_for_one_client_whichever_process_answers(several: Several) -> None:
    connections, asking = several.one_of_each(), several.one_of_each()
    seen: list[int] = []
    over = threading.Event()

    def ask() -> None:
        for path in cycle(("/doc/city/leeds.ttl", "/id/city/leeds", "/healthz", "/changes", "/doc/city/york.ttl")):
            for connection in asking:
                seen.append(numbered(connection.send(path).headers["x-revision"]))
            if over.is_set():
                return

    thread = threading.Thread(target=ask)
    thread.start()
    for number, asked in zip(range(100, 100 + CHANGES), cycle(connections), strict=False):
        assert several.change(asked, number).status == 201
    over.set()
    thread.join()
    assert seen == sorted(seen)
    assert len(set(seen)) > 1


def test_query_seconds_are_counted_over_all_processes(several: Several) -> None:
    connections = several.one_of_each()
    fields = {"X-Forwarded-For": "10.0.0.1"}
    statuses: list[int] = []

    def ask(connection: Kept) -> int:
        path = COUNT + quote(
            f" # {len(statuses)}"
        )  # the answer to one that came before would be ready, and costs nothing
        statuses.append(connection.send(path, headers=fields).status)
        return statuses[-1]

    while 429 not in [ask(connection) for connection in connections]:
        assert len(statuses) <= CLIENT_SECONDS / 0.001 + len(connections)
    assert [ask(connection) for connection in connections] == [429] * PROCESSES
    assert connections[0].send(COUNT, headers={"X-Forwarded-For": "10.0.0.2"}).status == 200


def test_a_client_whose_query_takes_long_at_one_process_begins_in_the_slow_lane_at_all(
    with_ledger: Path, tmp_path: Path, eventually: Eventually
) -> None:
    """What the slow lane of a process has is known by what waits for it there, and what does not."""
    settings = {"processes": 2, "workers": 4, "seconds": 60, "client_seconds": 0, "stop_seconds": 1}
    one = started(with_ledger, tmp_path, eventually, **settings)
    endless = quote("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }")

    def ask(connection: Kept, client: str, path: str) -> list[Answer]:
        answers: list[Answer] = []

        def send() -> None:
            with suppress(OSError, http.client.HTTPException):  # the service is killed in the end
                answers.append(connection.send(path, headers={"X-Forwarded-For": client}))

        threading.Thread(target=send, daemon=True).start()
        return answers

    with one.opened:
        (first, second), (_, third), (_, fourth) = (one.one_of_each() for _ in range(3))
        ask(third, "10.2.0.2", f"/sparql?query={endless}%23")
        eventually(lambda: "citykg_workers_busy 1.0" in first.send("/metrics").body.decode(), True)
        known = first.send(f"/sparql?query={endless}&timeout=0.5", headers={"X-Forwarded-For": "10.2.0.1"})
        assert known.members["limit"] == "seconds"
        waiting = ask(fourth, "10.2.0.1", f"{COUNT}%23")
        for number in range(8):
            answer = second.send(f"{COUNT}%23{number}", headers={"X-Forwarded-For": f"10.2.1.{number}"})
            assert answer.status == 200
        assert waiting == []
        one.command.kill()


def test_wrong_tokens_are_counted_over_all_processes(several: Several) -> None:
    connections = cycle(several.one_of_each())
    fields = {"Authorization": f"Bearer {several.token}x", "X-Forwarded-For": "10.0.0.3"}
    statuses = [next(connections).send("/proposals", headers=fields).status for _ in range(ATTEMPTS_A_MINUTE + 4)]
    assert statuses == [401] * ATTEMPTS_A_MINUTE + [429] * 4
    answer = next(connections).send("/proposals", headers={**fields, "X-Forwarded-For": "10.0.0.4"})
    assert answer.status == 401  # another client


def test_what_is_counted_is_the_sum_of_all(several: Several) -> None:
    def counted() -> float:
        text = connections[0].send("/metrics").body.decode()
        found = re.search(r'^citykg_requests_total\{.*status="200"\} (\S+)$', _of_route(text, "/docs"), re.MULTILINE)
        return float(found[1]) if found else 0.0

    connections = several.one_of_each()
    before = counted()
    for connection in connections:
        assert connection.send("/docs", headers={"Cache-Control": "no-cache", "Range": "bytes=0-"}).status == 200
    assert counted() == before + PROCESSES
    metrics = connections[-1].send("/metrics").body.decode()
    assert len(re.findall(r"^citykg_workers ", metrics, re.MULTILINE)) == 1
    assert re.search(r"^citykg_graph_info\{revision=", metrics, re.MULTILINE)


def _of_route(metrics: str, route: str) -> str:
    return "\n".join(line for line in metrics.splitlines() if f'route="{route}"' in line)


def test_an_import_is_taken_by_a_reader_and_told_of_by_all(several: Several, eventually: Eventually) -> None:
    writer, reader, *others = several.one_of_each()
    rows = "".join(f"Leeds,Nowhere {number} {'x' * 100},{1950 + number % 60}\r\n" for number in range(20_000))
    assert len(rows) > 2 << 20  # more than stays in memory
    answer = several.send_table(reader, rows, "?dry_run=yes")
    assert answer.status == 202, answer.body
    address = answer.headers["location"]
    told = {
        connection.send(address, headers=several.by_curator()).members["number"] for connection in (writer, *others)
    }
    assert told == {answer.members["number"]}
    cancelled = writer.send(f"{address}/cancel", b"", several.by_curator(), "POST")
    assert cancelled.status == 200, cancelled.body
    eventually(lambda: reader.send(address, headers=several.by_curator()).members["state"], "cancelled")


def test_the_writer_believes_only_its_own_who_a_client_is(several: Several) -> None:
    for connection in several.one_of_each():
        fields = {"citykg-client": "9.9.9.9", "X-Request-Id": "who-is-it", "X-Forwarded-For": "10.0.0.5"}
        connection.send("/changes", b"", fields)
    lines = [json.loads(line) for line in several.command.log().splitlines() if "who-is-it" in line]
    assert [(line["client"], line["route"], line["status"]) for line in lines] == [
        ("10.0.0.5", "/changes", 401)
    ] * PROCESSES


@pytest.mark.scaled
def test_a_killed_process_is_started_anew_and_nothing_is_lost_or_twice(mortal: Several, eventually: Eventually) -> None:
    """Each change is sent until it is answered 201, while the writer and the readers are killed in turn."""
    random = fresh_random("who is killed")
    for connection in mortal.one_of_each():
        assert connection.send(COUNT).status == 200  # so that each leaves a worker
    for number in range(KILLS):
        running = mortal.children()
        killed = running[0] if number % 2 else random.choice(running[1:])
        key = {"Idempotency-Key": f"change-{number}"}
        timer = threading.Timer(random.uniform(0, 0.05), os.kill, (killed, signal.SIGKILL))
        timer.start()
        made = _until_made(mortal, number, key)
        timer.join()
        assert numbered(made.headers["x-revision"]) == number + 1
        eventually(partial(_others, mortal, killed), PROCESSES)
    for connection in mortal.one_of_each():
        assert connection.send(COUNT).members["results"]["bindings"][0]["n"]["value"] == str(KILLS)
    assert len(list(History(mortal.folder.path).records())) == KILLS


@pytest.mark.slow
def test_an_import_goes_on_after_the_writer_was_killed(mortal: Several, eventually: Eventually) -> None:
    moments = fresh_random("moments of the kills")
    reader = mortal.one_of_each()[1]
    twins = ((one, other) for one in ("Jinan", "Qingdao", "Dalian") for other in ("York", "Oxford", "Atlantis"))
    sent = mortal.send_table(reader, "".join(f"{one},{other},2019\r\n" for one, other in twins))
    assert sent.status == 202, sent.body
    for _ in range(KILLS):
        time.sleep(moments.uniform(0, 1.5))
        writer = mortal.children()[0]
        os.kill(writer, signal.SIGKILL)
        eventually(partial(_others, mortal, writer), PROCESSES)
    eventually(lambda: reader.send(sent.headers["location"], headers=mortal.by_curator()).members["state"], "done")
    told = reader.send(sent.headers["location"], headers=mortal.by_curator()).members
    assert (told["change"], told["counts"]["refused"]) == ("/changes/1", 3)
    assert len(list(History(mortal.folder.path).records())) == 1


def _others(several: Several, killed: int) -> int:
    return len(set(several.children()) - {killed})


def _until_made(several: Several, number: int, key: dict[str, str]) -> Answer:
    while True:
        with suppress(OSError, http.client.HTTPException):
            answer = several.command.send(f"/changes?{WORDS}", link(number), several.by_curator(**key))
            if answer.status == 201:
                return answer
            assert answer.status == 503, answer.body
            assert answer.members["title"] == "The writer was lost"


def test_sigterm_in_the_middle_of_a_write_lets_it_end_and_the_writer_goes_last(
    mortal: Several, eventually: Eventually
) -> None:
    reader = mortal.one_of_each()[-1]
    body = link(1)
    fields = {**mortal.by_curator(), "Host": "localhost", "Expect": "100-continue", "Content-Length": str(len(body))}
    head = [f"POST /changes?{WORDS} HTTP/1.1", *(f"{name}: {value}" for name, value in fields.items()), "", ""]
    reader.write("\r\n".join(head).encode() + body[:20])
    assert reader.read(len(CONTINUE)) == CONTINUE  # so the request has begun
    mortal.command.process.send_signal(signal.SIGTERM)
    eventually(lambda: len(mortal.children()), 2)  # the reader that has the request, and the writer
    reader.write(body[20:])
    made = reader.received()
    assert made.status == 201, made.body
    assert mortal.command.process.wait(timeout=30) == 0
    assert mortal.command.log().rstrip().endswith("stopped")
    assert [record.summary for record in History(mortal.folder.path).records()] == ["One more link"]


def test_who_looks_after_them_is_killed_and_none_is_left(mortal: Several, eventually: Eventually) -> None:
    for connection in mortal.one_of_each():
        assert connection.send(COUNT).status == 200
    shared = in_common(mortal.command)
    assert shared.stat().st_mode & 0o777 == 0o700
    mortal.command.kill()
    eventually(mortal.command.processes, {})
    assert not shared.exists()


@pytest.mark.slow
@pytest.mark.parametrize("signalled", [signal.SIGTERM, signal.SIGKILL])
def test_a_service_that_is_ended_while_it_builds_leaves_nothing_running(
    tmp_path: Path, eventually: Eventually, signalled: signal.Signals
) -> None:
    command = Command(tmp_path / "data", tmp_path, {"processes": PROCESSES})
    eventually(lambda: len(command.processes()), 2)  # who looks after all, and who builds
    command.process.send_signal(signalled)
    assert command.process.wait(timeout=30) == -signalled
    eventually(command.processes, {})
    assert "Serving on" not in command.log()


def test_the_port_of_several_processes_is_taken_for_any_other_service(several: Several, tmp_path: Path) -> None:
    port = several.command.address.rpartition(":")[2]
    for processes in (1, 2):
        other = Command(several.folder.path, tmp_path, {"port": port, "processes": processes})
        assert other.process.wait(timeout=30) == 1
        assert f"Port {port} on 127.0.0.1 is taken by another program." in other.log()


def test_what_the_service_may_use_is_divided_among_its_processes() -> None:
    limits, options = QueryLimits(workers=8, queue=100), ServerOptions(connections=1_000, ready_bytes=90)
    of_each, options_of_each = supervisor.divide(limits, options, 3)
    assert (of_each.workers, of_each.queue) == (2, 33)
    assert (options_of_each.connections, options_of_each.ready_bytes) == (334, 30)
    assert (
        supervisor.divide(QueryLimits(workers=2), options, 3)[0].workers == 2
    )  # so that one slow query holds up no other
    assert supervisor.divide(QueryLimits(workers=1), options, 3)[0].workers == 1


@pytest.mark.slow
def test_what_cannot_start_is_given_up_after_some_attempts(
    with_ledger: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tests.support.command.SERVE", FAILING)
    command = Command(with_ledger, tmp_path, {"processes": 2})
    assert command.process.wait(timeout=60) == 1
    assert command.log().count("ZeroDivisionError") >= 3
    assert "ended of itself 3 times in a row" in command.log()
    assert command.processes() == {}
