"""The service over HTTP beside the build of before, `oxigraph serve` and nginx, on the same data.

`python -m bench endpoint`, with `--before FOLDER` for a checkout of another commit. Servers take turns, request by
request for documents and load by load otherwise, so that a noisy minute meets all of them; medians count. A ratio is
ours to the other: of rates, more is better for ours; of times, less is. Each checkout has two servers: one that keeps
no answers ready, for what is asked for the first time, and one that keeps them.
"""

from __future__ import annotations

import http.client
import json
import shutil
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click

from bench import load, peers, scenarios, tables
from bench.load import Call, Measured
from bench.servers import Checkout, Server, before_option, behind_nginx, checkouts
from kg.store import DataFolder
from tests.support import nginx

CONNECTIONS = (1, 8, 32)
SECONDS = 2
STARTS = 5
NEW = ("--ready-bytes", "0")
"""Options of a server that keeps no answers ready."""
FOR_ALL = ("--queue", "64", "--ahead-bytes", "0")
"""More queries wait for a worker than the most connections, so that none is refused; and no answer is made ahead, which
would go on beside what is measured."""
AT_LEAST = 200
"""Requests for the documents of one line, so that the ticks of the processor's clock count."""
PEERS = ("oxigraph", "nginx")
PARTS = ("starts", "documents", "loads")

Start = Callable[[str], AbstractContextManager[Server]]
"""Starts a server, which answers an address before it is there; it is shut down at the end of the block."""


@dataclass
class Results:
    """All that was measured: loads by scenario, connections and server; documents by line and server."""

    starts: dict[tuple[str, str], float] = field(default_factory=dict)
    megabytes: dict[str, float] = field(default_factory=dict)
    documents: dict[str, dict[str, tuple[float, float]]] = field(default_factory=dict)
    loads: dict[tuple[str, int], dict[str, list[Measured]]] = field(default_factory=dict)

    @property
    def errors(self) -> int:
        """Answers of a wrong status, and broken connections, in all loads."""
        return sum(one.errors for servers in self.loads.values() for all_ in servers.values() for one in all_)


@click.command()
@before_option
@click.option("--with", "works", multiple=True, metavar="WORK", help="Load a work beside the report.")
@click.option("--without", multiple=True, type=click.Choice(PEERS), help="Leave a peer out.")
@click.option("--rounds", default=3, show_default=True, type=click.IntRange(1), help="Turns of each load and document.")
@click.option("--part", "parts", multiple=True, type=click.Choice(PARTS), help="Only this.")
def main(before: Path | None, works: Sequence[str], without: Sequence[str], rounds: int, parts: Sequence[str]) -> None:
    """Measure the service beside others; exits 1 if a request failed or was answered wrongly."""
    if shutil.which("wrk") is None or ("nginx" not in without and nginx.installed() is None):
        raise click.ClickException("This needs wrk and nginx: apt-get install wrk nginx-light")
    sides, parts = checkouts(before), parts or PARTS
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as made:
        scratch = Path(made)
        for side in sides:
            _say(f"building {side.name}")
            side.build(scratch / side.name, works)
        starts = _of_ours(scratch, sides) | ({} if "oxigraph" in without else _of_oxigraph(scratch))
        results = Results()
        if "starts" in parts:
            results.starts = _first_answers(starts)
            results.megabytes = {name: _megabytes_at_rest(start) for name, start in starts.items()}
        with ExitStack() as stack:
            servers = {name: stack.enter_context(start("")) for name, start in starts.items()}
            if "nginx" not in without:
                servers["nginx"] = stack.enter_context(behind_nginx(servers["ours"], scratch / "nginx"))
            new = {side.name: stack.enter_context(_serving(scratch, side, NEW)) for side in sides}
            store = DataFolder(scratch / "ours").open()
            if "documents" in parts:
                _measure_documents(scenarios.documents(store), new, servers, rounds, results)
            for scenario in scenarios.scenarios(store) if "loads" in parts else ():
                able = servers if scenario.kept else {n: s for n, s in (servers | new).items() if n != "nginx"}
                _measure_loads(scenario, able, rounds, results)
    _show(results, [side.name for side in sides])
    if results.errors:
        raise click.ClickException(f"{results.errors} requests failed or were answered with another status.")


