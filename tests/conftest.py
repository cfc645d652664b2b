"""What several tests share: the real graph, built once, and a running server over it."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from pyoxigraph import Store

from kg import building
from kg.gate import Gate
from kg.query_workers import Limits
from kg.snapshots import DataFolder
from server import serving as serving_module
from server.settings import Conduct

Serving = Callable[..., AbstractContextManager[str]]


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
def with_ledger(folder: DataFolder, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the real graph with its ledger, so that a first change need not validate everything; to be copied."""
    path = tmp_path_factory.mktemp("ledger") / "data"
    shutil.copytree(folder.path, path)
    Gate(DataFolder(path)).close()
    return path


@pytest.fixture(scope="session")
def serving_folder() -> Callable[..., AbstractContextManager[str]]:
    """Serve a data folder with some limits (and fields of Conduct), and give the address."""

    @contextmanager
    def served(folder: DataFolder, limits: Limits | None = None, **conduct: Any) -> Iterator[str]:
        quiet = Conduct(**{"log": "none", "client_seconds": 0, "stop_seconds": 1, **conduct})
        with (
            socket.create_server(("127.0.0.1", 0), backlog=512) as listening,
            serving_module.assembled(folder, limits or Limits(), quiet) as server,
        ):
            thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
            thread.start()
            try:
                yield f"http://127.0.0.1:{listening.getsockname()[1]}"
            finally:
                server.should_exit = True
                thread.join()

    return served


@pytest.fixture(scope="session")
def serving(folder: DataFolder, serving_folder: Callable[..., AbstractContextManager[str]]) -> Serving:
    """Serve the real graph with some limits (and fields of Conduct), and give the address."""
    return partial(serving_folder, folder)


@pytest.fixture(scope="session")
def address(serving: Callable[[Limits], AbstractContextManager[str]]) -> Iterator[str]:
    """The address of a running server over the real graph."""
    with serving(Limits()) as served:
        yield served


@pytest.fixture(scope="session")
def expected() -> Path:
    """The folder of answers written by hand."""
    return Path(__file__).parent / "expected"
