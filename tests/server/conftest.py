"""What the tests over HTTP share: curl with its answer taken apart, and the real command as a process of its own."""

from __future__ import annotations

import http.client
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from kg.desk import Desk
from kg.snapshots import DataFolder
from kg.tokens import Role, Tokens


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]

    def links(self, relation: str) -> dict[str, str]:
        """The targets of a relation in the Link header, each with its parameters."""
        found = re.findall(r'<([^>]*)>; rel="([^"]*)"([^,]*)', self.headers.get("link", ""))
        return {target: parameters for target, rel, parameters in found if rel == relation}


Ask = Callable[..., Answer]


@dataclass(frozen=True)
class Curated:
    """A served data folder of a module's own, and tokens by the names of their holders."""

    folder: DataFolder
    address: str
    tokens: dict[str, str]

    def ask(self, *arguments: str, by: str = "") -> Answer:
        """Ask for a path, by somebody or nobody, with options of curl before it."""
        who = ("-H", f"Authorization: Bearer {self.tokens[by]}") if by else ()
        return asker(self.address)(*who, *arguments)


@pytest.fixture(scope="session")
def ask(address: str) -> Ask:
    """Ask the running server for a path, with options of curl before it."""

    return asker(address)


def asker(address: str) -> Ask:
    """Return what asks a server for a path, with options of curl before it."""

    def asked(*arguments: str) -> Answer:
        *options, path = arguments
        command = ["curl", "-s", "-i", "--path-as-is", "-H", "Expect:", *options, address + path]
        ran = subprocess.run(command, capture_output=True, check=True)
        head, _, body = ran.stdout.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        return Answer(int(first.split()[1]), headers, body)

    return asked


