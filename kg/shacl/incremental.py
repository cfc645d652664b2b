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

from kg.errors import CityKgError
from kg.rdf.change import Change
from kg.shacl.data_graph import (
    BUDGET,
    BudgetedStated,
    Effect,
    OverBudgetError,
    Overlay,
    Stated,
    belongs,
    in_memory,
    stated_in,
)
from kg.shacl.evaluator import Judge
from kg.shacl.findings import Result
from kg.shacl.footprints import Footprints, footprints
from kg.shacl.full import project_judge, project_shapes
from kg.shacl.ledger import Ledger, Pair
from kg.shacl.lint import untraceable
from kg.shacl.paths import Read

LARGE = 5_000
"""Quads of a change from which on everything is validated: that is faster than to search for what it touches."""


@dataclass(frozen=True)
class Verdict:
    """What a change does: findings that are new, those that it mends, and the ledger as it would be.

    `in_full` says that the change touched too much, so that everything was validated again.
    """

    new: tuple[Result, ...]
    mended: tuple[Result, ...]
    ledger: Ledger
    in_full: bool

    @property
    def conforms(self) -> bool:
        """Whether the graph as it would be has no violation, old or new."""
        return self.ledger.conforms

    def standing(self) -> Iterator[Result]:
        """Yield the findings that were there before and stay."""
        yield from (Counter(self.ledger) - Counter(self.new)).elements()


class ChangeValidation:
    """The shapes, compiled to validate changes. Serves many threads."""

    def __init__(self, shapes: Graph | None = None) -> None:
        """Compile shapes, the project's own unless others are given.

        Raises CityKgError for shapes whose verdicts cannot be traced.
        """
        self._judge = project_judge() if shapes is None else Judge(shapes)
        self._footprints = _project_footprints() if shapes is None else _traced(shapes)

    def standing(self, store: Store) -> Ledger:
        """Return the ledger of a store: validates everything."""
        return self._judge.judge_all(in_memory(stated_in(store)))

    def verdict(self, store: Store, ledger: Ledger, change: Change, budget: int = BUDGET) -> Verdict:
        """Return what a change would do to a store whose ledger is given; the store is only read.

        Reads at most `budget` triples; what touches more, or is LARGE itself, is validated with everything else.
        """
        if len(change.added) + len(change.removed) >= LARGE:
            return self._in_full(store, ledger, change)
        try:
            return self._touched(BudgetedStated(store, budget), ledger, Effect.of(change, store))
        except OverBudgetError:
            return self._in_full(store, ledger, change)

    def _touched(self, stated: Stated, ledger: Ledger, effect: Effect) -> Verdict:
        affected = self._affected(stated, effect)
        after = Overlay(stated, effect.added, effect.removed)
        found = self._judge.judge(after, self._judge.targeted_pairs(after, affected))
        return _compared(ledger, ledger.replaced(affected, found), affected)

    def _in_full(self, store: Store, ledger: Ledger, change: Change) -> Verdict:
        kept = (quad for quad in stated_in(store) if quad not in change.removed)
        after = self._judge.judge_all(in_memory(chain(kept, filter(belongs, change.added))))
        return _compared(ledger, after, ledger.findings.keys() | after.findings.keys(), in_full=True)

    def _affected(self, stated: Stated, effect: Effect) -> set[Pair]:
        """Return the pairs that a changed triple can touch.

        The search goes through the old and the new triples together: that graph contains both states, and in more
        triples a search finds more, so that one search serves both.
        """
        either = Overlay(stated, effect.added)
        ends: dict[Read, set[Node]] = defaultdict(set)
        for subject, predicate, value in effect.added | effect.removed:
            for known in (predicate, None):
                for read in self._footprints.get(known, {}):
                    ends[read].add(read.anchor(subject, value))
        pairs: set[Pair] = set()
        for read, found in ends.items():
            focuses = either.origins(read.way, found)
            pairs.update(product(self._footprints[read.predicate][read], focuses))
        return pairs


@cache
def _project_footprints() -> Footprints:
    """Return those of the project's shapes; to trace them takes longer than all else, and they serve many threads."""
    return _traced(project_shapes())


def _traced(shapes: Graph) -> Footprints:
    if findings := untraceable(shapes):
        raise CityKgError("\n".join(map(str, findings)), "See shapes/README.md, Limits.")
    return footprints(shapes)


def _compared(before: Ledger, after: Ledger, pairs: Set[Pair], in_full: bool = False) -> Verdict:
    new, mended = _beyond(after, before, pairs), _beyond(before, after, pairs)
    return Verdict(new, mended, after, in_full)


def _beyond(one: Ledger, other: Ledger, pairs: Set[Pair]) -> tuple[Result, ...]:
    """Return what the one ledger finds on the pairs and the other does not."""
    beyond: list[Result] = []
    for pair in pairs & one.findings.keys():
        beyond += (Counter(one.findings[pair]) - Counter(other.findings.get(pair, ()))).elements()
    return tuple(beyond)
