"""Check that nothing is left to be said of a thing that a change takes away: what depends on it would hang in the air.

A thing is taken away when its last stated type goes. SHACL does not see this, since its shapes look at types.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import DefaultGraph, NamedNode, Quad

from kg import namespaces as ns
from kg.after_change import AfterChange, subject_of
from kg.faults import Fault

MOST_TOLD = 20


def check_left_over(after: AfterChange) -> Iterator[tuple[Quad, Fault]]:
    """Yield a fault for each statement about, or pointing to, a thing that is taken away, with the quad that does."""
    typed = sorted((quad for quad in after.change.removed if quad.predicate == ns.RDF_TYPE), key=str)
    for quad in typed:
        thing = subject_of(quad)
        if not after.objects(thing, ns.RDF_TYPE):
            for left in _statements_left(after, thing)[:MOST_TOLD]:
                yield quad, _fault(thing, left)


def _statements_left(after: AfterChange, thing: NamedNode) -> list[Quad]:
    store, gone = after.store, after.change.removed - after.change.added
    said = {*store.quads_for_pattern(thing, None, None, None), *store.quads_for_pattern(None, None, thing, None)}
    not_stated = (DefaultGraph(), ns.INFERRED, ns.HISTORY)
    return sorted((quad for quad in said - gone if quad.graph_name not in not_stated), key=str)


def _fault(thing: NamedNode, left: Quad) -> Fault:
    name, subject = ns.compact(thing.value), ns.compact(str(getattr(left.subject, "value", left.subject)))
    return Fault(
        "evidence",
        "Violation",
        f"{name} would be gone, and {subject} still says something of it.",
        f"{name} 将不复存在，而 {subject} 仍有关于它的陈述。",
        focus=subject,
        path=ns.compact(left.predicate.value),
        value=name,
        hint="Take that back, or change it, first.",
    )