def _of_ours(scratch: Path, sides: Sequence[Checkout]) -> dict[str, Start]:
    return {side.name: lambda path, side=side: _serving(scratch, side, (), path) for side in sides}  # type: ignore[misc]


def _of_oxigraph(scratch: Path) -> dict[str, Start]:
    folder = DataFolder(scratch / "ours")
    shutil.copytree(folder.snapshot(folder.require_build()), scratch / "oxigraph")
    return {"oxigraph": lambda path: peers.oxigraph(scratch / "oxigraph", path or "/")}


@contextmanager
def _serving(scratch: Path, side: Checkout, options: Sequence[str], awaited: str = "") -> Iterator[Server]:
    with side.serving(scratch / side.name, *FOR_ALL, *options, awaited=awaited or "/healthz") as server:
        yield server


def _first_answers(starts: Mapping[str, Start]) -> dict[tuple[str, str], float]:
    """Return the median of the seconds from a start to the first answer, the servers in turn."""
    taken: dict[tuple[str, str], list[float]] = {}
    for number in range(STARTS):
        _say(f"starts, round {number + 1} of {STARTS}")
        for name, start in starts.items():
            asked = scenarios.FIRST_ANSWERS if name not in PEERS else {"SPARQL": "/query?query=ASK%7B%7D"}
            for what, path in asked.items():
                with start(path) as server:
                    taken.setdefault((what, name), []).append(server.seconds)
    return {key: statistics.median(seconds) for key, seconds in taken.items()}


def _megabytes_at_rest(start: Start) -> float:
    """Return the memory of a server that nobody has asked; alone, since servers share the pages of libraries."""
    with start("") as server:
        server.settle()
        return sum(server.megabytes().values())


def _measure_documents(
    documents: Mapping[str, Sequence[str]],
    new: Mapping[str, Server],
    servers: Mapping[str, Server],
    rounds: int,
    results: Results,
) -> None:
    for name, paths in documents.items():
        results.documents[f"{name}, cold"] = _documents(new, paths, rounds)
        results.documents[f"{name}, made"] = _documents({side: servers[side] for side in new}, paths, rounds)


