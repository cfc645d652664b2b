"""An engine that is of no use: everybody is served by the workers of the service, and it is said what is wrong."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient
from pyoxigraph import Literal, NamedNode, Triple

from kg.engines import Engine, Engines, Replica
from kg.engines.copies import CopyState
from kg.engines.dialects import OXIGRAPH, REPLICA
from kg.engines.replicate import identifier_of
from kg.store import DataFolder
from kg.workers import QueryLimits
from server.service import Service
from tests.support.command import Eventually
from tests.support.engines import graphs_in, running
from tests.support.random_changes import RandomChanges
from tests.support.serving import client as client_of
from tests.support.tiers import fresh_random

pytestmark = pytest.mark.drawn

THEIRS = Triple(NamedNode("urn:s"), NamedNode("urn:p"), Literal("theirs"))


class Refusing(BaseHTTPRequestHandler):
    """Lets nobody in."""

    def do_GET(self) -> None:
        """Ask for another password."""
        self.send_response(401)
        self.send_header("WWW-Authenticate", 'Basic realm="x"')
        self.end_headers()

    def do_POST(self) -> None:
        """Ask for another password."""
        self.do_GET()

    def log_message(self, format: str, *arguments: object) -> None:
        """Say nothing."""


@contextmanager
def refusing() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Refusing) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join()


@contextmanager
def hanging() -> Iterator[str]:
    with socket.create_server(("127.0.0.1", 0)) as nobody_accepts:
        yield f"http://127.0.0.1:{nobody_accepts.getsockname()[1]}/"


@contextmanager
def behind_it(folder: DataFolder, engine: Engine) -> Iterator[FlaskClient]:
    """Give a client of a service with an engine behind it, which the service keeps up to date."""
    with client_of(folder) as client:
        Service.of(client.application).questions.engines = engines = Engines(
            [engine], folder, QueryLimits(seconds=300, workers=1)
        )
        engines.start(lambda line: None)
        yield client


def standing(client: FlaskClient) -> dict[str, Any]:
    """Return what is told of the engine, by a service that answers anyway."""
    answer = client.get("/queries/absences.csv")
    assert (answer.status_code, answer.headers["X-Answered-By"]) == (200, "embedded")
    assert answer.headers["X-Engine-Fallback"]
    ready: Any = client.get("/readyz").json
    assert ready["status"] == "ready"
    (found,) = ready["engines"]
    number = "NaN" if found["behind"] is None else f"{found['behind']}.0"
    assert f'citykg_engine_changes_behind{{engine="1"}} {number}' in client.get("/metrics").text
    return dict(found)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        (nullcontext("http://127.0.0.1:9/"), "cannot be reached"),
        (refusing(), "refuses the request with 401"),
        (hanging(), "does not answer within"),
    ],
    ids=["unreachable", "wrong password", "hanging"],
)
def test_one_that_does_not_answer(
    place: AbstractContextManager[str], words: str, small: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kg.engines.answering._ASKING", 0.3)
    with place as at, behind_it(small, Engine(at, at, at, dialect=OXIGRAPH)) as client:
        found = standing(client)
    assert (found["revision"], found["behind"]) == (None, None)
    assert words in found["trouble"]


@pytest.mark.parametrize(
    ("held", "words"),
    [
        (None, "not as a copy of ours"),
        (lambda ours: replace(ours, identifier="another"), "holds a copy of another data folder"),
        (
            lambda ours: replace(ours, revision=f"{ours.revision}.7"),
            "is ahead: it has 7 changes, the data",
        ),
    ],
    ids=["strange", "another folder", "ahead"],
)
def test_one_that_holds_something_else(
    held: Callable[[CopyState], CopyState] | None, words: str, small: DataFolder, tmp_path: Path, eventually: Eventually
) -> None:
    build = small.require_build()
    ours = CopyState(identifier_of(small), build.name, build.revision)
    with running("oxigraph", tmp_path) as one, closing(one.engine()) as engine:
        said = held(ours).triples() if held else [THEIRS]
        engine.put(REPLICA if held else NamedNode("urn:theirs"), said, seconds=10)
        with behind_it(small, one.engine()) as client:
            eventually(lambda: words in standing(client)["trouble"], True)
        assert graphs_in(engine) == [REPLICA.value if held else "urn:theirs"]  # it was left as it is


def test_one_that_is_loaded_in_part(small: DataFolder, tmp_path: Path) -> None:
    build = small.require_build()
    with running("oxigraph", tmp_path) as one, closing(one.engine()) as engine:
        engine.put(REPLICA, CopyState(identifier_of(small), becoming=build.revision).triples(), seconds=10)
        with behind_it(small, Engine(engine.address)) as client:  # nobody loads the rest
            assert standing(client) == {"revision": None, "behind": None, "trouble": "it holds no whole revision yet"}


def test_one_that_takes_no_changes_from_us(small: DataFolder, tmp_path: Path, eventually: Eventually) -> None:
    with running("oxigraph", tmp_path) as one, closing(one.engine()) as engine, refusing() as elsewhere:
        before = Replica(small, engine).advance().revision
        with RandomChanges(small, fresh_random("a change that an engine does not take")) as changes:
            changes.make(4)
        with behind_it(small, Engine(engine.address, elsewhere, elsewhere)) as client:
            eventually(lambda: "with 401" in standing(client).get("trouble", ""), True)
            found = standing(client)
        assert (found["revision"], found["behind"]) == (before, 1)
