"""The service over HTTP beside `oxigraph serve` and `rdflib-endpoint`, on the same data, in the same run.

`python -m bench endpoint`. Loads follow each other server by server, so that a noisy minute meets all of them.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from shutil import copytree
from typing import Any

import click
from pyoxigraph import QueryResultsFormat, QuerySolutions, Store

from bench import endpoint_tables, load, peers, proxy, scenarios, synthetic
from bench.ahead import made_ahead
from bench.endpoint_tables import Results
from bench.load import Call, Measured
from bench.ours import serving
from bench.processes import Server
from bench.scenarios import Scenario
from kg.store import DataFolder
from server.settings import Conduct
from tests.support import nginx

CONNECTIONS = (1, 8, 32)
STARTS = 3
ENGINE_QUERIES = 500
PATIENCE = 60.0
TOO_SLOW = 5.0
"""Requests per second below which a server that may fail is not asked over more connections: it would only queue."""
MAY_FAIL = {"rdflib-endpoint"}
"""Servers whose missing or other answers do not end the run, but are told."""
QUEUE = 64
"""Queries that wait for a worker of ours: more than the most connections, none of which is to be refused."""
AHEAD = "ours, ahead"
AHEAD_BYTES = 64 << 20
"""Room for all documents of the graph with few cities."""
_CHUNK = 1 << 16

Start = Callable[..., AbstractContextManager[Server]]


class WrongAnswerError(Exception):
    """A server answered with another status, or another number of rows, than it should."""


@click.command()
@click.option("--seconds", default=2, show_default=True, type=click.IntRange(1), help="Seconds of each load.")
@click.option("--cities", default=10_000, show_default=True, type=click.IntRange(10_000), help="Synthetic cities.")
@click.option("--pairs", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="CSV of real twinnings.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write all figures here.")
def main(seconds: int, cities: int, pairs: Path | None, json_file: Path | None) -> None:
    """Measure the service beside its peers; exits 1 if a request failed or was answered wrongly."""
    if not load.is_installed() or nginx.installed() is None:
        raise click.ClickException("This needs wrk and nginx: apt-get install wrk nginx-light")
    _say("installing the peers")
    peers.install()
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as scratch:
        results = _measured(Path(scratch), seconds, cities, pairs)
    if json_file is not None:
        json_file.write_text(json.dumps(asdict(results), indent=1), encoding="utf-8")
    endpoint_tables.show(results)
    if results.errors:
        raise click.ClickException(f"{results.errors} requests failed or were answered with another status.")


def _measured(scratch: Path, seconds: int, cities: int, pairs: Path | None) -> Results:
    folder, results = DataFolder(scratch / "data"), Results()
    _say("building the graph")
    count = synthetic.build(folder, cities, pairs)
    build = folder.current()
    assert build is not None
    copytree(folder.snapshot(build), scratch / "oxigraph")
    starts: dict[str, Start] = {
        "ours": lambda awaited="/healthz": _ours(folder.path, awaited),
        "oxigraph": lambda awaited="/": peers.oxigraph(scratch / "oxigraph", awaited),
        "rdflib-endpoint": lambda: peers.rdflib_endpoint(synthetic.for_peers(folder)),
    }
    _say("starting from cold")
    _measure_starts(starts, results)
    results.engine_ms = _engine_ms(folder.open())
    few = DataFolder(scratch / "few")
    synthetic.build(few, scenarios.AHEAD)
    with ExitStack() as stack:
        servers = {name: stack.enter_context(start()) for name, start in _said("starting", starts)}
        servers["nginx"] = stack.enter_context(_nginx(servers["ours"].port, scratch))
        _say("making documents ahead")
        servers[AHEAD] = stack.enter_context(_ours(few.path, "/healthz", ahead_bytes=AHEAD_BYTES))
        made_ahead(servers[AHEAD])
        _measure_loads(servers, count, seconds, results)
        for name, server in servers.items():
            results.memory[name] = {"under load": sum(server.peak_megabytes().values())}
    for name, start in _said("a million rows from", starts):
        results.memory[name] |= _million(name, start)
    return results


def _measure_starts(starts: dict[str, Start], results: Results) -> None:
    awaited = {
        "ours": {
            "/healthz": "/healthz",
            "canned query": scenarios.a_canned_query().path,
            "SPARQL": scenarios.a_small_query("ours").path,
        },
        "oxigraph": {"SPARQL": scenarios.a_small_query("oxigraph").path},
    }
    for name, paths in awaited.items():
        results.starts[name] = {what: _start_seconds(starts[name], path) for what, path in paths.items()}


def _start_seconds(start: Start, path: str) -> float:
    taken = []
    for _ in range(STARTS):
        with start(path) as server:
            taken.append(server.seconds)
    return statistics.median(taken)


def _engine_ms(store: Store) -> float:
    """Return the milliseconds of the small query in this process, to its JSON; the median of many, each a new text."""
    taken = []
    for number in range(ENGINE_QUERIES):
        text = f"{scenarios.small_query()}\n# {number}"
        began = time.perf_counter()
        solutions = store.query(text)
        assert isinstance(solutions, QuerySolutions)
        solutions.serialize(format=QueryResultsFormat.JSON)
        taken.append(time.perf_counter() - began)
    return statistics.median(taken) * 1000


def _measure_loads(servers: dict[str, Server], cities: int, seconds: int, results: Results) -> None:
    with _asked(servers["ours"], scenarios.a_document()) as response:
        etag = response.headers["ETag"]
    first = 2
    ahead = servers.pop(AHEAD)
    for scenario in scenarios.scenarios(cities, etag):
        able = {name: server for name, server in servers.items() if name != "nginx" or scenario.cached}
        able = _probed(able | ({"ours": ahead} if scenario.ahead else {}), scenario, results)
        measured = results.loads[scenario.name] = {name: {} for name in able}
        for connections in CONNECTIONS:
            for name, server in able.items():
                if name in MAY_FAIL and any(found.rate < TOO_SLOW for found in measured[name].values()):
                    continue
                found = load.put(server, scenario.call(name), connections, seconds, first)
                measured[name][connections] = found
                if name == "ours":  # it alone keeps answers; those given up at the end were asked too
                    first += found.requests + connections
                server.settle()
            _say(f"{scenario.name}, {connections} connections: " + _rates(measured, connections))


def _rates(measured: dict[str, dict[int, Measured]], connections: int) -> str:
    rates = {name: levels[connections].rate for name, levels in measured.items() if connections in levels}
    return ", ".join(f"{name} {rate:,.0f}/s" for name, rate in rates.items())


def _probed(servers: dict[str, Server], scenario: Scenario, results: Results) -> dict[str, Server]:
    """Ask each server once, and return those that can answer; only rdflib-endpoint may fail.

    Raises WrongAnswerError where another one fails or its answer has not the size of ours.
    """
    sizes: dict[str, int] = {}
    failures: dict[str, str] = {}
    for name, server in servers.items():
        try:
            sizes[name] = _size(server, scenario.call(name))
            if not scenario.nearest and sizes[name] != sizes["ours"]:
                raise WrongAnswerError(f"{sizes.pop(name):,} rows or triples, ours {sizes['ours']:,}")
        except (OSError, WrongAnswerError) as error:
            if name not in MAY_FAIL:
                raise WrongAnswerError(f"{scenario.name}: {name}: {error}") from error
            failures[name] = str(error)
    results.items[scenario.name], results.failures[scenario.name] = sizes, failures
    return {name: servers[name] for name in sizes}


def _size(server: Server, call: Call) -> int:
    with _asked(server, call) as response:
        if response.status != call.status:
            raise WrongAnswerError(f"status {response.status} for {call.at(1)}")
        return scenarios.items(response.read(), call.accept) if call.status == 200 else 0


@contextmanager
def _asked(server: Server, call: Call) -> Iterator[Any]:
    headers = {"Accept": call.accept, **dict(call.headers)}
    request = urllib.request.Request(server.address + call.at(1), headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            yield response
    except urllib.error.HTTPError as error:
        with error:
            yield error


def _million(name: str, start: Start) -> dict[str, float | str]:
    """Return the peak of a new server's memory in MB, once it has answered a million rows, and the seconds of that."""
    with start() as server:
        at_rest = sum(server.megabytes().values())
        began = time.perf_counter()
        try:
            with _asked(server, scenarios.a_million_rows(name)) as response:
                lines = sum(chunk.count(b"\n") for chunk in iter(lambda: response.read(_CHUNK), b""))
        except OSError as error:
            return {"at rest": at_rest, "failure": f"{error}"}
        if lines != 1_000_001:
            raise WrongAnswerError(f"{name}: {lines:,} lines instead of a million rows")
        peaks = server.peak_megabytes()
        process = peaks.pop(server.pid)
        seconds = time.perf_counter() - began
        return {"at rest": at_rest, "web process": process, "workers": sum(peaks.values()), "seconds": seconds}


@contextmanager
def _ours(data: Path, awaited: str, ahead_bytes: int = 0) -> Iterator[Server]:
    """Run the service with time for a million rows, and a queue for all clients.

    It makes documents of so many bytes ahead, and has room for twice as many and what is asked besides.
    """
    settings = ["--seconds", f"{PATIENCE}", "--queue", f"{QUEUE}"]
    settings += ["--ahead-bytes", f"{ahead_bytes}", "--ready-bytes", f"{Conduct.ready_bytes + 4 * ahead_bytes}"]
    command = [sys.executable, "-m", "bench.with_empty_view"]
    with serving(data, *settings, command=command, awaited=awaited) as server:
        yield server


@contextmanager
def _nginx(port: int, scratch: Path) -> Iterator[Server]:
    folder = scratch / "nginx"
    folder.mkdir()
    with proxy.in_front_of(port, folder) as server:
        yield server


def _said(doing: str, starts: dict[str, Start]) -> Iterator[tuple[str, Start]]:
    for name, start in starts.items():
        _say(f"{doing} {name}")
        yield name, start


def _say(what: str) -> None:
    click.echo(f"{time.strftime('%H:%M:%S')} {what}", err=True)
