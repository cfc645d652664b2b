"""The world several times over: its bodies and twinnings under other names, with some twinnings between the copies.

Countries, networks and terms stay one. What follows by the rules is copied with what it follows from, and so is still
what follows; nobody states the copies, and no build ever holds them.
"""

from __future__ import annotations

import random
import re
from collections.abc import Iterable, Iterator
from itertools import chain, combinations
from pathlib import Path

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, Store, parse

from kg.building import sources
from kg.measures import measures
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import CD, RDF
from kg.store import DataFolder

SHARE_ACROSS = 0.1
"""Twinnings with a body of another copy, for each twinning within one."""

_KINDS = "account|city|district|geometry|membership|polity|region|statistic|twinning|zone|passage/wikidata-2016"
_COPIED = re.compile(f"(<{re.escape(ns.ID)}(?:{_KINDS})/[^>]+|<http://www\\.wikidata\\.org/entity/Q[0-9]+)>")
_SUBJECT = re.compile(f"<{re.escape(ns.ID)}(?:{_KINDS})/")
_ENTRY = re.compile(f'(<{re.escape(CD.entry.value)}> "Q[0-9]+)"')
_STATED = NamedNode(f"{ns.GRAPH}report/wikidata-2016")


def write(world: DataFolder, folder: DataFolder, times: int, scratch: Path) -> None:
    """Write a store of so many worlds, of one that is built with it and all that follows, with measures of all."""
    build, store = world.require_build(), world.open()
    lines = scratch / "copies.nq"
    with lines.open("w", encoding="utf-8") as file:
        for quad in store:
            if quad.graph_name != graphs.MEASURES and not _is_measure(quad):
                file.writelines(_copies(f"{quad} .\n", times))
    across = list(_across(store, times))
    edges = (quad for quad in _read(lines) if quad.predicate == CD.twinnedWith)
    measured = measures(chain(edges, across), build.revision)
    with folder.lock():
        quads = chain(_read(lines), across, measured, graphs.default_graph_quads([*across, *measured]))
        counts = build.quads * times, build.inferred * times
        folder.write(quads, build.content_hash, sources.fingerprint(), counts, measured=build.revision)
    lines.unlink()


def _is_measure(quad: Quad) -> bool:
    return quad.predicate in (CD.degree, CD.betweenness, CD.community) or quad.subject == graphs.MEASURES


def _copies(line: str, times: int) -> Iterator[str]:
    yield line
    if _SUBJECT.match(line):
        for number in range(1, times):
            copied = _COPIED.sub(rf"\1-c{number}>", line)
            yield _ENTRY.sub(rf'\1-c{number}"', copied)


def _read(lines: Path) -> Iterator[Quad]:
    return parse(path=str(lines), format=RdfFormat.N_QUADS)


def _across(store: Store, times: int) -> Iterator[Quad]:
    """Yield twinnings between bodies of two copies, stated by both, with their direct edges."""
    draw = random.Random(2016)
    twinned = sorted({quad.subject.value for quad in _edges(store) if isinstance(quad.subject, NamedNode)})
    pairs = sum(1 for _ in _edges(store)) // 2
    for one, other in combinations(range(times), 2):
        for number in range(round(pairs * SHARE_ACROSS * 2 / max(1, times - 1))):
            bodies = [NamedNode(_named(draw.choice(twinned), copy)) for copy in (one, other)]
            yield from _twinning(f"bench-{one}-{other}-{number}", bodies)


def _edges(store: Store) -> Iterable[Quad]:
    return match(store, None, CD.twinnedWith, None, DefaultGraph())


def _named(iri: str, copy: int) -> str:
    return f"{iri}-c{copy}" if copy else iri


def _twinning(slug: str, bodies: list[NamedNode]) -> Iterator[Quad]:
    twinning = NamedNode(f"{ns.ID}twinning/{slug}")
    yield Quad(twinning, RDF.type, CD.Twinning, _STATED)
    for body, twin in (bodies, reversed(bodies)):
        slug_of = body.value.rpartition("/")[2]
        account = NamedNode(f"{ns.ID}account/wikidata-2016-{slug_of}--twinning-{slug}")
        entry = NamedNode(f"{ns.ID}passage/wikidata-2016/{slug_of}")
        yield Quad(twinning, CD.twin, body, _STATED)
        yield Quad(account, RDF.type, CD.Account, _STATED)
        yield Quad(account, CD.accountOf, twinning, _STATED)
        yield Quad(account, CD.statedIn, entry, _STATED)
        for edge in ("twinnedWith", "currentlyTwinnedWith"):
            yield Quad(body, NamedNode(ns.CD + edge), twin, graphs.INFERRED)
