"""The questions of an analyst on the world and on ten times that, beside two peers: `python -m bench analysis`.

Each is asked as text, over HTTP and with values that nobody has asked before. The peers hold the
same triples: what follows by the rules and the measures (kg.measures) are theirs as well. Servers take turns text by
text, so that a noisy moment meets all of them, and each value is asked some times over, with another comment each time,
so that nobody has an answer ready. What preparing costs after a change is in lines of its own.
"""

from __future__ import annotations

import json
import statistics
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from shutil import copytree

import click
from pyoxigraph import DefaultGraph, QueryResultsFormat, QuerySolutions, RdfFormat, serialize

from bench import copies, peers, tables
from bench.servers import Checkout, Server
from kg.building import build
from kg.measures import measures
from kg.queries import CannedQuery, Question, find_query
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD
from kg.store import DataFolder

TIMES = (1, 10)
PATIENCE = 60.0
LONG = 1.0
"""Seconds above which a server is not asked the same value once more."""
VALUES: Mapping[str, Sequence[Mapping[str, str]]] = {
    "most-twinned-cities": [{"least": least} for least in ("25", "40", "60")],
    "most-twinned-cities?columns=city,triangles,share": [
        {"least": "0", "country": f"country:{name}"} for name in ("france", "germany", "japan")
    ],
    "hubs-two-steps-from-a-city": [{"thing": f"city:{name}"} for name in ("london", "shanghai", "seoul")],
    "map-of-countries": [{"least": least} for least in ("3", "10", "20")],
    "members-of-a-network-twinned": [{"network": f"network:{name}"} for name in ("uclg", "c40", "core-cities")],
    "one-sided-twinnings-of-a-country": [{"country": f"country:{name}"} for name in ("france", "germany", "japan")],
    "countries-by-cluster": [{"least": least} for least in ("3", "10", "30")],
    "most-twinned-cities?columns=city,people": [
        {"least": "0", "country": f"country:{name}"} for name in ("france", "germany", "japan")
    ],
}
"""The eight questions, some for other columns, and the values that each is asked with."""
_UNION = ns.GRAPH + "union"

Ask = Callable[[str], int]
"""Asks a text and returns how many rows the answer has. Raises OSError where there is none in time."""


@dataclass
class Measured:
    """What a question took a server: the seconds of each text in its rounds, and rows; or why there is no answer."""

    failure: str = ""
    rows: int = 0
    """Of all texts together."""
    taken: dict[str, list[float]] = field(default_factory=dict)

    @property
    def seconds(self) -> list[float]:
        """The median of each text; none where one had no answer."""
        return [] if self.failure else [statistics.median(rounds) for rounds in self.taken.values()]

    @property
    def middle(self) -> float:
        """The median of the seconds."""
        return statistics.median(self.seconds)

    def ask(self, ask: Ask, text: str, number: int) -> None:
        """Ask a text once more, as another one for whoever keeps answers; not where that failed, or takes long."""
        rounds = self.taken.setdefault(text, [])
        if self.failure or max(rounds, default=0) > LONG:
            return
        began = time.perf_counter()
        try:
            rows = ask(f"{text}\n# {number}")
        except OSError as error:
            self.failure = str(error)
        else:
            self.rows += 0 if rounds else rows
            rounds.append(time.perf_counter() - began)


@click.command()
@click.option("--times", multiple=True, default=TIMES, type=click.IntRange(1), help="How many worlds; may be repeated.")
@click.option("--folder", type=click.Path(file_okay=False, path_type=Path), help="Keep what is built here, or take it.")
@click.option("--without", multiple=True, type=click.Choice(["oxigraph", "virtuoso"]), help="Leave a peer out.")
@click.option(
    "--question", "names", multiple=True, type=click.Choice(list(VALUES)), help="Ask this one; may be repeated."
)
@click.option("--rounds", default=5, type=click.IntRange(1), show_default=True, help="How often each value is asked.")
def main(times: Sequence[int], folder: Path | None, without: Sequence[str], names: Sequence[str], rounds: int) -> None:
    """Measure each number of worlds, and print a table of each."""
    if "virtuoso" not in without and not peers.has_virtuoso():
        raise click.ClickException("This needs Virtuoso: apt-get install virtuoso-opensource-7-bin")
    with tempfile.TemporaryDirectory(prefix="citykg-bench-") as made:
        scratch = Path(made)
        for number in times:
            data = _built(folder or scratch, number, scratch)
            with _served(data, scratch / f"of-{number}", without) as servers:
                found = {name: _asked(servers, name, rounds) for name in names or VALUES}
            click.echo(f"{number} × the world: ms of the median and of the slowest value")
            servers_asked = list(next(iter(found.values())))
            tables.show(("question", "rows", *servers_asked, "best peer to ours"), _table_rows(found))
            _tell_preparing(data)


