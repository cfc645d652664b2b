"""How soon an editor is answered, beside clients with small queries: completion and checks against a small SELECT.

`python -m bench assist`. The service is as it is by default. Each kind of request is asked in turn, so that a noisy
minute meets all of them.
"""

from __future__ import annotations

import http.client
import itertools
import json
import tempfile
import threading
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

import click

from bench import tables
from bench.servers import Checkout
from kg.building import pipeline
from kg.store import DataFolder

CLIENTS = 4
MOST_TIMES = 2.0
"""Times the 95th percentile of a small SELECT that one of completion, or of a check, may be."""
_SMALL = "SELECT * {{ <https://w3id.org/city-diplomacy/id/city/leeds> ?p ?o }} LIMIT {number}"
_TEXT = "SELECT ?city ?label WHERE {{ ?city a cd:City ; skos:prefLabel ?label . ?city cd:{typed} }} LIMIT {number}"
_TYPED = ("t", "tw", "twi", "twin", "twinn")


@click.command()
@click.option("--rounds", default=200, show_default=True, type=click.IntRange(20), help="Requests of each kind.")
def main(rounds: int) -> None:
    """Measure what an editor waits; exits 1 if that is longer than twice what a small query takes."""
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as scratch:
        folder = DataFolder(Path(scratch) / "data")
        pipeline.build(folder)
        with Checkout().serving(folder.path, "--client-seconds", "0") as server, _readers(server.port):
            found = _measured(server.port, rounds)
    p95 = {name: sorted(seconds)[int(0.95 * len(seconds))] for name, seconds in found.items()}
    small = p95["small SELECT"]
    rows = [
        (name, f"{sorted(found[name])[rounds // 2] * 1000:.1f}", f"{late * 1000:.1f}", f"{late / small:.2f}")
        for name, late in p95.items()
    ]
    tables.show(("request", "median ms", "p95 ms", "p95 to small SELECT"), rows)
    if max(p95.values()) > MOST_TIMES * small:
        raise click.ClickException("An editor waits too long.")


def _measured(port: int, rounds: int) -> dict[str, list[float]]:
    """Return the seconds of each request, by its kind; the first of each kind are not counted."""
    found: dict[str, list[float]] = defaultdict(list)
    for number in range(-10, rounds):
        text = _TEXT.format(typed=_TYPED[number % len(_TYPED)], number=number + 1_000)
        for name, method, path, body in (
            ("small SELECT", "GET", _address(number + 5_000_000), None),
            ("completion", "POST", "/sparql/assist", {"text": text, "offset": text.index(" }")}),
            ("check", "POST", "/sparql/assist", {"do": "check", "text": text}),
        ):
            began = time.perf_counter()
            _ask(port, method, path, body)
            if number >= 0:
                found[name].append(time.perf_counter() - began)
    return found


@contextmanager
def _readers(port: int) -> Iterator[None]:
    """Have clients ask small queries, one after the other, until the block ends."""
    over, numbers = threading.Event(), itertools.count(10_000)

    def read() -> None:
        while not over.wait(0.005):
            _ask(port, "GET", _address(next(numbers)), None)

    readers = [threading.Thread(target=read) for _ in range(CLIENTS)]
    for reader in readers:
        reader.start()
    try:
        yield
    finally:
        over.set()
        for reader in readers:
            reader.join()


def _address(number: int) -> str:
    return f"/sparql?query={quote(_SMALL.format(number=number))}"


def _ask(port: int, method: str, path: str, body: object) -> None:
    """Ask on a connection of its own. Raises ClickException for another answer than 200."""
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=60)) as connection:
        sent = None if body is None else json.dumps(body)
        connection.request(method, path, sent, {"Content-Type": "application/json"} if sent else {})
        answer = connection.getresponse()
        told = answer.read()
        if answer.status != 200:
            raise click.ClickException(f"{path}: {answer.status} {told[:300]!r}")
