"""Validate a change without validating everything again, with the same verdict.

1. What the change does to the triples of the data graph (`change`).
2. Which pairs of target shape and focus node that can touch: searched backwards along the footprints in the graph that
   holds the old and the new triples. A pair whose footprint meets no changed triple keeps its findings.
3. Those pairs judged anew on the graph as it would be.
4. Their findings put in the place of the old ones in the ledger.

docs/decisions/incremental-validation.md says why this is sound.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from functools import cache
from itertools import chain, product

from pyoxigraph import Store
from rdflib import RDF, SH, Graph, URIRef
from rdflib.term import Node

from kg.rdf.change import Change
from kg.shacl.constraint_reads import query_reads
from kg.shacl.data_graph import (
    BUDGET,
    BudgetedDataGraph,
    DataGraph,
    DataGraphChange,
    OverBudgetError,
    Overlay,
    data_graph_quads,
    is_in_data_graph,
    merge_into_store,
)
from kg.shacl.evaluator import Judge
from kg.shacl.full import judge_by_project, project_judge, project_shapes
from kg.shacl.ledger import Ledger, Pair, ValidationResult
from kg.shacl.lint import require_traceable
from kg.shacl.paths import TripleRead, Way, join, reads_of_class, reads_of_path
from kg.shacl.shapes_graph import TARGETS, path_of, prefixes_of, referenced_shapes, siblings

_RENAMING = re.compile(r"\\u|\b(?:PREFIX|BASE)\b", re.IGNORECASE)
"""What lets a name be written in other ways than by the declared prefixes."""
_A = re.compile(r"\ba\b")
_PAIRS = (SH.equals, SH.disjoint, SH.lessThan, SH.lessThanOrEquals)


@dataclass(frozen=True)
class _Query:
    """A SPARQL constraint on the nodes at the end of a way."""

    way: Way
    text: str
    prefixes: tuple[tuple[str, str], ...]

    def names(self, predicate: URIRef) -> bool:
        """Return True if the text may name a predicate. All that it reads are named: the linter refuses variables."""
        if _RENAMING.search(self.text):
            return True
        plain = self.text.replace("\\", "")  # which SPARQL allows before some letters of a name
        if predicate == RDF.type and _A.search(plain):
            return True
        named = (f"{prefix}:{predicate[len(iri) :]}" for prefix, iri in self.prefixes if predicate.startswith(iri))
        return str(predicate) in plain or any(name in plain for name in named)

    def reads(self) -> Iterator[TripleRead]:
        for read in query_reads(self.text, dict(self.prefixes)):
            yield TripleRead(join(self.way, read.way), read.predicate, read.backwards)


class Footprints:
    """The footprints of target shapes: by predicate, the triples on which their verdicts on a focus node can depend.

    They say too much rather than too little: whatever a constraint looks at is in them, whether or not it can tip the
    verdict. The linter refuses what could not be traced so. Thread-safe.

    rdflib takes longer to parse the queries of the shapes than all else takes to validate a change. So a query is
    parsed when a predicate is asked for that it names.
    """

    def __init__(self, shapes: Graph) -> None:
        self._readers: dict[Node | None, dict[TripleRead, set[Node]]] = defaultdict(lambda: defaultdict(set))
        self._queries: dict[_Query, set[Node]] = defaultdict(set)
        self._found: dict[Node | None, Mapping[TripleRead, Set[Node]]] = {}
        for shape in {shape for target in TARGETS for shape in shapes.subjects(target)}:
            for read in {*_target_reads(shapes, shape), *_reads(shapes, shape, None)}:
                if isinstance(read, TripleRead):
                    self._readers[read.predicate][read].add(shape)
                else:
                    self._queries[read].add(shape)

    def of(self, predicate: Node | None) -> Mapping[TripleRead, Set[Node]]:
        """Return the reads of a predicate, each with its target shapes; None for the reads of any predicate."""
        if predicate not in self._found:
            self._found[predicate] = self._find(predicate)
        return self._found[predicate]

    def _find(self, predicate: Node | None) -> Mapping[TripleRead, Set[Node]]:
        found = {read: set(using) for read, using in self._readers.get(predicate, {}).items()}
        for query, shapes in self._queries.items():
            if isinstance(predicate, URIRef) and query.names(predicate):
                for read in query.reads():
                    if read.predicate == predicate:
                        found.setdefault(read, set()).update(shapes)
        return found


def _target_reads(shapes: Graph, shape: Node) -> Iterator[TripleRead]:
    """Return the reads that make a node a focus node of the shape (SHACL 2.1.3)."""
    for _ in shapes.objects(shape, SH.targetClass):
        yield from reads_of_class(None)
    for predicate in shapes.objects(shape, SH.targetSubjectsOf):
        yield TripleRead(None, _iri(predicate))
    for predicate in shapes.objects(shape, SH.targetObjectsOf):
        yield TripleRead(None, _iri(predicate), backwards=True)


def _reads(shapes: Graph, shape: Node, way: Way) -> Iterator[TripleRead | _Query]:
    """Return the reads of a shape, and of those it refers to, for the nodes at the end of `way`."""
    path = path_of(shapes, shape)
    values = join(way, path)
    if path is not None:
        yield from reads_of_path(way, path)
    yield from _constraint_reads(shapes, shape, way, values)
    for used in referenced_shapes(shapes, shape):
        yield from _reads(shapes, used, values)
    if (shape, SH.qualifiedValueShapesDisjoint, None) in shapes:
        for sibling in siblings(shapes, shape):
            yield from _reads(shapes, sibling, values)


def _constraint_reads(shapes: Graph, shape: Node, way: Way, values: Way) -> Iterator[TripleRead | _Query]:
    if (shape, SH["class"], None) in shapes:
        yield from reads_of_class(values)
    if (shape, SH.closed, None) in shapes:
        yield TripleRead(values, None)
    for pair in _PAIRS:
        for predicate in shapes.objects(shape, pair):
            yield TripleRead(way, _iri(predicate))
    for constraint in shapes.objects(shape, SH.sparql):
        for text in shapes.objects(constraint, SH.select):
            yield _Query(way, str(text), tuple(prefixes_of(shapes, constraint).items()))


def _iri(node: Node) -> URIRef:
    assert isinstance(node, URIRef)
    return node


LARGE = 5_000
"""Quads of a change from which everything is validated: faster than a search for the affected pairs."""


@dataclass(frozen=True)
class Verdict:
    """The verdict on a change: new results, fixed ones, and the ledger after it.

    `in_full` says that the change affected too much, so that everything was validated again.
    """

    new: tuple[ValidationResult, ...]
    fixed: tuple[ValidationResult, ...]
    ledger: Ledger
    in_full: bool

    @property
    def conforms(self) -> bool:
        """True if the graph after the change has no violation, old or new."""
        return self.ledger.conforms

    def existing(self) -> Iterator[ValidationResult]:
        """Yield the results that exist before and after the change."""
        yield from (Counter(self.ledger) - Counter(self.new)).elements()


class ChangeValidation:
    """The shapes, compiled to validate changes. Thread-safe."""

    def __init__(self, shapes: Graph | None = None) -> None:
        """Compile shapes, the project's own unless others are given.

        Raises CityKgError for shapes whose verdicts cannot be traced.
        """
        self._has_own_shapes = shapes is not None
        if shapes is not None:
            require_traceable(shapes)
        self._judge = project_judge() if shapes is None else Judge(shapes)
        self._footprints = _project_footprints() if shapes is None else Footprints(shapes)

    def full_ledger(self, store: Store) -> Ledger:
        """Validate everything in a store; return its ledger."""
        data = merge_into_store(data_graph_quads(store))
        return self._judge.judge_all(data) if self._has_own_shapes else judge_by_project(data)

    def verdict(self, store: Store, ledger: Ledger, change: Change, budget: int = BUDGET) -> Verdict:
        """Return the verdict on a change to a store with the given ledger; the store is only read.

        Reads at most `budget` triples; where that is not enough, or the change is LARGE, everything is validated.
        """
        if len(change.added) + len(change.removed) >= LARGE:
            return self._validate_all(store, ledger, change)
        try:
            return self._validate_affected(BudgetedDataGraph(store, budget), ledger, DataGraphChange.of(change, store))
        except OverBudgetError:
            return self._validate_all(store, ledger, change)

    def _validate_affected(self, stated: DataGraph, ledger: Ledger, effect: DataGraphChange) -> Verdict:
        affected = self._affected_pairs(stated, effect)
        after = Overlay(stated, effect.added, effect.removed)
        found = self._judge.judge(after, self._judge.pairs_in_target(after, affected))
        return _compare(ledger, ledger.replace(affected, found), affected)

    def _validate_all(self, store: Store, ledger: Ledger, change: Change) -> Verdict:
        kept = (quad for quad in data_graph_quads(store) if quad not in change.removed)
        after = self._judge.judge_all(merge_into_store(chain(kept, filter(is_in_data_graph, change.added))))
        return _compare(ledger, after, ledger.findings.keys() | after.findings.keys(), in_full=True)

    def _affected_pairs(self, stated: DataGraph, effect: DataGraphChange) -> set[Pair]:
        """Return the pairs that a changed triple can affect.

        The search goes through the old and the new triples together: that graph contains both states, and in more
        triples a search finds more, so that one search serves both.
        """
        either = Overlay(stated, effect.added)
        ends: dict[TripleRead, set[Node]] = defaultdict(set)
        for subject, predicate, value in effect.added | effect.removed:
            for known in (predicate, None):
                for read in self._footprints.of(known):
                    ends[read].add(read.anchor(subject, value))
        pairs: set[Pair] = set()
        for read, found in ends.items():
            focuses = either.origins(read.way, found)
            pairs.update(product(self._footprints.of(read.predicate)[read], focuses))
        return pairs


@cache
def _project_footprints() -> Footprints:
    """Return the footprints of the project's shapes, cached; builds have seen that these can be traced."""
    return Footprints(project_shapes())


def _compare(before: Ledger, after: Ledger, pairs: Set[Pair], in_full: bool = False) -> Verdict:
    new, mended = _difference(after, before, pairs), _difference(before, after, pairs)
    return Verdict(new, mended, after, in_full)


def _difference(one: Ledger, other: Ledger, pairs: Set[Pair]) -> tuple[ValidationResult, ...]:
    """Return the results that one ledger has for the pairs and the other does not."""
    beyond: list[ValidationResult] = []
    for pair in pairs & one.findings.keys():
        beyond += (Counter(one.findings[pair]) - Counter(other.findings.get(pair, ()))).elements()
    return tuple(beyond)
