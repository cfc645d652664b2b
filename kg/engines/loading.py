"""Load the whole graph into an engine by the Graph Store HTTP Protocol, and compare what it holds with what is here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from typing import cast

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kg.engines.client import Engine, EngineFailedError
from kg.engines.dialects import REPLICA, UNION
from kg.engines.held import Held, held_by, replacing
from kg.errors import CityKgError
from kg.rdf.digest import Digest
from kg.rdf.lookup import match

_AT_ONCE = 20_000
"""Triples in one request."""
_DEFAULT = DefaultGraph()
_COUNTS = "SELECT ?graph (COUNT(*) AS ?count) WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"


class CopyRefusedError(CityKgError):
    """The engine holds what must not be written over: another data set, or more changes than there are here."""


@dataclass(frozen=True)
class Compared:
    """How the copy in an engine compares with the same revision here: both have so many graphs and triples.

    `differing` names the graphs that hold other triples, the default graph among them; blank nodes count, but their
    names do not. `behind` is how many changes the revision lacks.
    """

    revision: str
    behind: int
    graphs: int
    triples: int
    differing: tuple[str, ...]


@dataclass(frozen=True)
class Load:
    """A way to load an engine, whose requests may each take so many seconds."""

    engine: Engine
    seconds: float

    def all_of(self, store: Store, held: Held, progress: Callable[[str, int], object]) -> None:
        """Let the engine hold what a store holds, say so, and nothing else. Raises EngineFailedError, QueryError.

        Until all is there, the engine says that it is on its way, so that whoever dies leaves no copy that looks whole.
        """
        loading = Held(held.identifier, change=held.change, becoming=held.revision)
        self.engine.put(REPLICA, loading.triples(), seconds=self.seconds)
        graphs = sorted((graph for graph in store.named_graphs() if isinstance(graph, NamedNode)), key=str)
        whole: list[NamedNode | DefaultGraph] = [_DEFAULT, *graphs]
        for number, graph in enumerate(whole, start=1):
            progress(f"loading graph {number} of {len(whole)}", len(whole))
            self._graph(store, graph)
        for other in {*self.engine.graphs(seconds=self.seconds)} - {graph.value for graph in graphs}:
            self.engine.update(f"DROP SILENT GRAPH <{other}>", seconds=self.seconds)
        if not self.is_as_large_as(store):
            raise EngineFailedError(self.engine.address, "does not hold what was loaded into it")
        self.engine.update(replacing(self.engine.dialect, loading, held), seconds=self.seconds)
        if held_by(self.engine, seconds=self.seconds) != held:
            raise EngineFailedError(self.engine.address, "holds something else than was loaded into it")

    def refuse_strangers(self) -> None:
        """Raise CopyRefusedError if the engine holds something, and does not say that it is a copy of ours."""
        if there := self._counts():
            raise CopyRefusedError(
                f"The engine {self.engine.address} holds {sum(there.values()):,} statements, not as a copy of ours.",
                "Name an empty one; or have everything in it removed: citykg replicate --anew",
            )

    def is_as_large_as(self, store: Store) -> bool:
        """Tell whether each graph has as many triples in the engine as in a store."""
        here = Counter(quad.graph_name for quad in store)
        return self._counts() == {name: number for name, number in here.items() if number}

    def compared(self, store: Store, revision: str = "", behind: int = 0) -> Compared:
        """Compare each graph of a store or of the engine by the number and a digest of its triples.

        Raises as Engine.evaluate.
        """
        there = self._counts()
        graphs = {graph for graph in store.named_graphs() if isinstance(graph, NamedNode)} | {*there, _DEFAULT}
        triples, differing = 0, []
        for graph in sorted(graphs, key=str):
            name = graph.value if isinstance(graph, NamedNode) else ""
            here = _digested(_triples(store, graph))
            triples += here[0]
            if here != (self._digested(name) if graph in there else _NOTHING):
                differing.append(name or "the default graph")
        return Compared(revision, behind, len(graphs), triples, tuple(differing))

    def _digested(self, name: str) -> tuple[int, str]:
        pattern = f"GRAPH <{name}> {{ ?s ?p ?o }}" if name else "?s ?p ?o"
        text, named = f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}", [name] if name else []
        with self.engine.evaluate(text, "CONSTRUCT", seconds=self.seconds, named_graphs=named) as answer:
            return _digested(cast(Iterator[Triple], answer))

    def _counts(self) -> dict[NamedNode | DefaultGraph, int]:
        """Return how many triples each graph of the data set has in the engine; none where it has none."""
        hidden = self.engine.dialect.hidden - {UNION.value}
        found: dict[NamedNode | DefaultGraph, int] = {}
        for row in self.engine.rows(_COUNTS, seconds=self.seconds):
            graph, number = row["graph"], row["count"]
            if isinstance(graph, NamedNode) and graph.value not in hidden and isinstance(number, Literal):
                found[_DEFAULT if graph == UNION else graph] = int(number.value)
        if self.engine.dialect.own_default_graph:
            (row,) = self.engine.rows("SELECT (COUNT(*) AS ?count) WHERE { ?s ?p ?o }", seconds=self.seconds)
            found[_DEFAULT] = int(row["count"].value)
        return {graph: number for graph, number in found.items() if number}

    def _graph(self, store: Store, graph: NamedNode | DefaultGraph) -> None:
        """Let a graph hold what it holds in a store. Blank nodes go in one request, so that they stay the same."""
        name = self._name(graph)
        blank = [triple for triple in _triples(store, graph) if _has_blank(triple)]
        rest = (triple for triple in _triples(store, graph) if not _has_blank(triple))
        self.engine.put(name, [*blank, *islice(rest, _AT_ONCE)], seconds=self.seconds)
        while some := list(islice(rest, _AT_ONCE)):
            self.engine.add(name, some, seconds=self.seconds)

    def _name(self, graph: NamedNode | DefaultGraph) -> NamedNode | None:
        if isinstance(graph, NamedNode):
            return graph
        return None if self.engine.dialect.own_default_graph else UNION


def _digested(triples: Iterable[Triple]) -> tuple[int, str]:
    digest, number = Digest(), 0
    for triple in triples:
        number += 1
        if not _has_blank(triple):
            digest.add(Quad(triple.subject, triple.predicate, triple.object))
    return number, str(digest)


_NOTHING = _digested(())


def _triples(store: Store, graph: NamedNode | DefaultGraph) -> Iterator[Triple]:
    return (quad.triple for quad in match(store, graph=graph))


def _has_blank(triple: Triple) -> bool:
    return isinstance(triple.subject, BlankNode) or isinstance(triple.object, BlankNode)
