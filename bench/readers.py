"""The service by one process and by several, on the same data, in the same run; and what more cores would give.

`python -m bench readers`. Loads follow each other server by server, so that a noisy minute meets all of them. What a
request costs in processor time, of the process that answers it and of its worker, tells what more cores would give,
with the client on another machine.
"""

from __future__ import annotations

import math
import os
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import click
from rich.console import Console
from rich.table import Table

from bench import load, scenarios, synthetic
from bench.load import Measured
from bench.ours import serving
from bench.processes import Cost, Server
from bench.scenarios import Scenario
from kg.store import DataFolder
from server.settings import fitting

CONNECTIONS = (1, 8, 32)
MEASURED = (
    *("small SELECT, new text each time", "small SELECT, repeated", "canned query, another city each time"),
    *("entity as Turtle, not made ahead", "entity as Turtle, repeated"),
)
CORES = (2, 4, 8, 16)
WORKERS = 2
"""Workers that each process has: one of them alone would be what a load waits for."""


@dataclass(frozen=True)
class Row:
    """What a load showed on a server of so many processes, and what a request of it cost."""

    measured: Measured
    cost: Cost


@click.command()
@click.option("--seconds", default=4, show_default=True, type=click.IntRange(1), help="Seconds of each load.")
@click.option("--cities", default=10_000, show_default=True, type=click.IntRange(10_000), help="Synthetic cities.")
@click.option("--processes", default=(1, 2, 3), show_default=True, multiple=True, type=int, help="May be repeated.")
def main(seconds: int, cities: int, processes: tuple[int, ...]) -> None:
    """Measure the service by several numbers of processes; exits 1 if a request failed or was answered wrongly."""
    if not load.is_installed():
        raise click.ClickException("This needs wrk: apt-get install wrk")
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as scratch, ExitStack() as stack:
        folder = DataFolder(Path(scratch) / "data")
        count = synthetic.build(folder, cities)
        servers = {number: stack.enter_context(_server(folder.path, number)) for number in processes}
        found = _measured(servers, [one for one in scenarios.scenarios(count, "") if one.name in MEASURED], seconds)
        memory = {number: sum(server.megabytes().values()) for number, server in servers.items()}
    _show(found, memory)
    if errors := sum(row.measured.errors for row in found.values()):
        raise click.ClickException(f"{errors} requests failed or were answered with another status.")


@contextmanager
def _server(data: Path, processes: int) -> Iterator[Server]:
    options = ["--processes", str(processes), "--workers", str(WORKERS * processes)]
    with serving(data, *options, "--log", "none", "--ahead-bytes", "0", name=f"{processes} processes") as server:
        yield server


Found = dict[tuple[str, int, int], Row]
"""By scenario, connections, and number of processes."""


def _measured(servers: dict[int, Server], asked: Sequence[Scenario], seconds: int) -> Found:
    found: Found = {}
    first = 2
    for scenario in asked:
        for connections in (max(CONNECTIONS), *CONNECTIONS):  # the first time wakes all that answers later
            for number, server in servers.items():
                server.settle()
                before = server.cost()
                measured = load.put(server, scenario.ours, connections, seconds, first)
                first += measured.requests + connections
                found[scenario.name, connections, number] = Row(
                    measured, server.cost().since(before, measured.requests)
                )
    return found


def _show(found: Found, memory: dict[int, float]) -> None:
    console = Console(width=130)
    table = Table(title=f"{os.cpu_count()} cores, of which the client takes its part", title_justify="left")
    for name in (
        "what is asked",
        "connections",
        "processes",
        "a second",
        "p50 ms",
        "p99 ms",
        "ms, process",
        "ms, worker",
    ):
        table.add_column(name, justify="left" if name == "what is asked" else "right")
    for (name, connections, number), row in found.items():
        shown = (f"{row.measured.rate:,.0f}", f"{row.measured.p50_ms:.1f}", f"{row.measured.p99_ms:.1f}")
        costs = (f"{row.cost.process * 1000:.2f}", f"{row.cost.worker * 1000:.2f}")
        table.add_row(name, str(connections), str(number), *shown, *costs)
    console.print(table)
    console.print("memory (Pss, MB): " + ", ".join(f"{number}: {size:,.0f}" for number, size in memory.items()))
    console.print(_model(found))


def _model(found: Found) -> Table:
    """Return how many requests a second their cost allows, by cores and the number of processes that fits these."""
    table = Table(title="at most a second, by cores and processes, with the client elsewhere", title_justify="left")
    table.add_column("what is asked")
    shapes = [(cores, fitting(cores)) for cores in CORES]
    for cores, processes in shapes:
        table.add_column(f"{cores} cores, {processes}", justify="right")
    most = max(CONNECTIONS)
    costs = {name: row.cost for (name, connections, _), row in found.items() if connections == most}
    for name, cost in costs.items():
        table.add_row(name, *(f"{_bound(cost, cores, processes):,.0f}" for cores, processes in shapes))
    return table


def _bound(cost: Cost, cores: int, processes: int) -> float:
    """Return how many requests a second there can be: until processes, their workers, or all cores are used up."""
    by_worker = processes * WORKERS / cost.worker if cost.worker else math.inf
    return min(processes / cost.process, by_worker, cores / (cost.process + cost.worker))
