"""What several tests share: the real graph, built once, and a running server over it."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import Store
from werkzeug.serving import make_server

from kg import building
from kg.snapshots import DataFolder
from server import graph
from server.app import create_app


@pytest.fixture(scope="session")
def built(tmp_path_factory: pytest.TempPathFactory) -> building.Summary:
    """The real graph, built and fully validated by the code that `citykg build` runs."""
    folder = DataFolder(tmp_path_factory.mktemp("data"))
    summary = building.build(folder)
    _FOLDERS[summary.build.name] = folder
    return summary


_FOLDERS: dict[str, DataFolder] = {}


@pytest.fixture(scope="session")
def folder(built: building.Summary) -> DataFolder:
    """The data folder of the real graph."""
    return _FOLDERS[built.build.name]


@pytest.fixture(scope="session")
def store(folder: DataFolder) -> Store:
    """The snapshot of the real graph."""
    return folder.open()


@pytest.fixture(scope="session")
def address(folder: DataFolder) -> Iterator[str]:
    """The address of a running server over the real graph."""
    app = create_app(folder)
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.port}"
    server.shutdown()
    thread.join()
    server.server_close()
    graph.close(app)


@pytest.fixture(scope="session")
def expected() -> Path:
    """The folder of answers written by hand."""
    return Path(__file__).parent / "expected"
