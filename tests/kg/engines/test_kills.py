"""Kill the engine, and the process that makes changes and sends them on, again and again: nothing is lost or twice.

Run by itself, this file is the process that starts the writers: it has imported everything, has no threads, and forks.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO

import pytest

from kg.engines import Engine, EngineFailedError, Replica
from kg.engines.copies import read_copy_state
from kg.history import History
from kg.store import DataFolder
from tests.support.engines import NEEDS_VIRTUOSO, PASSWORD, USER, running
from tests.support.random_changes import RandomChanges
from tests.support.tiers import SEED, by_tier, fresh_random

pytestmark = pytest.mark.slow
CHANGES = by_tier(50, 50, 100)
KILLS = {"oxigraph": by_tier(4, 4, 40), "virtuoso": by_tier(2, 2, 20)}
AHEAD = 3
"""Changes that the writer may make before we have read of them."""
SECONDS = 300.0
"""Seconds that the copy may take to catch up: a request that an engine lets hang is given up after 120 (Replica)."""


@pytest.mark.parametrize("kind", ["oxigraph", pytest.param("virtuoso", marks=NEEDS_VIRTUOSO)])
def test_both_sides_die_in_the_middle_of_changes(kind: str, small: DataFolder, tmp_path: Path) -> None:
    of = fresh_random(f"kills of {kind} and of its master")
    folder = tmp_path / "engine"
    folder.mkdir()
    moments = sorted(of.sample(range(1, CHANGES - 3 * AHEAD), 2 * KILLS[kind]))

    def allow_more() -> int:
        """Let the writer go on, but leave it a change for each kill to come; return up to which change it may."""
        most = CHANGES - len(moments)
        (small.path / "allowed").write_text(f"{min(History(small.path).count() + AHEAD, most)}\n")
        return most

    with running(kind, folder) as server, closing(server.engine()) as engine, starter(small, engine) as (orders, told):
        allow_more()
        started(orders, told)
        while (made := int(told.readline())) < CHANGES:
            most = allow_more()
            if not moments or made < min(moments[0], most):
                continue
            time.sleep(of.uniform(0, 0.05))
            if len(moments) % 2:
                orders.write("kill\n")
                orders.flush()
                started(orders, told)
            else:
                server.kill()
                time.sleep(of.uniform(0, 0.2))
                server.start()
            del moments[0]
            allow_more()
        deadline = time.monotonic() + SECONDS
        while changes_in(engine) < CHANGES:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        orders.write("kill\n")
        orders.flush()
        compared = Replica(small, engine).compare()
        assert (compared.revision, compared.differing) == (small.require_build().revision, ())
        assert History(small.path).count() == CHANGES
    assert not moments
    print(f"{kind}: {KILLS[kind]} kills of each side, {CHANGES} changes, {compared.triples} triples as they should be")


def is_allowed(folder: DataFolder, changes: int) -> bool:
    """Tell whether the writer may make so many changes in all: it is not to be done before all the kills are."""
    said = (folder.path / "allowed").read_text()
    return said.endswith("\n") and changes <= int(said)


def changes_in(engine: Engine) -> int:
    try:
        held = read_copy_state(engine, seconds=SECONDS)
    except EngineFailedError:
        return 0
    return held.changes if held and held.revision else 0


@contextmanager
def starter(small: DataFolder, engine: Engine) -> Iterator[tuple[IO[str], IO[str]]]:
    addresses = (engine.address, engine._update.url, engine._graph_store.url)
    command = [sys.executable, __file__, str(small.path), *addresses]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        yield process.stdin, process.stdout
        process.stdin.close()


def started(orders: IO[str], told: IO[str]) -> None:
    """Have a writer started, and pass by what one before it has said."""
    orders.write("write\n")
    orders.flush()
    while (line := told.readline()) != "writing\n":
        assert line, "the process that starts writers has ended"


def start_writers(data: Path, addresses: list[str]) -> None:
    """Start a writer, or kill it, as each line of standard input says."""
    writer = 0
    for number, order in enumerate(sys.stdin):
        if order == "kill\n":
            os.kill(writer, signal.SIGKILL)
            os.waitpid(writer, 0)
            continue
        print("writing", flush=True)
        writer = os.fork()
        if writer == 0:
            write(DataFolder(data), Engine(*addresses, user=USER, password=PASSWORD), number)


def write(folder: DataFolder, engine: Engine, number: int) -> None:
    """Make changes, and let the copy follow, until killed."""
    of = random.Random(f"writer {number} {SEED}")
    following = threading.Thread(target=Replica(folder, engine).follow, args=[threading.Event()], daemon=True)
    with RandomChanges(folder, of) as changes:
        following.start()
        while (made := History(folder.path).count()) < CHANGES:
            while not is_allowed(folder, made + 1):
                time.sleep(0.002)
            tell(changes.make(of.choice([1, 4, 30])).number)
        tell(CHANGES)
        signal.pause()


def tell(number: int) -> None:
    """Print a number by one call of the system, so that a kill leaves no line without its end."""
    sys.stdout.write(f"{number}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    start_writers(Path(sys.argv[1]), sys.argv[2:])
