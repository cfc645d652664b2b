"""The data graph of validation, in a store and after a change, without copies.

It is not a graph of the store, whose default graph holds what was inferred as well. But every named graph says whether
it belongs, so a look-up over all graphs that passes over the others gives the data graph, and nothing has to be kept
beside the store and in step with it. A change needs no copy either: an overlay is what the store states, less some
triples, and some more.

rdflib and pyshacl read an overlay like any graph. pyshacl sends the same text of a query for every focus node, and
reading it takes rdflib longer than answering it; so graphs here parse a text only the first time.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import pyoxigraph as ox
from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple
from rdflib import Graph, Literal, URIRef
from rdflib.namespace import NamespaceManager
from rdflib.paths import AlternativePath, InvPath, MulPath, SequencePath
from rdflib.plugins.sparql.sparql import Query
from rdflib.query import Result
from rdflib.store import Store as RdflibStore
from rdflib.term import Node

from kg.rdf import graphs
from kg.rdf.change import Change
from kg.rdf.lookup import Term, match
from kg.rdf.rdflib_bridge import Triple as RdflibTriple
from kg.rdf.rdflib_bridge import prepare_query, to_engine, to_triple
from kg.rdf.vocabulary import RDF, RDFS, SKOS
from kg.shacl.paths import Way

_OF_CONCEPTS = {RDF.type, SKOS.inScheme, SKOS.prefLabel, SKOS.definition}

NOTHING: frozenset[RdflibTriple] = frozenset()

Pattern = tuple[Node | None, Node | None, Node | None]

BUDGET = 50_000
"""Triples that a verdict may read before everything is validated instead: a few seconds' worth."""


class OverBudgetError(Exception):
    """More triples would have to be read than the budget allows."""


def is_in_data_graph(quad: Quad) -> bool:
    """Return True if a quad is part of the data graph of validation (contract: What is in which graph).

    Those are the quads of validated graphs; of the ontology `rdfs:subClassOf` between named classes; and of the
    vocabularies what makes a concept one: its type, its scheme, its names and definitions.
    """
    graph = quad.graph_name
    if not isinstance(graph, NamedNode):
        return False
    if graph == graphs.ONTOLOGY:
        return quad.predicate == RDFS.subClassOf and isinstance(quad.object, NamedNode)
    if graph.value.startswith(graphs.VOCABULARIES):
        return quad.predicate in _OF_CONCEPTS
    return graphs.is_validated(graph)


def data_graph_quads(store: Store) -> Iterator[Quad]:
    """Yield all quads of a store's data graph; its default graph, as large as all others together, is not read."""
    return (quad for graph in store.named_graphs() for quad in match(store, graph=graph) if is_in_data_graph(quad))


def quads_stating(store: Store, triple: Triple) -> Iterator[Quad]:
    """Yield each quad of the data graph that states the triple."""
    return _quads(store, triple.subject, triple.predicate, triple.object)


def _quads(store: Store, subject: Term | None, predicate: Term | None, value: Term | None) -> Iterator[Quad]:
    """Yield the matching quads of the data graph, compared with the pattern: kg.rdf.lookup says why."""
    if isinstance(subject, ox.Literal | Triple) or not isinstance(predicate, NamedNode | None):
        return
    for quad in store.quads_for_pattern(subject, predicate, value):
        if is_in_data_graph(quad) and (value is None or quad.object == value):
            yield quad


@dataclass(frozen=True)
class DataGraphChange:
    """The triples that the data graph gains and loses by a change; the two sets are disjoint."""

    added: frozenset[RdflibTriple]
    removed: frozenset[RdflibTriple]

    @classmethod
    def of(cls, change: Change, store: Store) -> DataGraphChange:
        """Return the effect of a change on the data graph of a store.

        A triple that another validated graph still states is not lost; one that is stated already is not gained.
        """
        gone = {quad for quad in change.removed - change.added if is_in_data_graph(quad) and quad in store}
        new = {quad for quad in change.added if is_in_data_graph(quad) and quad not in store}
        new_triples = {quad.triple for quad in new}
        gained = [triple for triple in new_triples if not any(quads_stating(store, triple))]
        gone_triples = {quad.triple for quad in gone} - new_triples
        lost = [triple for triple in gone_triples if all(quad in gone for quad in quads_stating(store, triple))]
        return cls(added=frozenset(map(to_triple, gained)), removed=frozenset(map(to_triple, lost)))


