"""What the tests over HTTP share: asking with the options of curl, and the real command as a process of its own."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from kg.accounts.database import Database
from kg.accounts.tokens import Role, Tokens
from kg.store.data_folder import DataFolder
from tests.support.canary import Canary
from tests.support.command import PLAIN, PLAIN_ANSWER, Command, Eventually, Running, Start, Unharmed
from tests.support.curated import Curated
from tests.support.curl import asker
from tests.support.folders import OF_A_SERVER
from tests.support.http import Ask
from tests.support.serving import Serving
from tests.support.serving import client as client_of


@pytest.fixture(scope="session")
def ask(address: str) -> Ask:
    """Ask the running server for a path, with options of curl before it."""

    return asker(address)


@pytest.fixture(scope="session")
def client(folder: DataFolder) -> Iterator[FlaskClient]:
    """A client of a service over the real graph, in this process."""
    with client_of(folder) as client:
        yield client


@pytest.fixture(scope="module")
def beside(with_world: DataFolder) -> Iterator[FlaskClient]:
    """A client of a service over the real graph with a small world beside it."""
    with client_of(with_world) as client:
        yield client


@pytest.fixture(scope="module")
def both(both_reports: DataFolder) -> Iterator[FlaskClient]:
    """A client of a service over both reports."""
    with client_of(both_reports) as client:
        yield client


@pytest.fixture(scope="module")
def curated(
    with_ledger: Path,
    serving_folder: Serving,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Curated]:
    """The real graph, a copy of it, with a curator, a reviewer and a contributor."""
    copy = DataFolder(tmp_path_factory.mktemp("curated") / "data")
    shutil.copytree(with_ledger, copy.path, ignore=OF_A_SERVER)
    tokens = Tokens(Database(copy.path))
    made = {
        name: tokens.create(name, role)
        for name, role in (("Ann", Role.CURATOR), ("Rita", Role.CURATOR), ("Carl", Role.CONTRIBUTOR))
    }
    with serving_folder(copy) as address:
        yield Curated(copy, address, made)


@pytest.fixture(scope="session")
def start(folder: DataFolder) -> Start:
    """Start the real command over the real graph, with a folder for its log and temporary files, and settings."""

    def started(own: Path, **settings: object) -> Command:
        return Command(folder.path, own, settings)

    return started


@pytest.fixture(scope="session")
def running(start: Start, tmp_path_factory: pytest.TempPathFactory) -> Running:
    """Run the real command, with settings, until the end of a block; its workers are up when the block begins."""

    @contextmanager
    def run(**settings: object) -> Iterator[Command]:
        command = start(tmp_path_factory.mktemp("command"), **settings)
        try:
            command.wait()
            assert command.send("/sparql", PLAIN).body == PLAIN_ANSWER
            yield command
        finally:
            command.stop()

    return run


@pytest.fixture(scope="session")
def eventually() -> Eventually:
    """Assert that something comes to be as wanted; what a process does after it has answered takes a moment.

    A job gives way to all other processes (`kg.jobs.program.NICENESS`), and beside other tests it takes minutes.
    """

    def compared(look: Callable[[], object], wanted: object) -> None:
        patience = 3000
        while (seen := look()) != wanted and patience:
            patience -= 1
            time.sleep(0.1)
        assert seen == wanted

    return compared


WORKERS = 2


@pytest.fixture(scope="session")
def server(running: Running) -> Iterator[Command]:
    """The command with tight limits: some hostile queries have to run into each."""
    limits = {"seconds": 0.5, "rows": 10_000, "result_bytes": 1 << 20, "memory_bytes": 256 << 20, "queue": 2}
    with running(**limits, workers=WORKERS, body_seconds=3) as command:
        yield command


@pytest.fixture
def bait(canary: Canary) -> str:
    """The address of the canary."""
    return canary.address


@pytest.fixture(scope="session")
def unharmed(canary: Canary, eventually: Eventually) -> Unharmed:
    """Assert that a command with two workers is, after a block, as if nothing had been.

    A plain query is answered, nobody called the canary, no process is new, and no file is left.
    What was seen before may be gone: a worker that is just being started does not look like one yet.
    """

    @contextmanager
    def looked_at(command: Command) -> Iterator[None]:
        before = command.others()
        yield
        command.answers_at_once()
        assert not canary.was_called()
        eventually(lambda: len(command.workers()) in (WORKERS + 1, 2 * WORKERS + 1), True)  # one pool, or both
        eventually(lambda: command.others() - before, set())
        eventually(command.files, [])

    return looked_at


@pytest.fixture(scope="module")
def _leaves_no_process_and_no_file(server: Command, unharmed: Unharmed) -> Iterator[None]:
    with unharmed(server):
        yield


@pytest.fixture
def leaves_nothing_behind(_leaves_no_process_and_no_file: None, server: Command, canary: Canary) -> Iterator[None]:
    """Look after a test whether the next reader is served, and after its module whether all is as if nothing had been.

    To look at all processes of the machine takes longer than most tests.
    """
    yield
    server.answers_at_once()
    assert not canary.was_called()
