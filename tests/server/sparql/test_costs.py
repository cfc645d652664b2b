"""What a plain query must not cost: files read for it, and the package of federation."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from types import FrameType
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from flask.testing import FlaskClient

import kg.federation
from kg.federation.endpoints import RemoteEndpoints
from kg.store.data_folder import DataFolder
from server.service import Service

PLAIN = f"/sparql?query={quote('ASK { ?city a cd:City }')}&format=json"
ELSEWHERE = "http://127.0.0.1:9/"
REMOTE = f"/sparql?query={quote(f'ASK {{ SERVICE SILENT <{ELSEWHERE}> {{ ?s ?p ?o }} }}')}&format=json"
IN_A_NEW_PROCESS = f"""
import sys
from pathlib import Path
from server.app import create_app
from server.service import Service
from kg.store import DataFolder
from kg.workers import QueryLimits
app = create_app(DataFolder(Path(sys.argv[1])), QueryLimits(seconds=300, workers=1))
print(app.test_client().get({PLAIN!r}).text)
print([name for name in sys.modules if name.startswith("kg.federation")])
Service.of(app).close()
"""


@pytest.fixture(scope="module")
def app(client: FlaskClient) -> Flask:
    return client.application


@pytest.mark.drawn
def test_a_query_reads_no_file_of_the_data_folder(
    app: Flask, folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = app.test_client()
    read: list[Path] = []
    really_read = Path.read_text

    def noted(path: Path, *arguments: Any, **named: Any) -> str:
        if path.is_relative_to(folder.path):
            read.append(path)
        return really_read(path, *arguments, **named)

    monkeypatch.setattr(Path, "read_text", noted)
    build = folder.current()
    assert build
    assert [path.name for path in read] == ["current.json"]  # so reading is noted
    client.get(PLAIN)  # opens the snapshot, and starts the workers
    read.clear()
    answer = client.get(PLAIN)
    assert (answer.status_code, answer.headers["X-Revision"], read) == (200, build.revision, [])


@pytest.mark.drawn
def test_a_service_that_federates_with_nobody_does_not_load_federation(folder: DataFolder) -> None:
    command = [sys.executable, "-c", IN_A_NEW_PROCESS, str(folder.path)]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()
    assert '"boolean":true' in said[0]
    assert said[-1] == "[]"


def test_federation_is_entered_only_for_a_query_that_names_service(app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Service.of(app), "endpoints", RemoteEndpoints([ELSEWHERE]))
    assert entered(app, PLAIN) == set()
    assert "evaluate.py" in entered(app, REMOTE)


def entered(app: Flask, path: str) -> set[str]:
    """The modules of federation of which functions were called to answer a request."""
    client, package, found = app.test_client(), Path(kg.federation.__file__).parent, set[str]()

    def note(frame: FrameType, event: str, argument: object) -> None:
        file = Path(frame.f_code.co_filename)
        if event == "call" and file.parent == package:
            found.add(file.name)

    sys.setprofile(note)
    try:
        assert client.get(path).status_code == 200
    finally:
        sys.setprofile(None)
    return found
