"""Kill a writer in the middle of commits, again and again: what it had acknowledged is there, nothing is half there.

Run by itself, this file is the process that starts the writers: it has imported everything, has no threads, and forks.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

import pytest
from pyoxigraph import RdfFormat, parse, serialize

from kg.building.verification import verify
from kg.curation.gate import Draft, Gate
from kg.history.chain import History
from kg.rdf.change import Change
from kg.store.data_folder import DataFolder
from kg.submissions import Submission
from tests.support.tiers import by_tier, fresh_random

pytestmark = pytest.mark.drawn

KILLS = by_tier(2, 5, 300)
MOST_SECONDS = 0.15
"""How long a writer lives at most once it has got where it is to be killed; a commit takes some 0.06 seconds."""


@pytest.mark.scaled
def test_what_was_acknowledged_survives_kills_at_any_point(
    small: DataFolder, renewed: Callable[[int], Change], tmp_path: Path
) -> None:
    change = tmp_path / "change.nq"
    serialize(sorted(renewed(1000).added, key=str), str(change), RdfFormat.N_QUADS)
    acknowledged: list[int] = []
    moments = fresh_random("moments of the kills")
    command = [sys.executable, __file__, str(small.path), str(change)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdin is not None
        assert starter.stdout is not None
        for kill in range(KILLS):
            awaited = 0 if kill % 5 == 4 else moments.randrange(1, 4) if kill else 3
            seconds = moments.uniform(0, MOST_SECONDS)
            acknowledged += killed_writer(starter.stdin, starter.stdout, awaited, seconds)
            numbers = [record.number for record in History(small.path).records()]
            assert set(acknowledged) <= set(numbers)
            assert [check for check in verify(small) if not check.passed] == []
        starter.stdin.close()
    with Gate(small) as gate:
        assert gate.build.changes == len(numbers)
    store = small.open()
    for number in numbers[::2]:  # each is there or taken back as a whole
        assert {quad in store for quad in of(change, number).added} == {number == numbers[-1]}
    assert [check for check in verify(small) if not check.passed] == []
    assert acknowledged
    print(f"{KILLS} kills; {len(acknowledged)} changes acknowledged, {len(numbers)} recorded and there")


def killed_writer(orders: IO[str], told: IO[str], awaited: int, seconds: float) -> list[int]:
    """Let a process say so many things, kill it after some more seconds, and return the changes that it acknowledged.

    The first that it says is that its gate is open.
    """
    orders.write("write\n")
    orders.flush()
    writer = int(told.readline())
    assert told.readline() == "opening\n"
    lines = [told.readline() for _ in range(awaited)]
    time.sleep(seconds)
    os.kill(writer, signal.SIGKILL)
    while (line := told.readline()) != "killed\n":
        lines.append(line)
    return [int(line) for line in lines if line != "open\n"]


def of(change: Path, number: int) -> Change:
    """Return the change of a number: that of the file, in another year."""
    text = change.read_text(encoding="utf-8").replace("1000", str(1000 + number))
    return Change.of(parse(text, RdfFormat.N_QUADS))


def start_writers(data: Path, change: Path) -> None:
    """Start a writer for each line of standard input, one after the other, and say when it is dead."""
    for _ in sys.stdin:
        writer = os.fork()
        if writer == 0:
            write(DataFolder(data), change)
        os.waitpid(writer, 0)
        os.write(1, b"killed\n")


def write(folder: DataFolder, change: Path) -> None:
    """Make changes without an end, each second one takes back the first; tell the number of each once acknowledged."""
    os.write(1, f"{os.getpid()}\nopening\n".encode())
    with Gate(folder) as gate:
        os.write(1, b"open\n")
        while True:
            last = gate.history.count()
            if last % 2 == 1:
                made = gate.commit(gate.undo_draft(last, f"id-{last + 1}", "ann", "s"))
            else:
                sent = Submission(of(change, last + 1))
                made = gate.commit(Draft(f"id-{last + 1}", "submit", sent, "s", "https://example.org/s", "ann"))
            os.write(1, f"{made.number}\n".encode())


if __name__ == "__main__":
    start_writers(Path(sys.argv[1]), Path(sys.argv[2]))
