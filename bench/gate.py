"""The gate as users meet it: `POST /validate` and `POST /changes` of a twinning, one after the other, over HTTP.

`python -m bench gate`, with `--before FOLDER` for a checkout of another commit. A change is what users send: a new
source, and a twinning of two cities that it states, in twelve statements. `oxigraph serve` takes the same statements in
an update without any gate. Servers take turns change by change; what the gate adds is all checks, validation,
inference, the history with its two fsyncs, and the bookkeeping of revisions. Below stands what it takes to tell what
two such changes would mean (docs/decisions/effects.md), by processor, with the answers that are compared at once.
"""

from __future__ import annotations

import http.client
import random
import shutil
import statistics
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path

import click
from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from bench import peers, tables
from bench.servers import Checkout, Server, before_option, checkouts
from kg.curation.effects import AT_ONCE, effects_of
from kg.publish.answer_changes import answer_changes
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, RDF
from kg.store import DataFolder
from kg.store.staging import changed_copy

WARM = 3
"""Changes before those that count: they read what later ones find."""
CHANGES = "/changes?summary=Measured&source=https://example.org/&graph=curated/bench&acknowledge=yes"
_TURTLE = {"Content-Type": "text/turtle"}
_UPDATE = {"Content-Type": "application/sparql-update"}


@dataclass(frozen=True)
class Twinning:
    """A new source, and a twinning of two cities that it states."""

    number: int
    cities: tuple[str, str]

    @property
    def turtle(self) -> str:
        """Its statements, with their prefixes."""
        return "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in ns.PREFIXES.items()) + self._statements

    @property
    def update(self) -> str:
        """An update that adds the same statements."""
        prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in ns.PREFIXES.items())
        return f"{prefixes} INSERT DATA {{ GRAPH <{ns.GRAPH}curated/bench> {{ {self._statements} }} }}"

    @property
    def _statements(self) -> str:
        one, other = self.cities
        slugs = sorted(iri.rpartition("/")[2] for iri in self.cities)
        source, tie = f"source:bench-{self.number}", f"twinning:{'-'.join(slugs)}"
        return f"""{source} a cd:Source ; skos:prefLabel "List {self.number}"@en ;
  dcterms:title "List {self.number}"@en ; dcterms:rights "CC0"@en .
{tie} a cd:Twinning ; skos:prefLabel "Twinning of {self.number}"@en ; cd:twin <{one}> , <{other}> .
account:bench-{self.number} a cd:Account ; cd:accountOf {tie} ; cd:statedIn {source} ; cd:status status:current .
"""


@dataclass
class Timed:
    """Sends one kind of request to one server, and keeps the seconds of those that count."""

    server: Server
    path: str
    headers: dict[str, str]
    status: int
    body: Callable[[Twinning], str]
    seconds: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)

    def send(self, twinning: Twinning) -> None:
        """Send a twinning. Raises ClickException for another status than there should be."""
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=120)
        spent, began = self.server.cpu_seconds(), time.perf_counter()
        connection.request("POST", self.path, self.body(twinning).encode(), self.headers)
        answer = connection.getresponse()
        said = answer.read()
        self.seconds.append(time.perf_counter() - began)
        connection.close()
        self.cpu.append(self.server.cpu_seconds() - spent)
        if answer.status != self.status:
            raise click.ClickException(f"{self.server.name}: {answer.status} for {self.path}\n{said.decode()[:1000]}")


