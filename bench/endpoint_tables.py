"""The figures of bench.endpoint, and their tables in Markdown, to be read on a terminal and pasted into a page."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from rich import box
from rich.console import Console
from rich.table import Table

from bench.load import Measured
from bench.scenarios import EMPTY, FIRST

SERVERS = ("oxigraph", "ours", "nginx", "rdflib-endpoint")
_TITLES = {"oxigraph": "oxigraph /s", "ours": "ours", "nginx": "ours, nginx", "rdflib-endpoint": "rdflib-endpoint"}
_WIDTH = 200


@dataclass
class Results:
    """All that was measured: loads by scenario, server and connections; the rest by server."""

    loads: dict[str, dict[str, dict[int, Measured]]] = field(default_factory=dict)
    items: dict[str, dict[str, int]] = field(default_factory=dict)
    failures: dict[str, dict[str, str]] = field(default_factory=dict)
    memory: dict[str, dict[str, float | str]] = field(default_factory=dict)
    starts: dict[str, dict[str, float]] = field(default_factory=dict)
    engine_ms: float = 0.0

    @property
    def errors(self) -> int:
        """Answers of a wrong status, and broken connections, in all loads."""
        return sum(m.errors for servers in self.loads.values() for levels in servers.values() for m in levels.values())


def show(results: Results) -> None:
    """Print the tables and what stands below them."""
    console = Console(width=_WIDTH)
    console.print(_loads(results))
    console.print(_memory(results))
    for line in _lines(results):
        console.print(line, highlight=False)


def _loads(results: Results) -> Table:
    table = Table(box=box.MARKDOWN)
    for name in ("asked", "connections"):
        table.add_column(name, justify="left" if name == "asked" else "right", no_wrap=True)
    for server in SERVERS:
        table.add_column(_TITLES[server], justify="right", no_wrap=True)
        table.add_column("p50 / p99 ms", justify="right", no_wrap=True)
    for scenario, servers in results.loads.items():
        for connections, base in servers["oxigraph"].items():
            cells = [cell for name in SERVERS for cell in _cells(servers.get(name, {}).get(connections), base)]
            table.add_row(scenario, str(connections), *cells)
    return table


def _cells(measured: Measured | None, base: Measured) -> tuple[str, str]:
    """Return the rate, as a multiple of the base's where that is another one and not zero, and the latencies."""
    if measured is None:
        return "", ""
    if not measured.requests:
        return "none in time", ""
    rate = f"{measured.rate:,.0f}" if measured is base or not base.requests else f"×{measured.rate / base.rate:.2f}"
    return rate, f"{measured.p50_ms:.2f} / {measured.p99_ms:.2f}"


def _memory(results: Results) -> Table:
    table = Table(box=box.MARKDOWN)
    columns = ("at rest", "under load", "web process", "workers", "seconds")
    for name in (
        "memory, MB",
        "at rest",
        "peak of the loads",
        "peak of 1M rows",
        "of its workers",
        "seconds for 1M rows",
    ):
        table.add_column(name, justify="left" if name == "memory, MB" else "right")
    for server in SERVERS:
        figures = results.memory[server]
        table.add_row(server, *(_figure(figures, column) for column in columns))
    return table


def _figure(figures: Mapping[str, float | str], column: str) -> str:
    value = figures.get(column, "")
    return f"{value:,.1f}" if column == "seconds" and value != "" else f"{value:,.0f}" if value != "" else ""


def _lines(results: Results) -> list[str]:
    ours, oxigraph = results.starts["ours"], results.starts["oxigraph"]
    waits = ", ".join(f"{what} {seconds:.2f} s" for what, seconds in ours.items())
    small, empty = results.loads[FIRST], results.loads[EMPTY]["ours"]
    shares = ", ".join(f"{small['ours'][n].rate / one.rate:.2f} at {n}" for n, one in empty.items() if one.requests)
    over = {name: small[name][1].p50_ms - results.engine_ms for name in ("ours", "oxigraph")}
    return [
        f"From the start on an existing store to the first answer: {waits}; oxigraph {oxigraph['SPARQL']:.2f} s.",
        f"A small query for the first time takes {over['ours']:.2f} ms over the engine's own {results.engine_ms:.2f} ms"
        f" (p50, one connection; oxigraph {over['oxigraph']:.2f} ms).",
        f"Its rate beside that of an empty view, by connections: {shares}.",
        f"Requests that failed or had another status: {results.errors}.",
        *(
            f"{name} had no answer: {scenario}: {why}"
            for scenario, f in results.failures.items()
            for name, why in f.items()
        ),
    ]