@pytest.fixture(scope="module")
def curated(
    with_ledger: Path,
    serving_folder: Callable[..., AbstractContextManager[str]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Curated]:
    """The real graph, a copy of it, with a curator, a reviewer and a contributor."""
    copy = DataFolder(tmp_path_factory.mktemp("curated") / "data")
    shutil.copytree(with_ledger, copy.path)
    tokens = Tokens(Desk(copy.path))
    made = {
        name: tokens.create(name, role)
        for name, role in (("Ann", Role.CURATOR), ("Rita", Role.CURATOR), ("Carl", Role.CONTRIBUTOR))
    }
    with serving_folder(copy) as address:
        yield Curated(copy, address, made)


PLAIN = b"ASK { ?t cd:twin city:leeds }"
PLAIN_ANSWER = b'{"head":{},"boolean":true}'


class Command:
    """A `citykg serve` of its own. All its processes, and no others, have its folder for temporary files in common."""

    def __init__(self, data: Path, folder: Path, settings: dict[str, object]) -> None:
        self.temporary = folder / "temporary"
        self.temporary.mkdir(exist_ok=True)
        self._log = folder / "log"
        self._log.touch()
        said_before = len(self.log())
        stated = {"data": data, "port": 0, "client_seconds": 0, **settings}
        variables = {f"CITYKG_{name.upper()}": str(value) for name, value in stated.items()}
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [Path(sys.executable).with_name("citykg"), "serve"],
                stdout=log,
                stderr=log,
                env={**os.environ, "TMPDIR": str(self.temporary), **variables},
            )
        self._said_before = said_before
        self.address = ""

    def wait(self) -> None:
        """Wait until it serves."""
        while not (found := re.search(r"Serving on (http://\S+?)/ ", self.log()[self._said_before :])):
            assert self.process.poll() is None, self.log()
            time.sleep(0.01)
        self.address = found[1]

    def log(self) -> str:
        return self._log.read_text(encoding="utf-8", errors="replace")

    def connect(self, seconds: float = 1) -> socket.socket:
        """Open a connection on which nothing may take longer than so many seconds."""
        place = urlsplit(self.address)
        return socket.create_connection((place.hostname, place.port), timeout=seconds)

    def send(
        self, path: str, body: bytes | None = None, headers: dict[str, str] | None = None, seconds: float = 30
    ) -> Answer:
        """Send a query (POST direct unless the headers say otherwise), or GET without a body."""
        connection = http.client.HTTPConnection(urlsplit(self.address).netloc, timeout=seconds)
        try:
            direct = {"Content-Type": "application/sparql-query"} if body is not None else {}
            connection.request("GET" if body is None else "POST", path, body, {**direct, **(headers or {})})
            answer = connection.getresponse()
            return Answer(answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read())
        finally:
            connection.close()

    def answers_at_once(self) -> None:
        """Assert that a plain query is answered rightly, with no step of it taking more than a second."""
        answer = self.send("/sparql", PLAIN, seconds=1)
        assert (answer.status, answer.body) == (200, PLAIN_ANSWER)

    def exchange(self, request: bytes) -> tuple[int, dict[str, str], bytes]:
        """Send bytes as they stand; return status, headers and body, wherever a reader may see the end of a line.

        A connection that is cut off counts as 400.
        """
        received = self.sent_and_received(request)
        if not received:
            return 400, {}, b""
        head, _, body = received.partition(b"\r\n\r\n")
        first, *lines = re.split(r"[\r\n\x0b\x85]+", head.decode("latin-1"))
        headers = {name.strip().lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        return int(first.split()[1]), headers, body

    def sent_and_received(self, request: bytes) -> bytes:
        """Send bytes and return what comes until the server closes; what is malformed may end in a reset."""
        received = b""
        with self.connect(seconds=20) as client:
            with suppress(ConnectionError):
                client.sendall(request)
            with suppress(ConnectionError):
                while part := client.recv(1 << 16):
                    received += part
        return received

    def processes(self) -> dict[int, bytes]:
        """Return the command lines of its processes, workers and what else it started included."""
        mark = f"TMPDIR={self.temporary}".encode()
        found = {}
        for path in Path("/proc").glob("[0-9]*"):
            with suppress(OSError):
                if mark in (path / "environ").read_bytes().split(b"\0"):
                    found[int(path.name)] = (path / "cmdline").read_bytes()
        return found

    def workers(self) -> list[int]:
        return sorted(pid for pid, line in self.processes().items() if b"kg.query_worker" in line)

    def files(self) -> list[str]:
        """Return its temporary files, also those that have no name any more; folders do not count."""
        named = [str(path) for path in self.temporary.rglob("*") if not path.is_dir()]
        opened: list[str] = []
        for pid in self.processes():
            for handle in Path(f"/proc/{pid}/fd").glob("*"):
                with suppress(OSError):
                    opened.append(os.readlink(handle))
        nameless = [path for path in opened if path.startswith(str(self.temporary)) and path.endswith("(deleted)")]
        return sorted(named + nameless)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        """Stop it as a process manager does."""
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(timeout=30)


@pytest.fixture(scope="session")
def start(folder: DataFolder) -> Callable[..., Command]:
    """Start the real command over the real graph, with a folder for its log and temporary files, and settings."""

    def started(own: Path, **settings: object) -> Command:
        return Command(folder.path, own, settings)

    return started


@pytest.fixture(scope="session")
def running(
    start: Callable[..., Command], tmp_path_factory: pytest.TempPathFactory
) -> Callable[..., AbstractContextManager[Command]]:
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
def eventually() -> Callable[[Callable[[], object], object], None]:
    """Assert that something comes to be as wanted; what a process does after it has answered takes a moment."""

    def compared(look: Callable[[], object], wanted: object) -> None:
        patience = 100
        while (seen := look()) != wanted and patience:
            patience -= 1
            time.sleep(0.1)
        assert seen == wanted

    return compared


WORKERS = 2


@pytest.fixture(scope="session")
def server(running: Callable[..., AbstractContextManager[Command]]) -> Iterator[Command]:
    """The command with tight limits: some hostile queries have to run into each."""
    limits = {"seconds": 0.5, "rows": 10_000, "result_bytes": 1 << 20, "memory_bytes": 256 << 20, "queue": 2}
    with running(**limits, workers=WORKERS, body_seconds=3) as command:
        yield command


@pytest.fixture(scope="session")
def canary() -> Iterator[socket.socket]:
    """A listener that nobody may call."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.setblocking(False)
        with socket.create_connection(listener.getsockname()):
            assert _called(listener)  # or else it would notice nothing later on
        yield listener


@pytest.fixture
def bait(canary: socket.socket) -> str:
    """The address of the canary."""
    return f"http://127.0.0.1:{canary.getsockname()[1]}/"


def _called(canary: socket.socket) -> bool:
    with suppress(BlockingIOError):
        canary.accept()[0].close()
        return True
    return False


@pytest.fixture
def unharmed(
    canary: socket.socket, eventually: Callable[[Callable[[], object], object], None]
) -> Callable[[Command], AbstractContextManager[None]]:
    """Assert that a command with two workers is, after a block, as if nothing had been.

    A plain query is answered within a second, nobody called the canary, processes and files are what they were.
    """

    @contextmanager
    def looked_at(command: Command) -> Iterator[None]:
        before = set(command.processes()) - set(command.workers())
        yield
        command.answers_at_once()
        assert not _called(canary)
        eventually(lambda: len(command.workers()), WORKERS)
        eventually(lambda: set(command.processes()) - set(command.workers()), before)
        eventually(command.files, [])

    return looked_at


@pytest.fixture
def leaves_nothing_behind(
    server: Command, unharmed: Callable[[Command], AbstractContextManager[None]]
) -> Iterator[None]:
    """Look after a test whether the command is as if nothing had been."""
    with unharmed(server):
        yield