def _built(folder: Path, times: int, scratch: Path) -> DataFolder:
    """Return so many worlds, made unless they are there."""
    data = DataFolder(folder / f"worlds-{times}")
    if data.current() is None:
        data.path.mkdir(parents=True, exist_ok=True)
        if times == 1:
            build(data, works=["world"], measured=True)
        else:
            copies.write(_built(folder, 1, scratch), data, times, scratch)
    return data


@contextmanager
def _served(data: DataFolder, scratch: Path, without: Sequence[str]) -> Iterator[dict[str, Ask]]:
    """Run the servers on a folder; give what asks each of them."""
    scratch.mkdir()
    triples = scratch / "triples" / "all.nt"
    triples.parent.mkdir()
    serialize((quad.triple for quad in match(data.open(), graph=DefaultGraph())), str(triples), RdfFormat.N_TRIPLES)
    copytree(data.snapshot(data.require_build()), scratch / "oxigraph")
    starts: dict[str, Callable[[], AbstractContextManager[Ask]]] = {
        "ours": lambda: _over_http(_ours(data.path)),
        "oxigraph": lambda: _over_http(peers.oxigraph(scratch / "oxigraph"), "/query"),
        "virtuoso": lambda: _over_http(peers.virtuoso(triples, _UNION, scratch)),
    }
    with ExitStack() as stack:
        yield {name: stack.enter_context(start()) for name, start in starts.items() if name not in without}


def _query(asked: str) -> CannedQuery:
    name, _, columns = asked.partition("?columns=")
    return find_query(name).choose(columns)


def _asked(servers: Mapping[str, Ask], name: str, rounds: int) -> dict[str, Measured]:
    """Ask all servers a question, once for its example to warm up, then with each value in turn."""
    query = _query(name)
    example = Question(query, {parameter.name: parameter.example for parameter in query.parameters}).text()
    found = {}
    for server, ask in servers.items():
        warm = Measured()
        warm.ask(ask, example, -1)
        found[server] = Measured(warm.failure)
    for values in VALUES[name]:
        text = Question(query, values).text()
        for number in range(rounds):
            for server, ask in servers.items():
                found[server].ask(ask, text, number)
    for server, measured in found.items():
        told = measured.failure or f"{measured.rows} rows, ms {[round(one * 1000, 1) for one in measured.seconds]}"
        print(f"{name}: {server}: {told}", file=sys.stderr, flush=True)
    return found


@contextmanager
def _over_http(started: AbstractContextManager[Server], path: str = "/sparql") -> Iterator[Ask]:
    with started as server:
        yield lambda text: _rows(server, path, text)


def _rows(server: Server, path: str, text: str) -> int:
    address = f"{server.address}{path}?{urllib.parse.urlencode({'query': text})}"
    request = urllib.request.Request(address, headers={"Accept": "application/sparql-results+json"})
    try:
        with urllib.request.urlopen(request, timeout=PATIENCE) as response:
            return len(json.loads(response.read())["results"]["bindings"])
    except urllib.error.HTTPError as error:
        raise OSError(error.read(200).decode(errors="replace").partition("\n")[0]) from error


@contextmanager
def _ours(data: Path) -> Iterator[Server]:
    with Checkout().serving(data, "--ahead-bytes", "0", "--seconds", f"{PATIENCE}") as server:
        server.settle()
        yield server


def _table_rows(results: Mapping[str, Mapping[str, Measured]]) -> Iterator[tuple[str, ...]]:
    for question, found in results.items():
        mine = found["ours"]
        others = [of.middle for name, of in found.items() if name != "ours" and of.seconds]
        ratio = f"×{min(others) / mine.middle:.2f}" if others and mine.seconds else ""
        yield question, f"{mine.rows:,}", *(_cell(of, mine) for of in found.values()), ratio


def _cell(found: Measured, mine: Measured) -> str:
    if not found.seconds:
        return found.failure[:40]
    differs = "" if found.rows == mine.rows else f" ({found.rows:,} rows)"
    return f"{found.middle * 1000:,.0f} / {max(found.seconds) * 1000:,.0f}{differs}"


def _tell_preparing(data: DataFolder) -> None:
    """Say what preparing costs after a change, in seconds of processor time: the measures, and the eight answers."""
    store = data.open()
    began = time.process_time()
    measures(match(store, None, CD.twinnedWith, None, DefaultGraph()), data.require_build().revision)
    measured = time.process_time()
    for name in VALUES:
        answer = store.query(Question(_query(name)).example().text())
        assert isinstance(answer, QuerySolutions)
        answer.serialize(format=QueryResultsFormat.JSON)
    answered = time.process_time()
    print(
        f"After a change: {measured - began:.1f} s for the measures, {answered - measured:.1f} s for the eight answers."
    )
