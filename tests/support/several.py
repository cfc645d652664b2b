"""Connections to a server of several processes, told apart by which of them has accepted each."""

from __future__ import annotations

import http.client
import os
from collections.abc import Mapping
from contextlib import ExitStack, closing, suppress
from pathlib import Path

from tests.support.command import Command
from tests.support.http import SECONDS, Answer, fields

_MOST = 64
"""Connections that are opened until each process has one: the kernel spreads them at random."""


class Kept:
    """A connection to one of the processes, which is kept; opened anew where the server has closed an idle one."""

    def __init__(self, command: Command, pid: int) -> None:
        self._command, self._pid = command, pid
        self._connection = self._connected()

    def _connected(self) -> http.client.HTTPConnection:
        """Return a connection that the process has accepted: the kernel spreads them at random."""
        host, _, port = self._command.address.rpartition("/")[2].rpartition(":")
        for _ in range(_MOST):
            connection = http.client.HTTPConnection(host, int(port), timeout=SECONDS)
            connection.request("GET", "/healthz")
            assert connection.getresponse().read()  # it is accepted by now
            if _holds(self._pid, connection.sock.getsockname()[1]):
                return connection
            connection.close()
        raise AssertionError(f"process {self._pid} has accepted no connection of {_MOST}")

    def send(
        self, path: str, body: bytes | None = None, headers: Mapping[str, str] | None = None, method: str = ""
    ) -> Answer:
        try:
            return self._sent(path, body, headers, method)
        except http.client.RemoteDisconnected:
            self._connection.close()
            self._connection = self._connected()
            return self._sent(path, body, headers, method)

    def _sent(self, path: str, body: bytes | None, headers: Mapping[str, str] | None, method: str) -> Answer:
        self._connection.request(method or ("GET" if body is None else "POST"), path, body, dict(headers or {}))
        answer = self._connection.getresponse()
        return Answer(answer.status, fields(answer.getheaders()), answer.read())

    def write(self, part: bytes) -> None:
        """Send bytes as they stand."""
        self._connection.sock.sendall(part)

    def read(self, size: int) -> bytes:
        """Return so many bytes."""
        return b"".join(self._connection.sock.recv(1) for _ in range(size))

    def received(self) -> Answer:
        """Return the answer to what was written."""
        answer = http.client.HTTPResponse(self._connection.sock, method="POST")
        answer.begin()
        return Answer(answer.status, fields(answer.getheaders()), answer.read())

    def close(self) -> None:
        self._connection.close()


def children(command: Command) -> list[int]:
    """Return the ids of the processes that answer, the writer first."""
    parent = command.process.pid
    path = Path(f"/proc/{parent}/task/{parent}/children")
    found = [pid for pid in map(int, path.read_text(encoding="ascii").split()) if _said(pid) == _said(parent)]
    passed_on = next(iter(_unix_sockets("/writer").keys() & _sockets(parent)), "")
    return sorted(found, key=lambda pid: passed_on not in _sockets(pid))


def in_common(command: Command) -> Path:
    """Return the folder that the processes have in common."""
    found = _unix_sockets("/writer")
    return next(Path(found[one]).parent for one in found.keys() & _sockets(command.process.pid))


def _said(pid: int) -> bytes:
    with suppress(OSError):
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    return b""


def one_of_each(command: Command, opened: ExitStack) -> list[Kept]:
    """Return a connection to each process, that to the writer first; they are closed with the stack."""
    return [opened.enter_context(closing(Kept(command, pid))) for pid in children(command)]


def _holds(pid: int, client_port: int) -> bool:
    """Say whether a process has the server's end of a connection."""
    ends = (line.split() for line in Path("/proc/net/tcp").read_text(encoding="ascii").splitlines()[1:])
    inode = next(end[9] for end in ends if int(end[2].rpartition(":")[2], 16) == client_port)
    return f"socket:[{inode}]" in _sockets(pid)


def _unix_sockets(name: str) -> dict[str, str]:
    """Return the paths of sockets that end so, by what the links in /proc/…/fd say of them (proc(5))."""
    lines = Path("/proc/net/unix").read_text(encoding="utf-8").splitlines()
    fields = (line.split() for line in lines if line.endswith(name))
    return {f"socket:[{inode}]": path for *_, inode, path in fields}


def _sockets(pid: int) -> set[str]:
    with suppress(OSError):
        return {_target(link) for link in Path(f"/proc/{pid}/fd").iterdir()}
    return set()


def _target(link: Path) -> str:
    with suppress(OSError):
        return os.readlink(link)
    return ""
