"""What takes long is made before anybody asks, of each revision; documents, as many as have room, are kept ready."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from flask import Flask, Response, request

from kg.errors import DataFolderError
from kg.store import DataFolder
from server import serve
from server.app import create_app
from server.front import Bounds, Front
from server.service import Service
from server.service.warming import CacheWarmer
from tests.support.command import Eventually
from tests.support.serving import ALONE

pytestmark = pytest.mark.drawn

BOUNDS = Bounds(1, {}, 1, body_bytes=1, upload_bytes=1, body_seconds=1, ready_bytes=1 << 16)


@pytest.fixture(autouse=True)
def no_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let it rest for a moment only, once all is made."""
    monkeypatch.setattr("server.service.warming._SHORTEST_PAUSE", 0.01)
    monkeypatch.setattr("server.service.warming._PAUSE_FACTOR_WHEN_IDLE", 0.0)


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
    with closing(Front(app, folder, BOUNDS, [])) as front, closing(CacheWarmer(app, front, folder, ["/one"])) as ahead:
        monkeypatch.setattr(ahead._closing, "wait", lambda seconds: waits.append(seconds) is None)
        ahead.start()
        ahead._thread.join()
    assert (waits, asked) == ([0.01], [])


def test_each_revision_is_asked_for_once(tmp_path: Path, asked: list[str], eventually: Eventually) -> None:
    folder, app = DataFolder(tmp_path), application(asked)
    front = Front(app, folder, BOUNDS, [])
    with closing(front), closing(CacheWarmer(app, front, folder, ["/broken", "/one"])) as ahead:
        ahead.start()
        eventually(lambda: asked, ["/broken", "/one"])
        folder._current.touch()
        eventually(lambda: asked, ["/broken", "/one"] * 2)
    folder._current.unlink()
    assert not ahead._thread.is_alive()
    assert len(asked) == 4


def test_documents_are_made_one_after_the_other_of_each_revision(
    tmp_path: Path, asked: list[str], eventually: Eventually
) -> None:
    folder, app = DataFolder(tmp_path), application(asked)
    front = Front(app, folder, BOUNDS, [])
    noted: list[int] = []
    with (
        closing(front),
        closing(CacheWarmer(app, front, folder, ["/one"], documents=lambda: [5, 6], note=noted.append)) as one,
    ):
        one.start()
        eventually(lambda: noted, [0, 5, 6])
        folder._current.touch()
        eventually(lambda: noted, [0, 5, 6] * 2)
    assert asked == ["/one"] * 2


def test_documents_that_still_hold_are_ready_before_pages_are_made(tmp_path: Path, asked: list[str]) -> None:
    folder, app = DataFolder(tmp_path), application(asked)
    seen: list[tuple[int, int]] = []
    front = Front(app, folder, BOUNDS, [])
    with closing(front):
        ahead = CacheWarmer(
            app, front, folder, ["/one"], documents=lambda: [5, 6], note=lambda n: seen.append((n, len(asked)))
        )
        assert len([*ahead._steps(is_first=False)]) == 3
    assert seen == [(0, 0), (5, 0), (6, 1)]


ERRORS = [
    DataFolderError("none"),
    OSError("full"),
    sqlite3.OperationalError("full"),
    RuntimeError("Corruption: CURRENT"),
]


@pytest.mark.parametrize("error", ERRORS)
def test_documents_that_cannot_be_made_are_made_with_the_next_revision(
    tmp_path: Path, asked: list[str], eventually: Eventually, error: Exception
) -> None:
    folder, app = DataFolder(tmp_path), application(asked)
    front = Front(app, folder, BOUNDS, [])
    noted: list[int] = []

    def documents() -> Iterator[int]:
        yield 1
        if not folder._current.exists():
            raise error
        yield 2

    with closing(front), closing(CacheWarmer(app, front, folder, [], documents=documents, note=noted.append)) as ahead:
        ahead.start()
        eventually(lambda: noted, [0, 1])
        folder._current.touch()
        eventually(lambda: noted, [0, 1, 0, 1, 2])


def test_while_clients_ask_it_rests_longer(tmp_path: Path) -> None:
    app = application([])
    front = Front(app, DataFolder(tmp_path), BOUNDS, [])
    ahead = CacheWarmer(app, front, DataFolder(tmp_path), [])
    alone = ahead._pause(1.0)
    front._last_request = time.perf_counter()
    assert ahead._pause(1.0) > alone


def test_what_is_made_ahead_and_turns_out_to_be_an_error_is_no_refusal(folder: DataFolder) -> None:
    app = create_app(folder, ALONE)
    service = Service.of(app)
    front = Front(app, folder, BOUNDS, [], count_refusal=service.metrics.count_refusal)
    with closing(service), closing(front):
        assert front.make_ready("/doc/city/nowhere.ttl", []) == 0
        assert "citykg_refusals_total{" not in service.metrics.exposition().decode()


def test_what_is_asked_ahead_answers_and_compiles_every_template(folder: DataFolder) -> None:
    app = create_app(folder, ALONE)
    answers: dict[str, int] = {}

    @app.after_request
    def noted(response: Response) -> Response:
        answers[request.full_path.rstrip("?")] = response.status_code
        return response

    front = Front(app, folder, BOUNDS, [])
    are_made = threading.Event()
    ahead = CacheWarmer(
        app, front, folder, serve.WARMED_ADDRESSES, documents=lambda: [1, 2], note=lambda n: n == 2 and are_made.set()
    )
    with closing(Service.of(app)), closing(front), closing(ahead):
        ahead.start()
        are_made.wait()
        assert [answers.get(address) for address in serve.WARMED_ADDRESSES] == [200] * len(serve.WARMED_ADDRESSES)
        cache = app.jinja_env.cache
        assert cache is not None
        assert {key[1] for key in cache} >= set(app.jinja_env.list_templates())
