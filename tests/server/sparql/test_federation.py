"""SERVICE over HTTP: the endpoint of another running server is asked if it is on the list, and nobody else is."""

from __future__ import annotations

import json
import socket
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Any

import pytest
from click.testing import CliRunner
from werkzeug.serving import make_server

from kg.federation.endpoints import RemoteEndpoints
from kg.store.data_folder import DataFolder
from kg.workers.pool import QueryLimits
from server.app import create_app
from server.command import serve
from server.service import Service
from tests.support.canary import Canary

pytestmark = pytest.mark.drawn

LONDON = "{ ?t cd:twin city:london, ?twin FILTER(?twin != city:london) }"


@pytest.fixture(scope="module")
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.fixture(scope="module")
def federated(folder: DataFolder, address: str, closed_port: int) -> Iterator[str]:
    """The address of a server that may ask another one, over the same graph, and one that is not there."""
    app = create_app(folder, QueryLimits(seconds=300))
    listed = [f"{address}/sparql", f"http://127.0.0.1:{closed_port}/"]
    Service.of(app).endpoints = RemoteEndpoints(listed, also_reachable=["127.0.0.0/8"])
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    Service.of(app).close()


def send(server: str, query: str, *options: str) -> tuple[int, str, str]:
    """Status, head and body of the answer to a query, as curl gets them."""
    command = ["curl", "-s", "-i", "--data-urlencode", f"query={query}", *options, f"{server}/sparql"]
    head, _, body = subprocess.run(command, capture_output=True, check=True).stdout.decode().partition("\r\n\r\n")
    return int(head.split()[1]), head.lower(), body


def values(body: str) -> list[dict[str, str]]:
    rows = json.loads(body)["results"]["bindings"]
    return sorted(({name: term["value"] for name, term in row.items()} for row in rows), key=str)


def test_the_answer_joins_what_another_server_says(federated: str, address: str) -> None:
    status, head, body = send(
        federated, f"SELECT ?twin ?name {{ SERVICE <{address}/sparql> {LONDON} ?twin skos:prefLabel ?name }}"
    )
    local = send(address, f"SELECT ?twin ?name {{ {LONDON} ?twin skos:prefLabel ?name }}")
    assert (status, "cache-control: no-store" in head) == (200, True)
    assert values(body) == values(local[2])
    assert values(body)


@pytest.mark.parametrize("accepted", ["text/csv", "text/html", "application/sparql-results+xml"])
def test_the_formats_are_those_of_other_queries(federated: str, address: str, accepted: str) -> None:
    query = f"SELECT ?twin {{ SERVICE <{address}/sparql> {LONDON} }}"
    status, head, body = send(federated, query, "-H", f"Accept: {accepted}")
    assert (status, f"content-type: {accepted}" in head, "beijing" in body.lower()) == (200, True, True)


def test_the_data_set_is_that_of_the_local_part(federated: str, address: str) -> None:
    query = f"SELECT * {{ ?t cd:twin city:leeds SERVICE <{address}/sparql> {{ ?t cd:twin city:hangzhou }} }}"
    assert len(values(send(federated, query)[2])) == 1
    assert values(send(federated, query, "-d", "default-graph-uri=https://example.org/empty")[2]) == []


def test_head_asks_nobody(federated: str, closed_port: int) -> None:
    query = f"SELECT * {{ SERVICE <http://127.0.0.1:{closed_port}/> {{ ?a ?b ?c }} }}"
    status, head, _ = send(federated, query, "-G", "-I")
    assert (status, "application/sparql-results+json" in head) == (200, True)
    assert send(federated, query)[0] == 502


def test_a_failing_endpoint_is_told_and_silent_goes_on(federated: str, closed_port: int) -> None:
    query = f"SELECT * {{ ?t cd:twin city:leeds SERVICE <http://127.0.0.1:{closed_port}/> {{ ?a ?b ?c }} }}"
    status, _, body = send(federated, query)
    problem = json.loads(body)
    assert (status, problem["title"], problem["type"]) == (
        502,
        "Another endpoint failed",
        "/docs/errors/another-endpoint-failed",
    )
    assert "SILENT" in problem["hint"]
    silent = values(send(federated, query.replace("SERVICE", "SERVICE SILENT"))[2])
    assert [set(row) for row in silent] == [{"t"}] * len(silent)
    assert silent


def test_a_mistake_is_placed_in_the_query_as_it_was_sent(federated: str, address: str) -> None:
    status, _, body = send(federated, f"SELECT *\n{{ SERVICE SILENT <{address}/sparql> {{ ?a ?b ?c }}\n ?a ?b }}")
    assert (status, json.loads(body)["line"]) == (400, 3)


@pytest.mark.parametrize(
    "update", ["LOAD <C>", "LOAD SILENT <C> INTO GRAPH <x:g>", "INSERT { ?a ?b ?c } WHERE { SERVICE <C> { ?a ?b ?c } }"]
)
def test_load_and_updates_stay_refused(federated: str, canary: Canary, update: str) -> None:
    status, _, _ = send(federated, update.replace("<C>", f"<{canary.address}>"))
    assert status == 400
    assert not canary.was_called()


def test_the_setting_reaches_the_command(running: Callable[..., AbstractContextManager[Any]], canary: Canary) -> None:
    """The listed endpoint is on the loopback address, which no setting opens; so it is refused when it comes to it."""
    place = canary.address
    with running(service=f"https://one.example/sparql {place}") as command:
        failed = command.send("/sparql", f"SELECT * {{ SERVICE <{place}> {{ ?a ?b ?c }} }}".encode())
        assert (failed.status, "not public" in json.loads(failed.body)["detail"]) == (502, True)
        refused = command.send("/sparql", b"SELECT * { SERVICE <https://two.example/> { ?a ?b ?c } }")
        assert (refused.status, "https://one.example/sparql" in json.loads(refused.body)["hint"]) == (403, True)
        assert not canary.was_called()
        assert [line for line in command.processes().values() if b"kg.programs.fetch" in line] == []


@pytest.mark.parametrize("address", ["example.org", "ftp://x/", "http://me:pw@x/", "http://x/#y"])
def test_a_setting_that_is_no_address_is_told_at_once(address: str) -> None:
    ran = CliRunner().invoke(serve, ["--service", "https://good.example/", "--service", address])
    assert (ran.exit_code, "not the address of an endpoint" in " ".join(ran.output.split())) == (2, True)
