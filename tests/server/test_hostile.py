"""What a hostile stranger may send: each gets a clear refusal, and the next reader is served as if nothing had been."""

from __future__ import annotations

import json
import socket
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, suppress
from dataclasses import replace
from pathlib import Path

import pytest

from kg.query_workers import Limits
from kg.snapshots import DataFolder
from server import graph
from server.app import create_app

TIGHT = Limits(seconds=2, rows=10_000, result_bytes=1 << 20, memory_bytes=256 << 20, workers=2, queue=2)

HOSTILE = {
    "an endless cross product": ("SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }", 503),
    "a sort bomb": ("SELECT * { ?a ?b ?c . ?d ?e ?f } ORDER BY ?a ?f", 503),
    "a group bomb": ("SELECT ?a ?d (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f } GROUP BY ?a ?d", 503),
    "too many rows": ("SELECT * { ?a ?b ?c }", 503),
    "deep nesting": ("SELECT * {" + "{" * 10_000 + "}" * 10_000 + "}", 503),
    "a long chain": ("SELECT * {" + "".join(f"?v{n} cd:x ?v{n + 1} . " for n in range(1_000)) + "}", 503),
    "a huge query": ("SELECT * { ?a ?b '" + "x" * 10_000_000 + "' }", 413),
    "a NUL": ("SELECT * { ?a ?b '\0' ", 400),
    "SERVICE": ("SELECT * { SERVICE <http://127.0.0.1:@PORT@/> { ?a ?b ?c } }", 403),
    "SERVICE in another spelling": ("SELECT*{sErViCe#x\n<http://127.0.0.1:@PORT@/>{?a ?b ?c}}", 403),
    "SERVICE SILENT": ("ASK { SERVICE SILENT <http://127.0.0.1:@PORT@/> { } }", 403),
    "LOAD": ("LOAD <http://127.0.0.1:@PORT@/>", 403),
    "an update": ("DELETE WHERE { ?a ?b ?c }", 403),
}


@pytest.fixture(scope="module")
def tight(serving: Callable[[Limits], AbstractContextManager[str]]) -> Iterator[str]:
    """The address of a server with tight limits over the real graph."""
    with serving(TIGHT) as served:
        yield served


@pytest.fixture(scope="module")
def canary() -> Iterator[socket.socket]:
    """A listener that nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        yield listener


def post(address: str, query: str, folder: Path, *options: str) -> tuple[int, bytes]:
    body = folder / "query.rq"
    body.write_text(query, encoding="utf-8")
    direct = ("-H", "Content-Type: application/sparql-query", "--data-binary", f"@{body}", "-w", "\n%{http_code}")
    ran = subprocess.run(["curl", "-s", *direct, *options, f"{address}/sparql"], capture_output=True, check=True)
    content, _, status = ran.stdout.rpartition(b"\n")
    return int(status), content


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_query_is_refused_whole_and_the_next_reader_is_served(
    tight: str, canary: socket.socket, tmp_path: Path, name: str
) -> None:
    query, wanted = HOSTILE[name]
    status, content = post(tight, query.replace("@PORT@", str(canary.getsockname()[1])), tmp_path)
    problem = json.loads(content)
    assert (status, problem["status"]) == (wanted, wanted)
    assert problem["hint"]
    with pytest.raises(BlockingIOError):
        canary.accept()
    assert post(tight, "ASK { ?t cd:twin city:leeds }", tmp_path) == (200, b'{"head":{},"boolean":true}')


def test_a_client_may_lower_its_deadline_and_never_raise_it(tight: str, tmp_path: Path) -> None:
    query = HOSTILE["an endless cross product"][0]
    for stated, limit in (("0.2", "0.2"), ("60", "2")):
        ran = subprocess.run(
            ["curl", "-sG", f"{tight}/sparql", "--data-urlencode", f"query={query}", "-d", f"timeout={stated}"],
            capture_output=True,
            check=True,
        )
        problem = json.loads(ran.stdout)
        assert (problem["status"], problem["limit"]) == (503, "seconds")
        assert limit in problem["reached"]


def test_a_full_queue_says_when_to_come_back(tight: str, tmp_path: Path) -> None:
    query = HOSTILE["an endless cross product"][0]
    command = ["curl", "-siG", f"{tight}/sparql", "--data-urlencode", f"query={query}"]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE) for _ in range(8)]
    answers = [process.communicate()[0].decode() for process in running]
    busy = [answer for answer in answers if "All workers are busy" in answer]
    assert busy
    assert all("retry-after:" in answer.lower() for answer in busy)
    assert all(answer.startswith("HTTP/1.1 503") for answer in answers)
    assert post(tight, "ASK {}", tmp_path)[0] == 200


def test_closing_the_service_leaves_no_process(folder: DataFolder) -> None:
    mark = (256 << 20) + 1  # stands on the command line of these workers and of no others
    app = create_app(folder, replace(TIGHT, memory_bytes=mark))
    with app.test_client() as client:
        assert client.get("/sparql?query=ASK%20%7B%7D").status_code == 200
        assert len(workers(mark)) == TIGHT.workers
        graph.close(app)
    assert workers(mark) == []


def workers(mark: int) -> list[bytes]:
    """The worker processes that hold a number on their command lines."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with suppress(OSError):
            found.append(path.read_bytes())
    return [line for line in found if b"kg.query_worker" in line and str(mark).encode() in line]
