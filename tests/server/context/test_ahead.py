"""What takes long is made before anybody asks, of each revision; documents, as many as have room, are kept ready."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from flask import Flask, Response, request

from kg.errors import DataFolderError
from kg.store import DataFolder
from server import serve
from server.app import create_app
from server.context import Service
from server.context.ahead import Ahead
from server.front import Bounds, Front, Request
from server.linked_data import documents_to_make_ahead
from tests.support.command import Eventually

BOUNDS = Bounds(1, {}, 1, body_bytes=1, upload_bytes=1, body_seconds=1, ready_bytes=1 << 16)


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it rest for a moment only, once all is made."""
    monkeypatch.setattr("server.context.ahead._SHORTEST_REST", 0.01)
    monkeypatch.setattr("server.context.ahead._RESTS_ALONE", 0.0)


@pytest.fixture
def asked() -> list[str]:
    """The addresses that are asked for."""
    return []


def application(asked: list[str]) -> Flask:
    """An application whose documents are ready answers of 1,000 bytes."""
    app = Flask(__name__)
    app.before_request(lambda: asked.append(request.path))
    app.add_url_rule("/<name>", view_func=lambda name: name)
    app.add_url_rule("/broken", endpoint="broken", view_func=lambda: 1 / 0)
    ready = {"ETag": '"1"', "X-Revision": "1"}
    app.add_url_rule("/doc/<name>", "doc", lambda name: Response("x" * 1000, headers=ready))
    return app


def test_who_comes_first_has_the_processor(tmp_path: Path, asked: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, app = DataFolder(tmp_path), application(asked)
    waits: list[float] = []
    with closing(Front(app, folder, BOUNDS, [])) as front, closing(Ahead(app, front, folder, ["/one"])) as ahead:
        monkeypatch.setattr(ahead._closing, "wait", lambda seconds: waits.append(seconds) is None)
        ahead.start()
        ahead._thread.join()
    assert (waits, asked) == ([0.01], [])


def test_each_revision_is_asked_for_once(tmp_path: Path, asked: list[str], eventually: Eventually) -> None:
    folder, app = DataFolder(tmp_path), application(asked)
    front = Front(app, folder, BOUNDS, [])
    with closing(front), closing(Ahead(app, front, folder, ["/broken", "/one"])) as ahead:
        ahead.start()
        eventually(lambda: asked, ["/broken", "/one"])
        folder._current.touch()
        eventually(lambda: asked, ["/broken", "/one"] * 2)
    folder._current.unlink()
    assert not ahead._thread.is_alive()
    assert len(asked) == 4


def test_as_many_documents_as_have_room_are_made_of_each_revision(
    tmp_path: Path, asked: list[str], eventually: Eventually
) -> None:
    folder, app = DataFolder(tmp_path), application(asked)
    front = Front(app, folder, BOUNDS, [])
    documents = [f"/doc/{number}" for number in range(100)]
    some = ["/one", *documents[:3]]
    noted: list[int] = []
    ahead = Ahead(app, front, folder, ["/one"], documents=lambda: documents, most_bytes=3000, note=noted.append)
    with closing(front), closing(ahead):
        ahead.start()
        eventually(lambda: asked, some)
        assert [is_ready(front, one) for one in documents[:4]] == [True, True, True, False]
        folder._current.touch()
        eventually(lambda: asked, some * 2)
        assert is_ready(front, "/doc/2")
    assert noted == [0, 1, 2, 3] * 2


def test_documents_take_half_the_room_at_most(tmp_path: Path, asked: list[str], eventually: Eventually) -> None:
    folder, app = DataFolder(tmp_path), application(asked)
    front = Front(app, folder, BOUNDS, [])
    documents = [f"/doc/{number:04}" for number in range(1000)]
    fitting = -(-front.room_ahead() // front.make_ready("/doc/none", []))
    assert fitting < len(documents)
    ahead = Ahead(app, front, folder, ["/one"], documents=lambda: documents, most_bytes=1 << 30)
    with closing(front), closing(ahead):
        ahead.start()
        eventually(lambda: asked, ["/doc/none", "/one", *documents[:fitting]])


def test_documents_that_cannot_be_listed_are_listed_with_the_next_revision(
    tmp_path: Path, asked: list[str], eventually: Eventually
) -> None:
    folder, app = DataFolder(tmp_path), application(asked)
    front = Front(app, folder, BOUNDS, [])

    def documents() -> Iterator[str]:
        yield "/doc/1"
        if not folder._current.exists():
            raise DataFolderError("none")
        yield "/doc/2"

    ahead = Ahead(app, front, folder, ["/one"], documents=documents, most_bytes=30_000)
    with closing(front), closing(ahead):
        ahead.start()
        eventually(lambda: asked, ["/one", "/doc/1"])
        folder._current.touch()
        eventually(lambda: asked, ["/one", "/doc/1", "/one", "/doc/1", "/doc/2"])


def test_while_clients_ask_it_rests_longer(tmp_path: Path) -> None:
    app = application([])
    front = Front(app, DataFolder(tmp_path), BOUNDS, [])
    ahead = Ahead(app, front, DataFolder(tmp_path), [])
    alone = ahead._rest(1.0)
    front._asked_at = time.perf_counter()
    assert ahead._rest(1.0) > alone


def test_what_is_made_ahead_and_turns_out_to_be_an_error_is_no_refusal(folder: DataFolder) -> None:
    app = create_app(folder)
    service = Service.of(app)
    front = Front(app, folder, BOUNDS, [], refused=service.metrics.refuse)
    with closing(service), closing(front):
        assert front.make_ready("/doc/city/nowhere.ttl", []) == 0
        assert "citykg_refusals_total{" not in service.metrics.written().decode()


def is_ready(front: Front, address: str) -> bool:
    return front._ready.find(Request.to_read(address, [(b"host", b"another")])) is not None


def test_documents_of_the_report_come_first_and_no_kind_is_left_out(folder: DataFolder) -> None:
    app = create_app(folder)
    with closing(Service.of(app)):
        listed = list(documents_to_make_ahead(app))
    assert {"/doc/city/leeds.ttl", "/doc/twinning/birmingham-guangzhou.ttl"} <= {*listed}
    assert {one.split("/")[2] for one in listed} >= {"account", "activity", "city", "passage", "finding"}


def test_what_is_asked_ahead_answers_and_compiles_every_template(folder: DataFolder, eventually: Eventually) -> None:
    app = create_app(folder)
    answers: dict[str, int] = {}

    @app.after_request
    def noted(response: Response) -> Response:
        answers[request.full_path.rstrip("?")] = response.status_code
        return response

    front = Front(app, folder, BOUNDS, [])
    with closing(Service.of(app)), closing(front), closing(Ahead(app, front, folder, serve.ASKED_AHEAD)) as ahead:
        ahead.start()
        for address in serve.ASKED_AHEAD:
            eventually(partial(answers.get, address), 200)
        cache = app.jinja_env.cache
        assert cache is not None
        assert {key[1] for key in cache} >= set(app.jinja_env.list_templates())
