"""Changes of all kinds of statements, made in a data folder without asking whether they conform."""

from __future__ import annotations

import gc
import random

from pyoxigraph import Literal, NamedNode, Quad

from kg.history import History, Record
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.serialise import lines_of
from kg.rdf.vocabulary import CD, RDF, XSD
from kg.store import DataFolder, LiveStore

GRAPHS = [NamedNode(f"{ns.GRAPH}curated/{name}") for name in ("one", "two")]
_SEE_ALSO = NamedNode(ns.PREFIXES["rdfs"] + "seeAlso")
_CITIES = [NamedNode(f"{ns.ID}city/{name}") for name in ("beijing", "london", "x", "y-1")]
_TWINNINGS = [NamedNode(f"{ns.ID}twinning/{number}") for number in range(4)]
LITERALS = [
    *(Literal(value) for value in (0, 1, -7, 255, 2**31 - 1, 2_800_000_000, True, False, "", "1", "a\n\"b\\'{}\t")),
    Literal("ä€😀", language="de"),
    Literal("北京", language="zh-hans"),
    Literal("1998", datatype=XSD.gYear),
    Literal("1998-07", datatype=XSD.gYearMonth),
    Literal("1998-07-01", datatype=XSD.date),
    Literal("2026-11-27T07:00:00Z", datatype=XSD.dateTime),
    Literal("116.99722", datatype=XSD.decimal),
    Literal("POINT(172.787 -39.759)", datatype=NamedNode("http://www.opengis.net/ont/geosparql#wktLiteral")),
]


def random_quad(of: random.Random) -> Quad:
    """Return a statement from which something may follow, or which has a literal of any kind."""
    graph = of.choice(GRAPHS)
    match of.randrange(4):
        case 0:
            return Quad(of.choice(_TWINNINGS), CD.twin, of.choice(_CITIES), graph)
        case 1:
            return Quad(of.choice(_TWINNINGS), RDF.type, CD.Twinning, graph)
        case 2:
            return Quad(of.choice(_CITIES), _SEE_ALSO, of.choice(_CITIES), graph)
        case _:
            literal = of.choice(LITERALS)
            return Quad(of.choice(_CITIES), _of_kind(literal), literal, graph)


def _of_kind(literal: Literal) -> NamedNode:
    """Return a property that has literals of one datatype: Virtuoso takes true for 1, and 1998-07 for 1998-07-01."""
    return NamedNode(f"{ns.BASE}test#{literal.datatype.value.rpartition('#')[2]}")


class RandomChanges:
    """A writer of a data folder, which makes changes; used as a block, since it holds the lock."""

    def __init__(self, folder: DataFolder, of: random.Random) -> None:
        self._folder = folder
        self._of = of
        self._history = History(folder.path)

    def __enter__(self) -> RandomChanges:
        self._lock = self._folder.lock()
        self._lock.__enter__()
        self._live = LiveStore(self._folder, self._history)
        return self

    def __exit__(self, *_: object) -> None:
        del self._live
        gc.collect()  # so that the engine lets go of the store before the lock is
        self._lock.__exit__(None, None, None)

    def make(self, size: int) -> Record:
        """Make a change of so many statements at most, some of which are added and others removed."""
        drawn = [random_quad(self._of) for _ in range(size)]
        change = Change.of(drawn[: size // 2], drawn[size // 2 :])
        left = change.remaining_in(self._live.store)
        record = Record(
            number=0,
            id=f"change {self._history.count()}",
            kind="submit",
            summary="A change",
            source="https://example.org/source",
            agent="ann",
            at="2026-11-27T07:00:00Z",
            added=lines_of(left.added),
            removed=lines_of(left.removed),
        )
        made = self._history.append(record)
        self._live.catch_up(self._history)
        return made
