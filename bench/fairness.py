"""Whether a few clients with endless queries delay the others: readers with small queries, with and without them.

`python -m bench fairness`. The service is as it is by default, one server for each load. Each client has an address of
its own, by X-Forwarded-For, which the service believes on the loopback address. Attackers ask from another process, so
that they do not hold up the clock of the readers.
"""

from __future__ import annotations

import http.client
import itertools
import multiprocessing
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

import click

from bench import tables
from bench.servers import Checkout, Server
from kg.building import pipeline
from kg.store import DataFolder
from server.settings import ServerOptions

READERS = 40
REST = 1.0
"""Seconds that a reader rests after an answer."""
BEFORE = 8.0
"""Seconds that readers ask before the attackers come; they are not counted."""
LEAST_ANSWERED = 0.99
MOST_TIMES = 3.0
"""Times the 99th percentile without attackers that it may be with some."""
_PATIENCE = 60.0
_SMALL = "SELECT * {{ <https://w3id.org/city-diplomacy/id/city/leeds> ?p ?o }} LIMIT {number}"
_ENDLESS = "SELECT (COUNT(*) AS ?n{number}) {{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }}"


@dataclass(frozen=True)
class Load:
    """Attackers, each with an address of its own, and how many connections each has."""

    name: str
    attackers: int
    connections: int = 1


LOADS = (Load("none", 0), Load("2 attackers", 2), Load("4 attackers", 4), Load("1 with 30 connections", 1, 30))


@dataclass
class Seen:
    """What readers were answered: by status, and after how many seconds."""

    statuses: Counter[int] = field(default_factory=Counter)
    seconds: list[float] = field(default_factory=list)

    def part(self, of: float) -> float:
        """Return the seconds within which a part of the answers came."""
        return sorted(self.seconds)[min(len(self.seconds) - 1, int(of * len(self.seconds)))]

    @property
    def answered(self) -> float:
        """Which part of the requests was answered 200."""
        return self.statuses[200] / sum(self.statuses.values())


@click.command()
@click.option("--seconds", default=60, show_default=True, type=click.IntRange(5), help="Seconds of each load.")
@click.option("--processes", default=0, show_default=True, type=int, help="As of `citykg serve`.")
def main(seconds: int, processes: int) -> None:
    """Measure what small queries take beside endless ones; exits 1 if fewer are answered, or much later."""
    found: dict[str, Seen] = {}
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as scratch:
        folder = DataFolder(Path(scratch) / "data")
        pipeline.build(folder)
        options = ["--client-seconds", str(ServerOptions.client_seconds), "--processes", str(processes)]
        for load in LOADS:
            with Checkout().serving(folder.path, *options) as server:
                found[load.name] = _under(server, load, seconds)
    _show(found)
    alone = found[LOADS[0].name].part(0.99)
    if any(one.answered < LEAST_ANSWERED or one.part(0.99) > MOST_TIMES * alone for one in found.values()):
        raise click.ClickException("Readers were held up.")


def _under(server: Server, load: Load, seconds: int) -> Seen:
    """Return what readers saw under a load."""
    seen, over, counts = Seen(), threading.Event(), threading.Event()
    readers = [threading.Thread(target=_read, args=(server.port, n, seen, counts, over)) for n in range(READERS)]
    for reader in readers:
        reader.start()
        time.sleep(REST / READERS)
    time.sleep(BEFORE)
    with _attacked(server.port, load):
        counts.set()
        time.sleep(seconds)
        counts.clear()
    over.set()
    for reader in readers:
        reader.join()
    return seen


def _read(port: int, number: int, seen: Seen, counts: threading.Event, over: threading.Event) -> None:
    for turn in itertools.count(1):
        is_counted, began = counts.is_set(), time.perf_counter()
        status = _asked(port, f"10.0.0.{number + 1}", _SMALL.format(number=turn * READERS + number + 1000))
        if is_counted:
            seen.statuses[status] += 1
            seen.seconds.append(time.perf_counter() - began)
        if over.wait(REST):
            return


@contextmanager
def _attacked(port: int, load: Load) -> Iterator[None]:
    """Have attackers ask from a process of their own until the block ends."""
    process = multiprocessing.get_context("spawn").Process(target=_attack, args=(port, load), daemon=True)
    if load.attackers:
        process.start()
    try:
        yield
    finally:
        if load.attackers:
            process.kill()
            process.join()


def _attack(port: int, load: Load) -> None:
    numbers = itertools.count()

    def ask(address: str) -> None:
        while True:
            with suppress(OSError, http.client.HTTPException):
                _asked(port, address, _ENDLESS.format(number=next(numbers)))

    for attacker in range(load.attackers):
        for _ in range(load.connections):
            threading.Thread(target=ask, args=(f"10.1.0.{attacker + 1}",)).start()


def _asked(port: int, address: str, query: str) -> int:
    """Ask a query as the client of an address, on a connection of its own, and return the status of the answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=_PATIENCE)
    try:
        connection.request("GET", f"/sparql?query={quote(query)}", headers={"X-Forwarded-For": address})
        answer = connection.getresponse()
        answer.read()
        return answer.status
    finally:
        connection.close()


def _show(found: dict[str, Seen]) -> None:
    click.echo(f"{READERS} readers who rest {REST:g} s, beside clients with endless queries")
    rows: list[tuple[str | int, ...]] = []
    for name, seen in found.items():
        times = (f"{seen.part(part) * 1000:.1f}" for part in (0.5, 0.99, 1.0))
        other = ", ".join(f"{count} × {status}" for status, count in sorted(seen.statuses.items()) if status != 200)
        rows.append((name, len(seen.seconds), f"{seen.answered:.1%}", other, *times))
    tables.show(("attackers", "requests", "answered 200", "other", "median ms", "p99 ms", "most ms"), rows)
