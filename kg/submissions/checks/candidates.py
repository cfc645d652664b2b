"""What a submission may repeat: how candidates are chosen, and told."""

from __future__ import annotations

from collections.abc import Iterable
from heapq import nsmallest
from typing import Literal as OneOf

from pyoxigraph import NamedNode

from kg.findings import Finding
from kg.rdf import namespaces as ns
from kg.submissions.checks.graph_after import ChangedQuad, GraphAfter

MOST_REPORTED = 3
"""Things that a statement is said to repeat, at most: n statements of one thing would have n * n such pairs."""


def first_few(after: GraphAfter, things: Iterable[object], count: int) -> list[NamedNode]:
    """Return a few of the things, those first that the change says nothing of."""
    named = (thing for thing in things if isinstance(thing, NamedNode))
    return nsmallest(count, named, key=lambda thing: (bool(after.additions_about(thing)), thing.value))


def repetition_finding(
    words: tuple[str, str],
    said: ChangedQuad,
    candidate: NamedNode,
    hint: str,
    severity: OneOf["Violation", "Warning"] = "Violation",
) -> Finding:
    """Return the finding that what is said repeats a candidate."""
    return Finding(
        "identity",
        severity,
        *words,
        focus=ns.compact(said.subject.value),
        path=ns.compact(said.predicate.value),
        value=ns.compact(candidate.value),
        hint=hint,
    )
