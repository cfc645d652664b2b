"""The copy in an engine: its state in graph/replica, and how it is loaded, changed and compared.

    <B> dcterms:identifier "…"       which data folder it is a copy of
    <B> dcterms:source "…"           the build, as long as nothing is loaded anew
    <B> cd:revision "…"              the revision that it holds, whole
    <B> dcterms:hasPart "…"          the hash of the last change in it, or in the one that it is on its way to
    <B> dcterms:isReplacedBy "…"     in its place while several requests lead to another revision,
    <B> dcterms:replaces "…"         and which revision they go on from; nothing where all is loaded

An update compares what it finds before it changes anything, so that it may be sent again, or arrive late.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import NamedTuple

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, Store, Triple

from kg.engines.client import Engine, EngineFailedError
from kg.engines.dialects import REPLICA, UNION, Dialect, union_of
from kg.errors import CityKgError
from kg.rdf import namespaces as ns
from kg.rdf.digest import QuadDigest
from kg.rdf.graphs import quad_in
from kg.rdf.lookup import match
from kg.rdf.skolemise import has_blank_node
from kg.rdf.vocabulary import CD, DCTERMS
from kg.store import Build

_AT_ONCE = 20_000
"""Triples in one request."""
_COUNTS = "SELECT ?graph (COUNT(*) AS ?count) WHERE { GRAPH ?graph { ?s ?p ?o } } GROUP BY ?graph"
_DATA_SET = NamedNode(ns.BASE)
_NAMES = {
    DCTERMS.identifier: "identifier",
    DCTERMS.source: "build",
    CD.revision: "revision",
    DCTERMS.hasPart: "change",
    DCTERMS.isReplacedBy: "becoming",
    DCTERMS.replaces: "leaving",
}


Reading = Callable[[], Iterator[Triple]]
"""Reads the triples of a graph."""


class CopyRefusedError(CityKgError):
    """The engine holds data that must not be overwritten: another data set, or more changes than here."""


@dataclass(frozen=True)
class CopyState:
    """The state of a copy, as its engine holds it; fields may be empty."""

    identifier: str
    build: str = ""
    revision: str = ""
    """The revision that is held, empty while what is held is of none."""
    change: str = ""
    """The hash of the last change of the revision, or of the one on its way."""
    becoming: str = ""
    """The revision to which the copy is on its way."""
    leaving: str = ""
    """The revision from which it is on its way."""

    @property
    def changes(self) -> int:
        """The number of changes in the revision, or in the one on its way. Raises BadValueError for any other text."""
        return changes_of(self.revision or self.becoming)

    def triples(self) -> list[Triple]:
        """Return the triples that state it."""
        values = {name: getattr(self, name) for name in _NAMES.values()}
        return [Triple(_DATA_SET, term, Literal(values[name])) for term, name in _NAMES.items() if values[name]]


def changes_of(revision: str) -> int:
    """Return how many changes a revision has, 0 for an empty name. Raises BadValueError for other texts."""
    return Build.changes_of(revision) if revision else 0


def read_copy_state(engine: Engine, *, seconds: float) -> CopyState | None:
    """Return the state of the copy in an engine, None if there is none. Raises as Engine.rows."""
    text = f"SELECT ?p ?o WHERE {{ GRAPH {REPLICA} {{ {_DATA_SET} ?p ?o }} }}"
    said = {row["p"]: row["o"] for row in engine.rows(text, seconds=seconds)}
    values = {name: said[term].value for term, name in _NAMES.items() if isinstance(said.get(term), Literal)}
    return CopyState(**values) if "identifier" in values else None


def update_text(
    dialect: Dialect, before: CopyState, after: CopyState, come: Iterable[Quad] = (), gone: Iterable[Quad] = ()
) -> str:
    """Return the update that makes a change and sets the state `after`, where the state is `before`."""
    was, will_be = before.triples(), after.triples()
    where = _in_graphs(dialect, _quads(was))  # what stays is not removed and added: Virtuoso would only remove it
    removed = _in_graphs(dialect, [*_quads(one for one in was if one not in will_be), *gone])
    added = _in_graphs(dialect, [*_quads(one for one in will_be if one not in was), *come])
    return f"DELETE {{\n{removed}}}\nINSERT {{\n{added}}}\nWHERE {{\n{where}}}"


def _quads(triples: Iterable[Triple]) -> Iterator[Quad]:
    return (quad_in(triple, REPLICA) for triple in triples)


def _in_graphs(dialect: Dialect, quads: Iterable[Quad]) -> str:
    """Return quads as a template of an update; the default graph where the dialect has it."""
    by_graph: dict[NamedNode | None, list[str]] = defaultdict(list)
    for quad in quads:
        graph = quad.graph_name
        name = graph if isinstance(graph, NamedNode) else default_graph_in(dialect)
        by_graph[name].append(f"{dialect.encode(quad.triple)} .\n")
    named = (f"GRAPH {name} {{\n{''.join(lines)}}}\n" for name, lines in by_graph.items() if name is not None)
    return "".join(by_graph.get(None, ())) + "".join(named)


def default_graph_in(dialect: Dialect) -> NamedNode | None:
    """Return the graph of an engine in which our default graph is, None for its own."""
    return None if dialect.own_default_graph else UNION


class RevisionStores(NamedTuple):
    """The stores of one revision: the whole graph, and each scope.

    While they are open they can be read, even if their snapshots are deleted.
    """

    build: str
    changes: int
    whole: Store
    scopes: Mapping[str, Store]

    def contents(self, dialect: Dialect) -> dict[NamedNode | None, Reading]:
        """Return the triples of each graph that an engine is to hold, by its name there; None is its default graph."""
        named = sorted((graph for graph in self.whole.named_graphs() if isinstance(graph, NamedNode)), key=str)
        held: dict[NamedNode | None, Reading] = {graph: _reading(self.whole, graph) for graph in named}
        if dialect.can_answer:
            held[default_graph_in(dialect)] = _reading(self.whole)
            held |= {union_of(scope): _reading(store) for scope, store in self.scopes.items()}
        return held


def _reading(store: Store, graph: NamedNode | DefaultGraph | None = None) -> Reading:
    return lambda: (quad.triple for quad in match(store, graph=graph or DefaultGraph()))


@dataclass(frozen=True)
class CopyComparison:
    """The comparison of a copy with the same revision here, with the number of graphs and triples of both.

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
    """Loads an engine; `seconds` is the limit of each request."""

    engine: Engine
    seconds: float

    def all_of(self, source: RevisionStores, held: CopyState, progress: Callable[[str, int], object]) -> None:
        """Load a revision into the engine and remove everything else. Raises EngineFailedError.

        Until all is there, its state says that it is being loaded, so that a crash leaves no copy that looks whole.
        """
        loading = CopyState(held.identifier, change=held.change, becoming=held.revision)
        self.engine.put(REPLICA, loading.triples(), seconds=self.seconds)
        contents = source.contents(self.engine.dialect)
        for number, (graph, triples) in enumerate(contents.items(), start=1):
            progress(f"loading graph {number} of {len(contents)}", len(contents))
            self._graph(graph, triples)
        for other in {*self._counts()} - {*contents}:
            self.engine.update(f"DROP SILENT GRAPH {other}", seconds=self.seconds)
        if not self.is_as_large_as(source):
            raise EngineFailedError(self.engine.address, "does not hold what was loaded into it")
        self.engine.update(update_text(self.engine.dialect, loading, held), seconds=self.seconds)
        if read_copy_state(self.engine, seconds=self.seconds) != held:
            raise EngineFailedError(self.engine.address, "holds something other than what was loaded into it")

    def refuse_strangers(self) -> None:
        """Raise CopyRefusedError if the engine holds data without the state of a copy of ours."""
        if there := self._counts():
            raise CopyRefusedError(
                f"The engine {self.engine.address} holds {sum(there.values()):,} statements, not as a copy of ours.",
                "Name an empty one; or have everything in it removed: citykg replicate --anew",
            )

    def is_as_large_as(self, source: RevisionStores) -> bool:
        """Return True if each graph has as many triples in the engine as here."""
        contents = source.contents(self.engine.dialect)
        here = {graph: sum(1 for _ in triples()) for graph, triples in contents.items()}
        return self._counts() == {graph: number for graph, number in here.items() if number}

    def compare(self, source: RevisionStores, revision: str, behind: int) -> CopyComparison:
        """Compare each graph here or of the engine by the number and a digest of its triples. Raises as Engine.rows."""
        there, contents = self._counts(), source.contents(self.engine.dialect)
        total, differing = 0, []
        for graph in sorted({*there, *contents}, key=str):
            here = _count_and_digest(contents[graph]() if graph in contents else ())
            total += here[0]
            if here != _count_and_digest(self._triples(graph) if graph in there else ()):
                differing.append(graph.value if graph not in (None, UNION) else "the default graph")
        return CopyComparison(revision, behind, len({*there, *contents}), total, tuple(differing))

    def _triples(self, graph: NamedNode | None) -> Iterator[Triple]:
        pattern = f"GRAPH {graph} {{ ?s ?p ?o }}" if graph else "?s ?p ?o"
        return self.engine.triples(f"CONSTRUCT {{ ?s ?p ?o }} WHERE {{ {pattern} }}", seconds=self.seconds)

    def _counts(self) -> dict[NamedNode | None, int]:
        """Return the number of triples of each graph in the engine, without graph/replica and empty graphs."""
        ours = {*map(NamedNode, self.engine.dialect.system), REPLICA}
        found = [(row["graph"], row["count"]) for row in self.engine.rows(_COUNTS, seconds=self.seconds)]
        if self.engine.dialect.own_default_graph:
            (row,) = self.engine.rows("SELECT (COUNT(*) AS ?count) WHERE { ?s ?p ?o }", seconds=self.seconds)
            found.append((None, row["count"]))
        return {graph: int(count.value) for graph, count in found if graph not in ours and int(count.value)}

    def _graph(self, graph: NamedNode | None, triples: Reading) -> None:
        """Replace the triples of a graph. Those with blank nodes go in one request, so that these stay the same."""
        blank = [triple for triple in triples() if has_blank_node(triple)]
        rest = (triple for triple in triples() if not has_blank_node(triple))
        self.engine.put(graph, [*blank, *islice(rest, _AT_ONCE)], seconds=self.seconds)
        while some := list(islice(rest, _AT_ONCE)):
            self.engine.add(graph, some, seconds=self.seconds)


def _count_and_digest(triples: Iterable[Triple]) -> tuple[int, str]:
    digest, number = QuadDigest(), 0
    for triple in triples:
        number += 1
        if not has_blank_node(triple):
            digest.add(Quad(triple.subject, triple.predicate, triple.object))
    return number, str(digest)


def parts(quads: Sequence[Quad], size: int) -> list[Sequence[Quad]]:
    """Return quads in parts of `size` at most; one empty part where there are none."""
    return [quads[start : start + size] for start in range(0, max(len(quads), 1), size)]