def _documents(servers: Mapping[str, Server], paths: Sequence[str], rounds: int) -> dict[str, tuple[float, float]]:
    """Ask for documents, the servers in turn; return the ms of the median document, and CPU ms of each request."""
    rounds = max(rounds, AT_LEAST // len(paths))
    asking = {name: _Asking(server) for name, server in servers.items()}
    for path in paths:  # once for what is made to be there
        for one in asking.values():
            one.seconds(path)
    began = {name: server.cpu_seconds() for name, server in servers.items()}
    taken: dict[str, dict[str, list[float]]] = {name: {path: [] for path in paths} for name in servers}
    for _ in range(rounds):
        for path in paths:
            for name, one in asking.items():
                taken[name][path].append(one.seconds(path))
    spent = {name: server.cpu_seconds() - began[name] for name, server in servers.items()}
    return {
        name: (
            statistics.median(map(statistics.median, by_path.values())) * 1000,
            spent[name] * 1000 / (rounds * len(paths)),
        )
        for name, by_path in taken.items()
    }


class _Asking:
    """Asks one server over one connection."""

    def __init__(self, server: Server) -> None:
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self._name = server.name

    def seconds(self, path: str) -> float:
        """Return the seconds from a request to the last byte of its answer."""
        began = time.perf_counter()
        self._connection.request("GET", path)
        answer = self._connection.getresponse()
        answer.read()
        if answer.status != 200:
            raise click.ClickException(f"{self._name}: {answer.status} for {path}")
        return time.perf_counter() - began


def _measure_loads(scenario: scenarios.Scenario, servers: Mapping[str, Server], rounds: int, results: Results) -> None:
    _check_rows(scenario, servers)
    first = 2
    for connections in CONNECTIONS:
        found = results.loads[scenario.name, connections] = {name: [] for name in servers}
        for _ in range(rounds):
            for name, server in servers.items():
                found[name].append(load.put(server, scenario.call(name), connections, SECONDS, first))
                first += found[name][-1].requests + connections
                server.settle()
        rates = ", ".join(f"{name} {_median(of, 'rate'):,.0f}/s" for name, of in found.items())
        _say(f"{scenario.name}, {connections} connections: {rates}")


def _check_rows(scenario: scenarios.Scenario, servers: Mapping[str, Server]) -> None:
    """Ask each server once. Raises ClickException where an answer has not as many rows as ours, which comes first."""
    rows = {name: _rows(server, scenario.call(name)) for name, server in servers.items()}
    if len({*rows.values()}) > 1 and scenario.ours.accept != scenarios.TURTLE:
        raise click.ClickException(f"{scenario.name}: the answers have not as many rows: {rows}")


def _rows(server: Server, call: Call) -> int:
    """Return how many rows an answer has; of a graph, how many lines."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    connection.request("GET", call.example, headers={"Accept": call.accept, **dict(call.headers)})
    answer = connection.getresponse()
    body = answer.read()
    connection.close()
    if answer.status != call.status:
        raise click.ClickException(f"{server.name}: status {answer.status} for {call.example[:200]}")
    return len(json.loads(body)["results"]["bindings"]) if call.accept == scenarios.JSON else body.count(b"\n")


def _show(results: Results, ours: Sequence[str]) -> None:
    if results.loads:
        figures = ("a second", "failed", "p50 / p99 ms", "CPU ms", "ratio", "CPU ratio")
        tables.show(("asked", "connections", "server", *figures), _load_rows(results, ours[0]))
    if results.documents:
        columns = ("document", *(f"{name}: {what}" for name in ours for what in ("ms", "CPU ms")))
        tables.show((*columns, *(("ratio", "CPU ratio") if len(ours) > 1 else ())), _document_rows(results, ours))
    if results.starts:
        rows: list[Sequence[str]] = [("memory at rest, MB", *(f"{of:,.0f}" for of in results.megabytes.values()))]
        for what in scenarios.FIRST_ANSWERS:
            seconds = [results.starts.get((what, name)) for name in results.megabytes]
            rows.append((f"start to {what}, s", *("" if one is None else f"{one:.2f}" for one in seconds)))
        tables.show(("", *results.megabytes), rows)
    click.echo(f"Requests that failed or had another status: {results.errors}.")


def _load_rows(results: Results, ours: str) -> Iterator[list[str]]:
    for (scenario, connections), found in results.loads.items():
        for name, measured in found.items():
            row = [scenario, str(connections), name, f"{_median(measured, 'rate'):,.0f}"]
            row += [str(sum(one.errors for one in measured) or "")]
            row += [" / ".join(f"{_median(measured, of):.2f}" for of in ("p50_ms", "p99_ms"))]
            row += [f"{_median(measured, 'cpu_ms'):.2f}"]
            for of in ("rate", "cpu_ms"):
                theirs = _median(measured, of)
                row.append(f"×{_median(found[ours], of) / theirs:.2f}" if name != ours and theirs else "")
            yield row


def _document_rows(results: Results, ours: Sequence[str]) -> Iterator[list[str]]:
    for line, found in results.documents.items():
        row = [line, *(f"{figure:.2f}" for name in ours for figure in found[name])]
        if len(ours) > 1:
            pairs = zip(*(found[name] for name in ours), strict=True)
            row += [f"×{mine / (theirs or 1):.2f}" for mine, theirs in pairs]
        yield row


def _median(measured: Iterable[Measured], what: str) -> float:
    return statistics.median([float(getattr(one, what)) for one in measured])


def _say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)
