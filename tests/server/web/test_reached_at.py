"""Where the service says that it is reached: the host of the request if it is of this machine, or what it is told."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from flask.testing import FlaskClient
from pyoxigraph import RdfFormat, parse

from kg.rdf import namespaces as ns
from kg.store.data_folder import DataFolder
from server.command import serve
from tests.support.serving import client as client_of

pytestmark = pytest.mark.drawn

Ask = Callable[..., Any]

TURTLE = {"Accept": "text/turtle"}
BASE_ENDPOINT = ns.BASE + "sparql"
RQ = "/queries/twinnings-between-countries.rq"


@pytest.fixture(scope="module")
def told(folder: DataFolder) -> Iterator[FlaskClient]:
    """A service that is told where it is reached."""
    with client_of(folder, public_url="https://kg.example.org") as client:
        yield client


def stated(client: FlaskClient, host: str, path: str, predicate: str) -> set[tuple[str, str]]:
    """Return subjects and objects of a predicate in a description in Turtle."""
    answer = client.get(path, headers={**TURTLE, "Host": host})
    assert answer.status_code == 200
    quads = parse(answer.data, RdfFormat.TURTLE)
    return {(q.subject.value, q.object.value) for q in quads if q.predicate.value.endswith(predicate)}


def endpoints(client: FlaskClient, host: str) -> list[str]:
    """Return each place where the service names its endpoint, or its root."""
    ((_, of_service),) = stated(client, host, "/sparql", "service-description#endpoint")
    ((_, of_void),) = stated(client, host, "/dataset.ttl", "sparqlEndpoint")
    ((_, of_dcat),) = stated(client, host, "/dataset.ttl", "endpointURL")
    text = client.get(RQ, headers={"Host": host}).get_data(as_text=True)
    (of_query,) = re.findall(r"#\+ endpoint: (\S+)", text)
    (server,) = json.loads(client.get("/openapi.json", headers={"Host": host}).data)["servers"]
    return [of_service, of_void, of_dcat, of_query.strip("\"'"), server["url"]]


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:18400", "127.3.2.1", "[::1]:8000", "LOCALHOST:8000"])
def test_a_request_to_this_machine_names_its_host(client: FlaskClient, host: str) -> None:
    root = f"http://{host.lower()}"
    assert endpoints(client, host) == [f"{root}/sparql"] * 4 + [root]


@pytest.mark.parametrize(
    "host", ["example.org", "localhost.example.org", "127.0.0.1.example.org", "127.0.0.1:1@example.org", "0.0.0.0:8000"]
)
def test_any_other_host_is_a_claim(client: FlaskClient, host: str) -> None:
    assert endpoints(client, host) == [BASE_ENDPOINT] * 4 + ["/"]


def test_the_address_that_the_server_listens_on_is_known(folder: DataFolder) -> None:
    with client_of(folder, address="http://192.0.2.7:8000") as client:
        assert endpoints(client, "192.0.2.7:8000") == ["http://192.0.2.7:8000/sparql"] * 4 + ["http://192.0.2.7:8000"]
        assert endpoints(client, "192.0.2.7:8001")[-1] == "/"


@pytest.mark.parametrize("host", ["localhost", "example.org"])
def test_what_the_operator_says_goes_before_the_request(told: FlaskClient, host: str) -> None:
    assert endpoints(told, host) == ["https://kg.example.org/sparql"] * 4 + ["https://kg.example.org"]


def test_an_answer_that_is_kept_ready_is_for_its_host_alone(ask: Ask, address: str) -> None:
    port = address.rpartition(":")[2]
    for host in (f"localhost:{port}", f"127.0.0.1:{port}", "example.org", f"localhost:{port}"):
        root = BASE_ENDPOINT if host == "example.org" else f"http://{host}/sparql"
        assert root in ask("-H", f"Host: {host}", RQ).body.decode()


def test_what_the_descriptions_are_about_keeps_its_iri(told: FlaskClient) -> None:
    assert stated(told, "x", "/sparql", "service-description#endpoint") == {
        (f"{BASE_ENDPOINT}#service", "https://kg.example.org/sparql")
    }
    assert stated(told, "x", "/dataset.ttl", "endpointURL") == {(BASE_ENDPOINT, "https://kg.example.org/sparql")}
    assert "https://kg.example.org/" not in told.get("/doc/city/leeds.ttl").get_data(as_text=True)


@pytest.mark.parametrize(
    "url",
    ["kg.example.org", "ftp://kg.example.org", "https://kg.example.org/graph", "https://u@kg.example.org", "https://"],
)
def test_another_public_url_than_a_root_is_refused(tmp_path: Path, url: str) -> None:
    ran = CliRunner().invoke(serve, ["--data", str(tmp_path), "--public-url", url])
    assert (ran.exit_code, "--public-url" in ran.output) == (2, True)
