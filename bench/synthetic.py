"""A graph large enough to measure on: the real one, with thousands of cities, twinnings and activities beside it.

They are the same in each run, and stand in a graph that no build ever holds: nobody states them.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, serialize

from kg.building import contents, sources
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rules import infer
from kg.store import DataFolder
from tests.support.turtle import node

CITY = "bench-city-"
"""What the name of each city begins with; its number follows, from 0."""

_GRAPH = NamedNode(ns.GRAPH + "curated/bench")
_ACCOUNTS_OF_PASSAGE = 20

Pair = tuple[int, int]


def build(folder: DataFolder, cities: int, pairs: Path | None = None) -> int:
    """Make a store of the real facts and of so many cities, and return how many there are.

    `pairs` is a CSV file of twinned places instead (columns city, label, twin, label), cities in the order in which
    they stand there. The folder passes for one that was built from the project's files, so that `citykg serve` takes
    it as it is. What its peers load is written beside it, see `for_peers`.
    """
    named, twinned = _read(pairs, cities) if pairs else _made_up(cities)
    stated = [*sources.load(), *_cities(named), *_twinnings(twinned)]
    inferred = infer(stated)
    everything = [*stated, *inferred]
    union = graphs.set_union(everything)
    with folder.locked():
        digest = contents.content_hash(stated)
        folder.write(chain(everything, union), digest, sources.fingerprint(), (len(everything), len(inferred)))
    serialize((q for q in everything if graphs.in_default_graph(_graph(q))), str(for_peers(folder)), RdfFormat.N_QUADS)
    return len(named)


def for_peers(folder: DataFolder) -> Path:
    """Return where the same named graphs lie as N-Quads."""
    return folder.path / "for-peers.nq"


def _graph(quad: Quad) -> NamedNode:
    assert isinstance(quad.graph_name, NamedNode)
    return quad.graph_name


def _made_up(cities: int) -> tuple[list[str], list[Pair]]:
    names = [f"Bench City {number}" for number in range(cities)]
    return names, [(number, number + 1) for number in range(0, cities - 1, 2)]


def _read(path: Path, cities: int) -> tuple[list[str], list[Pair]]:
    numbers: dict[str, int] = {}
    names: list[str] = []
    pairs: set[Pair] = set()
    with path.open(encoding="utf-8", newline="") as file:
        for city, label, twin, twin_label in islice(csv.reader(file), 1, None):
            for key, name in ((city, label), (twin, twin_label)):
                if key not in numbers:
                    numbers[key] = len(names)
                    names.append(name)
            pairs.add((min(numbers[city], numbers[twin]), max(numbers[city], numbers[twin])))
    kept = sorted((a, b) for a, b in pairs if a < b < cities)
    return names[:cities], kept


def _cities(names: Iterable[str]) -> Iterator[Quad]:
    for number, name in enumerate(names):
        city = f"city:{CITY}{number}"
        yield _quad(city, "rdf:type", node("cd:City"))
        yield _quad(city, "skos:prefLabel", Literal(name, language="en"))
        yield _quad(city, "cd:within", node("country:china" if number % 2 else "country:united-kingdom"))
        yield _quad(city, "cd:adminArea", Literal(f"Area {number % 100}"))


def _twinnings(pairs: Iterable[Pair]) -> Iterator[Quad]:
    for number, (first, second) in enumerate(pairs):
        passage = f"passage:bench-{number // _ACCOUNTS_OF_PASSAGE}"
        yield _quad(passage, "skos:prefLabel", Literal(passage, language="en"))
        yield _quad(passage, "cd:order", Literal(number // _ACCOUNTS_OF_PASSAGE))
        activity = f"activity:bench-{number}"
        yield _quad(activity, "skos:prefLabel", Literal(f"Activity {number}", language="en"))
        yield _quad(activity, "cd:statedIn", node(passage))
        twinning, account = f"twinning:bench-{first}-{second}", node(f"account:bench-{first}-{second}")
        yield _quad(twinning, "rdf:type", node("cd:Twinning"))
        yield _quad(twinning, "skos:prefLabel", Literal(f"Twinning {first} and {second}", language="en"))
        for party in (first, second):
            yield _quad(twinning, "cd:twin", node(f"city:{CITY}{party}"))
            yield _quad(activity, "cd:participant", node(f"city:{CITY}{party}"))
        yield Quad(account, node("rdf:type"), node("cd:Account"), _GRAPH)
        yield Quad(account, node("cd:accountOf"), node(twinning), _GRAPH)
        yield Quad(account, node("cd:statedIn"), node(passage), _GRAPH)


def _quad(subject: str, predicate: str, value: NamedNode | Literal) -> Quad:
    return Quad(node(subject), node(predicate), value, _GRAPH)
