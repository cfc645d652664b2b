"""Check that nothing is left to be said of a thing that a change takes away: what depends on it would be left dangling.

A thing is taken away when its last stated type goes. SHACL does not see this, since its shapes look at types.
"""

from __future__ import annotations

from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad

from kg.findings import Finding
from kg.messages import bilingual
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import RDF
from kg.submissions.checks.graph_after import AfterChange

MOST_TOLD = 20


def check_left_over(after: AfterChange) -> Iterator[tuple[Quad, Finding]]:
    """Yield a finding for each statement about, or pointing to, a thing that is taken away, with the quad that does."""
    for said in after.removed:
        if said.predicate == RDF.type and not after.objects(said.subject, RDF.type):
            for left in _statements_left(after, said.subject)[:MOST_TOLD]:
                yield said.quad, _finding(said.subject, left)


def _statements_left(after: AfterChange, thing: NamedNode) -> list[Quad]:
    said = {*match(after.store, thing), *match(after.store, None, None, thing)}
    not_stated = {graphs.HISTORY, *graphs.NOT_STATED}
    return sorted((quad for quad in said - after.gone if quad.graph_name not in not_stated), key=str)


def _finding(thing: NamedNode, left: Quad) -> Finding:
    name, subject = ns.compact(thing.value), ns.compact(str(getattr(left.subject, "value", left.subject)))
    return Finding(
        "evidence",
        "Violation",
        *bilingual("{name} would be gone, and {subject} still says something of it.", name=name, subject=subject),
        focus=subject,
        path=ns.compact(left.predicate.value),
        value=name,
        hint="Take that back, or change it, first.",
    )
