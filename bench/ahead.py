"""What it costs to make answers before anybody asks: `python -m bench ahead`.

A server with the report alone, and one with the world, is started, left alone until it has made what it makes ahead,
and changed by a curator. The table has the seconds of processor time that each takes, for pages and for documents.
"""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import Request, urlopen

import click
from rich import box
from rich.console import Console
from rich.table import Table

from bench import walk
from bench.ours import curator, serving
from bench.processes import Cost, Server
from bench.world import SIDES
from kg.building import pipeline
from kg.store import DataFolder
from server.settings import Conduct

LOOK = 2.0
"""Seconds from one look at its numbers to the next; it goes slowly for one second after each."""
LOOKS = 5
"""Looks that show the same number of documents once all are made."""
PATIENCE = 1_800.0
"""Seconds after which all is made, however slow the machine."""
_MADE = re.compile(r"^citykg_documents_ahead (\S+)$", re.MULTILINE)


@dataclass(frozen=True)
class Made:
    """What has been made ahead of a revision: the documents, what the server had cost before these, and after."""

    documents: int
    before: Cost
    after: Cost


def made_ahead(server: Server) -> Made:
    """Wait until a server has made what it makes ahead of its revision, and say what it had cost before and after.

    Raises TimeoutError where it takes too long, or makes no documents.
    """
    before, seen = server.cost(), [0]
    deadline = time.perf_counter() + PATIENCE
    while seen[-1] == 0 or len(seen) < LOOKS or len({*seen[-LOOKS:]}) > 1:
        if time.perf_counter() > deadline:
            raise TimeoutError(f"{server.name} has made {seen[-1]} documents ahead in {PATIENCE} seconds")
        time.sleep(LOOK)
        cost = server.cost()
        seen.append(_documents(server))
        if seen[-1] == 0:
            before = cost
    return Made(seen[-1], before, server.cost())


@click.command()
@click.option("--ahead-bytes", default=Conduct.ahead_bytes, show_default=True, help="As of `citykg serve`.")
def main(ahead_bytes: int) -> None:
    """Measure what is made after a start and after a change."""
    table = Table(box=box.MARKDOWN)
    for name in ("graph", "after", "documents", "pages: web s", "workers s", "documents: web s", "workers s"):
        table.add_column(name, justify="left" if name in ("graph", "after") else "right")
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as scratch:
        for title, works in SIDES.items():
            folder = DataFolder(Path(scratch) / title)
            pipeline.build(folder, works=works)
            for after, cells in _measured(folder, ahead_bytes):
                table.add_row(title, after, *cells)
    Console(width=140).print(table)


def _measured(folder: DataFolder, ahead_bytes: int) -> Iterator[tuple[str, list[str]]]:
    token = curator(folder.path)
    options = ["--processes", "1", "--log", "none", "--ahead-bytes", str(ahead_bytes)]
    with serving(folder.path, *options) as server:
        started = server.cost()
        yield "a start", _cells(started, made_ahead(server))
        changed = server.cost()
        _change(server, token)
        while _documents(server):
            time.sleep(LOOK / 10)
        yield "a change", _cells(changed, made_ahead(server))


def _documents(server: Server) -> int:
    """Return how many documents a server says that it has made."""
    with urlopen(f"{server.address}/metrics") as answer:
        found = _MADE.search(answer.read().decode())
    return int(float(found[1])) if found else 0


def _change(server: Server, token: str) -> None:
    """Make a small change: a source more."""
    request = walk.REQUESTS["changes"]
    assert request.posted
    text = request.posted[0].replace("source:london", f"source:bench-{server.port}")
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "text/turtle"}
    with urlopen(Request(server.address + request.path, text.encode(), headers)) as answer:
        assert answer.status == 201


def _cells(began: Cost, made: Made) -> list[str]:
    pages, documents = made.before.since(began, 1), made.after.since(made.before, 1)
    seconds = (pages.process, pages.worker, documents.process, documents.worker)
    return [f"{made.documents:,}", *(f"{one:.1f}" for one in seconds)]