@click.command()
@before_option
@click.option("--with", "works", multiple=True, metavar="WORK", help="Load a work beside the report.")
@click.option("--changes", "count", default=50, show_default=True, type=click.IntRange(2), help="Changes that count.")
def main(before: Path | None, works: Sequence[str], count: int) -> None:
    """Measure validation and changes through the gate."""
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as made, ExitStack() as stack:
        scratch, sides = Path(made), checkouts(before)
        folders = [DataFolder(side.build(scratch / side.name, works)) for side in sides]
        shutil.copytree(folders[0].snapshot(folders[0].require_build()), scratch / "oxigraph")
        twinnings = _drawn(folders[0], count + WARM)
        effects = list(_rows_of_effects(folders[0], twinnings))  # before the servers are sent the same changes
        timed: dict[tuple[str, str], Timed] = {}
        for side, folder in zip(sides, folders, strict=True):
            server = stack.enter_context(side.serving(folder.path, "--ahead-bytes", "0"))
            timed |= {(what, side.name): one for what, one in _of_ours(side, folder, server)}
        peer = stack.enter_context(peers.oxigraph(scratch / "oxigraph"))
        timed["an update without a gate", peer.name] = Timed(peer, "/update", _UPDATE, 204, lambda one: one.update)
        for one in timed.values():
            one.server.settle()
        for twinning in twinnings:
            for one in timed.values():
                one.send(twinning)
        tables.show(("", "by", "p50 ms", "p95 ms", "CPU ms", "ratio to before"), _rows(timed, sides[-1].name))
        tables.show(("of two twinnings", "p50 CPU ms", "p95 CPU ms"), effects)


def _of_ours(side: Checkout, folder: DataFolder, server: Server) -> Iterator[tuple[str, Timed]]:
    token = {"Authorization": f"Bearer {side.curator(folder.path)}"}
    yield "POST /validate", Timed(server, "/validate", _TURTLE, 200, lambda one: one.turtle)
    yield "POST /changes", Timed(server, CHANGES, _TURTLE | token, 201, lambda one: one.turtle)


def _rows_of_effects(folder: DataFolder, twinnings: Sequence[Twinning]) -> Iterator[tuple[str, ...]]:
    store, works = folder.open(), folder.require_build().works
    graph, spent = NamedNode(f"{ns.GRAPH}curated/bench"), defaultdict[str, list[float]](list)
    for pair in pairwise(twinnings):
        quads = (quad for twinning in pair for quad in parse(twinning.turtle, RdfFormat.TURTLE))
        change = Change.of(Quad(one.subject, one.predicate, one.object, graph) for one in quads)
        began = time.process_time()
        effects = effects_of(store, change)
        spent["what they would mean"].append(time.process_time() - began)
        about = [one.question for one in effects.asked if one.question.values]
        asked = [one for one in about if not one.query.missing_works(works)]
        with changed_copy(folder, store, effects.whole) as copy:
            answer_changes(store, str(copy), [one.as_json() for one in asked], 60, AT_ONCE)
        spent["and the answers that change"].append(time.process_time() - began)
    for what, seconds in spent.items():
        late = sorted(seconds[WARM:])
        yield what, f"{statistics.median(late) * 1000:.0f}", f"{late[int(len(late) * 0.95)] * 1000:.0f}"


def _drawn(folder: DataFolder, count: int) -> list[Twinning]:
    """Return twinnings of pairs of cities that are not twinned, in the same order in each run."""
    store, draw = folder.open(), random.Random(2016)
    cities = sorted({_iri(quad.subject) for quad in match(store, None, RDF.type, CD.City, DefaultGraph())})
    edges = match(store, None, CD.twinnedWith, None, DefaultGraph())
    twinned = {(_iri(quad.subject), _iri(quad.object)) for quad in edges}
    found: dict[tuple[str, str], Twinning] = {}
    while len(found) < count:
        one, other = pair = tuple(sorted(draw.sample(cities, 2)))
        if pair not in twinned and pair not in found:
            found[one, other] = Twinning(len(found), (one, other))
    return list(found.values())


def _iri(term: object) -> str:
    assert isinstance(term, NamedNode)
    return term.value


def _rows(timed: dict[tuple[str, str], Timed], before: str) -> Iterator[tuple[str, ...]]:
    for (what, name), one in timed.items():
        seconds = sorted(one.seconds[WARM:])
        figures = statistics.median(seconds), seconds[int(len(seconds) * 0.95)], statistics.mean(one.cpu[WARM:])
        earlier = timed.get((what, before))
        ratio = figures[0] / statistics.median(earlier.seconds[WARM:]) if earlier and name != before else None
        yield what, name, *(f"{of * 1000:.1f}" for of in figures), f"×{ratio:.2f}" if ratio else ""