class DataGraph:
    """The data graph of a store, matched by patterns of rdflib terms."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def match(self, pattern: Pattern) -> Iterator[RdflibTriple]:
        """Yield each matching triple once; None in the pattern matches any term."""
        subject, predicate, value = (None if term is None else to_engine(term) for term in pattern)
        seen = set()
        for quad in _quads(self._store, subject, predicate, value):
            triple = to_triple(quad)
            if triple not in seen:
                seen.add(triple)
                yield triple


class BudgetedDataGraph(DataGraph):
    """A data graph with a cache, and a limit to the triples that are read.

    Raises OverBudgetError from `match` when the budget is spent. It serves one verdict; the store may not change then.
    """

    def __init__(self, store: Store, budget: int) -> None:
        super().__init__(store)
        self._left = budget
        self._answers: dict[Pattern, tuple[RdflibTriple, ...]] = {}

    def match(self, pattern: Pattern) -> Iterator[RdflibTriple]:
        """Yield each triple that fits, once."""
        if (answer := self._answers.get(pattern)) is None:
            answer = self._answers[pattern] = tuple(self._match_within_budget(pattern))
        return iter(answer)

    def _match_within_budget(self, pattern: Pattern) -> Iterator[RdflibTriple]:
        for triple in super().match(pattern):
            self._left -= 1
            if self._left < 0:
                raise OverBudgetError
            yield triple


class MergedDataGraph(DataGraph):
    """The data graph in the default graph of a store, as made by `merge_into_store`."""

    def match(self, pattern: Pattern) -> Iterator[RdflibTriple]:
        """Yield each triple that fits, once."""
        subject, predicate, value = (None if term is None else to_engine(term) for term in pattern)
        yield from map(to_triple, match(self._store, subject, predicate, value, DefaultGraph()))


def merge_into_store(quads: Iterable[Quad]) -> Store:
    """Return a store whose default graph is the union of quads, all of which are part of the data graph."""
    store = Store()
    store.bulk_extend(graphs.quad_in(quad, DefaultGraph()) for quad in quads)
    return store


class QueryCachingGraph(Graph):
    """An rdflib graph that caches prepared queries, for all graphs of this class together."""

    def query(self, query_object: str | Query, *args: Any, **kwargs: Any) -> Result:
        """Evaluate a query with rdflib."""
        prepared = _prepare(query_object) if isinstance(query_object, str) else query_object
        return super().query(prepared, *args, **kwargs)


@lru_cache(256)
def _prepare(text: str) -> Query:
    return prepare_query(text, {})


class Overlay(QueryCachingGraph):
    """The triples of `stated` without `removed` and with `added`. Read only."""

    def __init__(
        self, stated: DataGraph, added: Set[RdflibTriple] = NOTHING, removed: Set[RdflibTriple] = NOTHING
    ) -> None:
        super().__init__(_OverlayStore(stated, added, removed), bind_namespaces="none")
        self.namespace_manager = _NAMES

    def origins(self, way: Way, ends: set[Node]) -> set[Node]:
        """Return the nodes from which a way leads to one of the ends.

        rdflib's own paths are not asked: they take an end such as `0` or `""` for none at all and search everything.
        """
        if way is None or not ends:
            return ends
        if isinstance(way, URIRef):
            return {subject for end in ends for subject in self.subjects(way, end)}
        if isinstance(way, InvPath):
            return {value for end in ends if not isinstance(end, Literal) for value in self.objects(end, way.arg)}
        if isinstance(way, SequencePath):
            for part in reversed(way.args):
                ends = self.origins(part, ends)
            return ends
        if isinstance(way, AlternativePath):
            return set().union(*(self.origins(part, ends) for part in way.args))
        assert isinstance(way, MulPath)
        return self._origins_of_repetition(way, ends)

    def _origins_of_repetition(self, way: MulPath, ends: set[Node]) -> set[Node]:
        found = set(ends) if way.zero else set()
        ahead = self.origins(way.path, ends)
        while new := ahead - found:
            found |= new
            ahead = self.origins(way.path, new) if way.more else set()
        return found


class PlainNames(NamespaceManager):
    """No prefixes: pyshacl writes a text for every result, unused here, and shortening its IRIs takes long."""

    def bind(self, *args: Any, **kwargs: Any) -> None:
        """Ignore the prefix."""

    def normalizeUri(self, rdfTerm: str) -> str:  # noqa: N802, N803
        """Return the IRI in angle brackets."""
        return f"<{rdfTerm}>"


_NAMES = PlainNames(Graph(bind_namespaces="none"), bind_namespaces="none")
"""One for all overlays: rdflib's own is in a reference cycle with its graph, which would keep the store open."""


class _OverlayStore(RdflibStore):
    def __init__(self, stated: DataGraph, added: Set[RdflibTriple], removed: Set[RdflibTriple]) -> None:
        super().__init__()
        self._stated = stated
        self._added = _TripleIndex(added)
        self._removed = removed

    def triples(self, triple_pattern: Pattern, context: Any = None) -> Iterator[tuple[RdflibTriple, Any]]:
        for triple in self._stated.match(triple_pattern):
            if triple not in self._removed:
                yield triple, _NO_CONTEXT
        for triple in self._added.match(triple_pattern):
            yield triple, _NO_CONTEXT

    def __len__(self, context: Any = None) -> int:
        """Return 1: pyshacl and rdflib often test whether a graph is empty, and never ask for its size."""
        return 1

    def namespaces(self) -> Iterator[tuple[str, Any]]:
        return iter(())


_NO_CONTEXT: tuple[()] = ()


class _TripleIndex:
    """A few triples by subject and by object; an rdflib graph would be as slow without a match as with one."""

    def __init__(self, triples: Set[RdflibTriple]) -> None:
        self._all = list(triples)
        self._by_subject: dict[Node, list[RdflibTriple]] = defaultdict(list)
        self._by_object: dict[Node, list[RdflibTriple]] = defaultdict(list)
        for triple in triples:
            self._by_subject[triple[0]].append(triple)
            self._by_object[triple[2]].append(triple)

    def match(self, pattern: Pattern) -> Iterator[RdflibTriple]:
        subject, predicate, value = pattern
        found = self._all
        if subject is not None:
            found = self._by_subject.get(subject, [])
        elif value is not None:
            found = self._by_object.get(value, [])
        for triple in found:
            if (predicate is None or triple[1] == predicate) and (value is None or triple[2] == value):
                yield triple
