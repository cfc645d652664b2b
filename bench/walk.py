"""How far requests walk through the house: `python -m bench walk` (bench.rooms says what is counted).

Each request is made twice through Flask's test client, without the ASGI server in front, and its second time is
counted, when all that is kept is there; the build is the first of its process, as it always is. What other processes do
is not counted. The larger a submission, the more often its statements change rooms, so there are two.
"""

from __future__ import annotations

import importlib
import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

import click
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient

import kg
import server
from bench import tables
from bench.rooms import Walk, walked
from bench.servers import Checkout
from kg.cli.main import cli
from kg.publish.ready_documents import write_ready
from kg.publish.ready_documents_file import Upkeep
from kg.store.data_folder import DataFolder
from server.app import create_app
from server.service import service
from server.settings import ServerOptions
from tests.support.turtle import PREFIXES

PACKAGES = [Path(package.__path__[0]) for package in (kg, server)]
BUILD = "build"
_SHOWN = 1_000
"""Characters of an answer that is not what it should be."""

_SELECT = "SELECT ?twin ?label { ?t cd:twin city:birmingham , ?twin . ?twin skos:prefLabel ?label }"
_WORDS = "summary=As+the+council+lists+it&source=https://example.org/list&graph=curated/council"


def _source(name: str) -> str:
    return f"""{PREFIXES}
source:{name} a cd:Source ;
    skos:prefLabel "{name.title()}, as its council lists it"@en ;
    dcterms:title "Sister cities"@en ;
    dcterms:rights "not known"@en .
"""


def _twinning(one: str, other: str) -> str:
    return f"""{_source(f"{one}-{other}")}
twinning:{one}-{other} a cd:Twinning ;
    skos:prefLabel "Twinning of {one.title()} and {other.title()}"@en ;
    cd:twin city:{one} , city:{other} .
account:{one}-{other}--twinning-{one}-{other} a cd:Account ;
    cd:accountOf twinning:{one}-{other} ;
    cd:statedIn source:{one}-{other} ;
    cd:status status:current .
"""


@dataclass(frozen=True)
class Request:
    """What is asked, and answered with the status, the first and the second time; what is posted is Turtle."""

    title: str
    path: str
    status: int = 200
    accept: str = "*/*"
    posted: tuple[str, str] | None = None

    def ask(self, client: FlaskClient, time: int) -> None:
        """Ask and read the whole answer. Raises ClickException if it has another status."""
        what: dict[str, Any] = {"headers": {"Accept": self.accept}}
        if self.posted is not None:
            what |= {"method": "POST", "data": self.posted[time], "content_type": "text/turtle"}
        with client.open(self.path, **what) as response:
            answer = response.get_data(as_text=True)
        if response.status_code != self.status:
            raise click.ClickException(f"{self.title}: {response.status}\n{answer[:_SHOWN]}")


_VALIDATE, _CHANGES = "/validate", f"/changes?{_WORDS}"
REQUESTS = {
    "sparql": Request("GET /sparql?query=SELECT…", f"/sparql?query={quote(_SELECT)}", accept="text/csv"),
    "canned": Request("GET /queries/x.csv?thing=…", "/queries/twins-of-a-city.csv?thing=city:birmingham"),
    "id": Request("GET /id/city/birmingham", "/id/city/birmingham", 303),
    "doc": Request("GET /doc/city/birmingham.ttl", "/doc/city/birmingham.ttl"),
    "doc-not-ready": Request("GET /doc/city/birmingham.nt", "/doc/city/birmingham.nt"),
    "validate": Request("POST /validate, a source", _VALIDATE, posted=(_source("london"), _source("london"))),
    "validate-twinning": Request(
        "POST /validate, a twinning", _VALIDATE, posted=(_twinning("jinan", "york"), _twinning("jinan", "york"))
    ),
    "changes": Request("POST /changes, a source", _CHANGES, 201, posted=(_source("london"), _source("shanghai"))),
    "changes-twinning": Request(
        "POST /changes, a twinning", _CHANGES, 201, posted=(_twinning("jinan", "york"), _twinning("jinan", "leeds"))
    ),
}
"""The changes come last: what is judged before them is judged on the graph as it was built."""


