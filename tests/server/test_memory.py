"""Memory of the processes of a running service while its graph changes and each revision is validated against.

`python -m bench memory` measures the same with 500 rounds.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote, urlencode

import pytest

from kg.accounts.database import Database
from kg.accounts.tokens import Role, Tokens
from tests.support.command import Command
from tests.support.turtle import PREFIXES

WARM, ROUNDS = 10, 20
MOST_GROWTH = 10 << 20
MOST_OF_A_WORKER = 2
"""Snapshots that a worker has open: that of the graph, and that of the report's scope."""
SAID = urlencode({"summary": "Notes", "source": "https://example.org/notes", "graph": "curated/notes"})
READ = (
    *("/doc/city/london.ttl", "/doc/city/london.html"),
    "/sparql?query=" + quote("SELECT ?label { city:london skos:prefLabel ?label }"),
)


@pytest.fixture
def command(with_ledger: Path, tmp_path: Path) -> Iterator[Command]:
    shutil.copytree(with_ledger, tmp_path / "data")
    command = Command(tmp_path / "data", tmp_path, {})
    try:
        command.wait()
        yield command
    finally:
        command.stop()


@pytest.mark.slow
def test_the_service_lets_go_of_the_revisions_that_were_validated_against(command: Command, tmp_path: Path) -> None:
    token = Tokens(Database(tmp_path / "data")).create("Ann", Role.CURATOR)
    sent = {"Content-Type": "text/turtle"}

    def round_of(number: int) -> None:
        changed = command.send(f"/changes?{SAID}", note(number), {**sent, "Authorization": f"Bearer {token}"})
        asked = command.send("/validate", note(-number - 1), sent)
        read = [command.send(path) for path in READ]
        assert [changed.status, asked.status, *(one.status for one in read)] == [201, *[200] * (1 + len(READ))]

    for number in range(WARM):
        round_of(number)
    web = command.process.pid
    before = own_bytes(web)
    for number in range(WARM, WARM + ROUNDS):
        round_of(number)
    assert own_bytes(web) - before < MOST_GROWTH
    assert len(open_snapshots(web)) <= 2
    for worker in command.workers():
        assert len(open_snapshots(worker)) <= MOST_OF_A_WORKER


def note(number: int) -> bytes:
    return f'{PREFIXES} city:london skos:editorialNote "Note {number}"@en .'.encode()


def own_bytes(pid: int) -> int:
    """Return the bytes of memory that a process has written to (proc(5), Anonymous)."""
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()
    return sum(int(line.split()[1]) << 10 for line in lines if line.startswith("Anonymous:"))


def open_snapshots(pid: int) -> set[str]:
    """Return the snapshots of which a process has files open."""
    found = set()
    for file in Path(f"/proc/{pid}/fd").iterdir():
        with suppress(OSError):
            path = Path(os.readlink(file)).parent
            if path.parent.name == "snapshots":
                found.add(path.name)
    return found
