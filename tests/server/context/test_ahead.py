"""What takes long is asked before anybody does, of each revision."""

from __future__ import annotations

from contextlib import closing
from functools import partial
from pathlib import Path

import pytest
from flask import Flask, Response, request

from kg.store import DataFolder
from server import serve
from server.app import create_app
from server.context import Service
from server.context.ahead import Ahead
from tests.support.command import Eventually


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that are asked for; there is no rest between rounds."""
    monkeypatch.setattr("server.context.ahead._SHORTEST_REST", 0.0)
    monkeypatch.setattr("server.context.ahead._RESTS", 0.0)
    return []


def application(asked: list[str]) -> Flask:
    app = Flask(__name__)
    app.before_request(lambda: asked.append(request.path))
    app.add_url_rule("/<name>", view_func=lambda name: name)
    app.add_url_rule("/broken", endpoint="broken", view_func=lambda: 1 / 0)
    return app


def test_each_revision_is_asked_for_once(tmp_path: Path, asked: list[str], eventually: Eventually) -> None:
    folder = DataFolder(tmp_path)
    with closing(Ahead(application(asked), folder, ["/broken", "/one"])) as ahead:
        ahead.start()
        eventually(lambda: asked, ["/broken", "/one"])
        folder._current.touch()
        eventually(lambda: asked, ["/broken", "/one"] * 2)
    folder._current.unlink()
    assert not ahead._thread.is_alive()
    assert len(asked) == 4


def test_what_is_asked_ahead_answers_and_compiles_every_template(folder: DataFolder, eventually: Eventually) -> None:
    app = create_app(folder)
    answers: dict[str, int] = {}

    @app.after_request
    def noted(response: Response) -> Response:
        answers[request.full_path.rstrip("?")] = response.status_code
        return response

    with closing(Service.of(app)), closing(Ahead(app, folder, serve.ASKED_AHEAD)) as ahead:
        ahead.start()
        for address in serve.ASKED_AHEAD:
            eventually(partial(answers.get, address), 200)
        cache = app.jinja_env.cache
        assert cache is not None
        assert {key[1] for key in cache} >= set(app.jinja_env.list_templates())
