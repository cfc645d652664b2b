"""What a process has given up once it is in the sandbox of queries."""

from __future__ import annotations

import subprocess
import sys

import pytest

TRIES = {
    "a socket": "import socket; socket.socket()",
    "a socket of the machine": "import socket; socket.socket(socket.AF_UNIX)",
    "a program": "import os; os.execv('/bin/true', ['true'])",
    "a trace": "raise SystemExit(ctypes.CDLL(None).ptrace(0, 0, 0, 0) != 0)",
    "memory": "bytearray(200 << 20)",
    "writing": "open(path, 'wb', 0).write(b'x')",
}


def run(attempt: str, path: str, enter: bool) -> int:
    inside = "from kg.programs import sandbox; sandbox.enter(64 << 20)\n" if enter else ""
    program = f"import ctypes, os, socket\npath = {path!r}\n{inside}{attempt}"
    return subprocess.run([sys.executable, "-c", program], capture_output=True, check=False).returncode


@pytest.mark.parametrize("name", TRIES)
def test_is_refused_inside_and_works_outside(name: str, tmp_path: object) -> None:
    path = f"{tmp_path}/file"
    assert run(TRIES[name], path, enter=False) == 0
    assert run(TRIES[name], path, enter=True) != 0


def test_another_thread_is_held_too(tmp_path: object) -> None:
    program = """
import socket, threading
from kg.programs import sandbox
go, refused = threading.Event(), []
def later():
    go.wait()
    try:
        socket.socket()
    except PermissionError:
        refused.append(True)
thread = threading.Thread(target=later)
thread.start()
sandbox.enter(64 << 20)
go.set()
thread.join()
raise SystemExit(not refused)
"""
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0


def test_reading_goes_on(tmp_path: object) -> None:
    assert run("open('/proc/self/stat').read()", f"{tmp_path}/file", enter=True) == 0
