"""Validate a change without validating everything again, with the same verdict.

1. What the change does to the triples of the data graph (`change`).
2. Which pairs of target shape and focus node that can touch: searched backwards along the footprints in the graph that
   holds the old and the new triples. A pair whose footprint meets no changed triple keeps its findings.
3. Those pairs judged anew on the graph as it would be.
4. Their findings put in the place of the old ones in the ledger.

docs/decisions/incremental-validation.md says why this is sound.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Set
from dataclasses import dataclass
from functools import cache
from itertools import chain, product

from pyoxigraph import Store
from rdflib import Graph
from rdflib.term import Node

from kg.rdf.change import Change
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
from kg.shacl.footprints import Footprints
from kg.shacl.full import judge_by_project, project_judge, project_shapes
from kg.shacl.ledger import Ledger, Pair, ValidationResult
from kg.shacl.lint import require_traceable
from kg.shacl.paths import TripleRead

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
