"""How the memory of each process of the service grows while the graph changes: `python -m bench memory`.

A round is a change, a validation, a document, a page, a label by SPARQL, and a search, each of the new revision. What a
process had after the first rounds is compared with what it has at the end: caches are filled by then, and nothing of a
revision that has passed may stay.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import click

from bench import tables
from bench.servers import Checkout, Server
from kg.rdf import namespaces as ns

WARM = 20
"""Rounds that fill caches."""
_NOTE = "<{thing}> <http://www.w3.org/2004/02/skos/core#editorialNote> {note} ."
_LABEL = "SELECT ?label { city:london skos:prefLabel ?label }"
READ = (
    *("/doc/city/london.ttl", "/doc/city/london.html"),
    *(f"/sparql?{urlencode({'query': _LABEL})}", "/search?q=london"),
)


def rounds(server: Server, token: str, numbers: range) -> dict[int, float]:
    """Make the rounds of some numbers; return the megabytes of each process after them, by its id."""
    said = urlencode({"summary": "Measured", "source": "https://example.org/", "graph": "curated/bench"})
    for number in numbers:
        _send(server, f"/changes?{said}", f'"Round {number}"@en', {"Authorization": f"Bearer {token}"})
        _send(server, "/validate", f'"Asked in round {number}"@en', {})
        for path in READ:
            _answered(Request(server.address + path))
    return server.megabytes()


@click.command()
@click.option("--rounds", "count", default=500, show_default=True, help="Rounds, the first 20 of which fill caches.")
def main(count: int) -> None:
    """Measure each process after the first rounds and at the end."""
    rows = []
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as made:
        ours, data = Checkout(), Path(made) / "data"
        ours.build(data)
        token = ours.curator(data)
        with ours.serving(data) as server:
            before = rounds(server, token, range(WARM))
            after = rounds(server, token, range(WARM, count))
            for pid in before.keys() & after.keys():
                role = "web" if pid == server.pid else "worker"
                grown = after[pid] - before[pid]
                rows.append((role, f"{before[pid]:.0f}", f"{after[pid]:.0f}", f"{grown:+.0f}"))
    click.echo(f"{count} rounds of change, validate, document, page, label, search")
    tables.show(("process", f"MB after {WARM}", f"MB after {count}", "growth"), rows)


def _send(server: Server, path: str, note: str, fields: dict[str, str]) -> None:
    body = _NOTE.format(thing=f"{ns.ID}city/london", note=note).encode()
    _answered(Request(server.address + path, body, {"Content-Type": "text/turtle", **fields}))


def _answered(request: Request) -> None:
    """Read an answer. Raises HTTPError for one that is an error."""
    with urlopen(request) as answer:
        answer.read()
