"""How soon a large result that is kept is sorted, filtered and counted by value, beside a small SELECT: all as pages.

`python -m bench results`. The result is that of a SELECT of all twinnings of the world, asked once before. Each kind of
request is asked in turn, so that a noisy minute meets all of them, and no two requests are alike.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import click

from bench import tables
from bench.servers import Checkout, Server

MOST_FACET_MS = 150.0
"""Milliseconds of processor that counting the values of a column may take, the page with its rows included."""
WARM = 2
_PATIENT = ("--seconds", "120")
"""Options by which a busy machine makes the measurement slow, not impossible."""
_PAIRS = "SELECT ?one ?other { ?t a cd:Twinning ; cd:twin ?one , ?other FILTER(STR(?one) < STR(?other)) }"
_SMALL = "SELECT * { city:leeds ?p ?o } LIMIT %d"


@click.command()
@click.option("--rounds", default=50, show_default=True, type=click.IntRange(5), help="Requests of each kind.")
@click.option(
    "--data",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="A data folder that is built with the world; without it one is built.",
)
def main(rounds: int, data: Path | None) -> None:
    """Measure the controls of a large result; exits 1 if counting values takes more than 150 ms of processor."""
    with _world(data) as folder, Checkout().serving(folder, *_PATIENT) as server:
        count = _count(server)
        found = _measured(server, rounds)
    small = statistics.median(seconds for seconds, _ in found["small SELECT"])
    cpu = {name: statistics.mean(used for _, used in taken) * 1000 for name, taken in found.items()}
    rows = []
    for name, taken in found.items():
        seconds = sorted(waited for waited, _ in taken)
        middle, late = statistics.median(seconds), seconds[int(0.95 * rounds)]
        rows.append(
            (name, f"{middle * 1000:.0f}", f"{late * 1000:.0f}", f"{middle / small:.1f}", f"{cpu[name]:.0f}"),
        )
    click.echo(f"{count:,} rows")
    tables.show(("request", "median ms", "p95 ms", "median to small SELECT", "CPU ms"), rows)
    if cpu["values of a column"] > MOST_FACET_MS:
        raise click.ClickException("Counting the values of a column takes too long.")


@contextmanager
def _world(data: Path | None) -> Iterator[Path]:
    if data is not None:
        yield data
        return
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as scratch:
        yield Checkout().build(Path(scratch) / "data", ["world"])


def _count(server: Server) -> int:
    """Have the result made; return how many rows it has."""
    count = _PAIRS.replace("SELECT ?one ?other", "SELECT (COUNT(*) AS ?n)")
    table = json.loads(_ask(server, {"query": count, "format": "json"}))
    _ask(server, {"query": _PAIRS})
    return int(table["results"]["bindings"][0]["n"]["value"])


def _measured(server: Server, rounds: int) -> dict[str, list[tuple[float, float]]]:
    """Return the seconds that passed and those of processor, of each request by its kind; WARM of each are left out."""
    found: dict[str, list[tuple[float, float]]] = defaultdict(list)
    for number in range(-WARM, rounds):
        place = str(100 * (number + WARM) + 2)
        letters = f"{chr(97 + number % 26)}{'aeiou'[number % 5]}"
        for name, given in (
            ("small SELECT", {"query": _SMALL % (number + 1_000)}),
            ("first rows", {"from": place}),
            ("sorted", {"sort": "-other", "from": place}),
            ("filtered", {"filter.one": letters}),
            ("values of a column", {"facet": "one", "from": place}),
            ("values within a filter", {"facet": "other", "filter.one": letters}),
        ):
            used, began = server.cpu_seconds(), time.perf_counter()
            _ask(server, {"query": _PAIRS, **given})
            passed = time.perf_counter() - began
            if number >= 0:
                found[name].append((passed, server.cpu_seconds() - used))
    return found


def _ask(server: Server, parameters: Mapping[str, str]) -> bytes:
    """Ask for a page, or for the format that is named. Raises HTTPError for an error."""
    request = Request(f"{server.address}/sparql?{urlencode(parameters)}", headers={"Accept": "text/html"})
    with urlopen(request) as answer:
        body: bytes = answer.read()
    return body
