"""How long each page of the site takes at first sight: `python -m bench pages`.

A server that nobody has asked yet, and that has made what it makes ahead (server/service/warming.py), is walked along
its links by one client, so that no page waits for another; the time is that from sending the request to the last byte.
Of other formats and views only a few are asked for. With the world there are 50,000 pages; `--one-in 50` takes a
minute.
"""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

import click
from rich.console import Console

from bench import tables
from bench.servers import Checkout
from tests.support.crawl import Visited, crawl

BUDGET = 0.1
"""Seconds that a page may take at first sight; the results of queries are free to take longer."""
SHOWN = 20


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="A data folder; without one a new one is built.")
@click.option(
    "--one-in", default=1, show_default=True, type=click.IntRange(1), help="Walk over one in so many things of works."
)
def main(data: Path | None, one_in: int) -> None:
    """Walk over all pages, or a part of those about things; prints those that take the longest."""
    console = Console(stderr=True)
    with tempfile.TemporaryDirectory() as made:
        folder = data or Path(made) / "data"
        visited: list[Visited] = []
        with Checkout().serving(folder) as server, console.status("walking") as status:
            server.settle()
            for each in crawl(server.address, one_in=1_000, one_thing_in=one_in):
                visited.append(each)
                status.update(f"{len(visited)} addresses")
    pages = [each for each in visited if each.is_page and not each.path.startswith("/sparql?")]
    slowest = sorted(pages, key=lambda one: -one.seconds)[:SHOWN]
    click.echo(f"The {SHOWN} that take the longest at first sight")
    rows = ((each.path, f"{each.seconds * 1000:.0f}", f"{each.packed / 1000:.1f}") for each in slowest)
    tables.show(("page", "ms", "kB"), rows)
    times = sorted(each.seconds * 1000 for each in pages)
    over = sum(each.seconds > BUDGET for each in pages)
    p95 = statistics.quantiles(times, n=20)[-1]
    click.echo(
        f"{len(pages)} pages: median {times[len(times) // 2]:.0f} ms, 95th percentile {p95:.0f} ms, {over} over 100 ms"
    )