@click.command()
@click.option("--rooms", "rooms_of", metavar="REQUEST", help="Walk this alone; list its rooms with calls into each.")
@click.option("--json", "as_json", is_flag=True, help="Print all figures and the rooms as JSON.")
def main(rooms_of: str | None, as_json: bool) -> None:
    """Print how many modules, moves and calls requests take in the web process.

    A move is a call into another module than the call before it. The thing of id and doc has its document ready, that
    of doc-not-ready has not. REQUEST is one of sparql, canned, id, doc, doc-not-ready, validate, validate-twinning,
    changes, changes-twinning, build; or MODULE:FUNCTION, a function of a package of your own that takes no arguments.
    """
    names = [rooms_of] if rooms_of else [*REQUESTS, BUILD]
    walks = {name: _own(name) for name in names if ":" in name}
    walks |= _of_requests([name for name in names if name not in walks])
    if as_json:
        click.echo(json.dumps({name: _figures(walk) for name, walk in walks.items()}, indent=1))
        return
    titles = {name: request.title for name, request in REQUESTS.items()} | {BUILD: "citykg build"}
    rows = [(name, titles.get(name, ""), len(of.rooms), of.moves, of.calls) for name, of in walks.items()]
    tables.show(("request", "", "modules", "moves", "calls"), rows)
    if rooms_of:
        tables.show(("room", "calls into it"), walks[rooms_of].rooms.most_common())


def _own(name: str) -> Walk:
    module, _, function = name.partition(":")
    try:
        task = getattr(importlib.import_module(module), function)
        package = importlib.import_module(module.partition(".")[0]).__path__[0]
    except (ImportError, AttributeError) as error:
        raise click.BadParameter(f"{name}: {error}") from error
    task()
    return walked(task, [Path(package)])


def _of_requests(names: Sequence[str]) -> dict[str, Walk]:
    if unknown := [name for name in names if name not in (*REQUESTS, BUILD)]:
        raise click.BadParameter(f"There is no request {unknown[0]!r}. Available: {', '.join([*REQUESTS, BUILD])}")
    if not names:
        return {}
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as scratch:
        data = Path(scratch) / "data"
        build, walks = partial(_build, data), {}
        if BUILD in names:
            walks[BUILD] = walked(build, PACKAGES)
        else:
            build()
        walks |= _asked(data, [name for name in names if name != BUILD])
        return {name: walks[name] for name in names}


def _build(data: Path) -> None:
    outcome = CliRunner().invoke(cli, ["build", "--data", str(data)])
    if outcome.exit_code:
        raise click.ClickException(outcome.output)


def _asked(data: Path, names: Iterable[str]) -> Iterator[tuple[str, Walk]]:
    token = Checkout().curator(data)
    app = create_app(DataFolder(data))
    _make_ready(app, "city/birmingham")
    for name in names:
        request, client = REQUESTS[name], app.test_client()
        if request.path == _CHANGES:
            client.environ_base["HTTP_AUTHORIZATION"] = f"Bearer {token}"
        request.ask(client, 0)
        yield name, walked(partial(request.ask, client, 1), PACKAGES)


def _make_ready(app: Flask, name: str) -> None:
    """Make one document ahead, that about a thing."""
    with app.test_request_context(), closing(Upkeep(service.folder, ServerOptions.ahead_bytes)) as upkeep:
        build = service.revisions.current()
        upkeep.begin(build, lambda: [name])
        upkeep.save(build, name, service.workers.write(write_ready, *name.split("/", 1)).read_all())


def _figures(walk: Walk) -> dict[str, object]:
    return {
        "modules": len(walk.rooms),
        "moves": walk.moves,
        "calls": walk.calls,
        "rooms": dict(walk.rooms.most_common()),
    }
