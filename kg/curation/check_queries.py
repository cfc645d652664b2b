"""Run the check queries on the things that a change touches, upon the graph as it would be.

A check with `gate` in its header runs for the things of one of its columns that the change describes, or no longer
does. It runs in a store of its own, which holds the statements about these things and their neighbourhood of a few
steps; so its time grows with the change and not with the graph.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pyoxigraph import NamedNode, Quad, Store

from kg.findings import Finding
from kg.history import HistoryGraph
from kg.names import Names
from kg.queries import CannedQuery, check_queries
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.change import NO_CHANGE, Change
from kg.rdf.labels import display_term
from kg.rdf.lookup import Term, match_each
from kg.rdf.skolemise import GENID
from kg.rdf.vocabulary import CD, RDFS
from kg.sparql.evaluation import select
from kg.store import Build, DataFolder
from kg.submissions import Submission
from kg.submissions.checks import check

STEPS = 3
"""From an account to its twinning, to a city, to the country of that."""

_TOUCHED = NamedNode("urn:touched")

Row = dict[str, Term]


def findings_in(submission: Submission, store: Store, names: Names | None = None) -> list[Finding]:
    """Return the findings against a submission, without SHACL's, each with its place, at most twenty for each check.

    `names` is the index of names in the store, if the caller has one. The default graph of `store` is the set union of
    all statements about the world.
    """
    return check(submission, store, _new_findings, names=names)


def names_at(folder: DataFolder, build: Build, store: Store) -> Names:
    """Return the names in the store of a build; all such stores of a process share one index."""
    return Names(store, HistoryGraph(store).revision(folder.path, build.content_hash, build.changes))


def _new_findings(change: Change, store: Store) -> Iterator[tuple[Quad, Finding]]:
    """Yield the findings of the check queries that are new, each with a quad of the change."""
    quads: dict[Term, list[Quad]] = defaultdict(list)
    for quad in change.added | change.removed:
        quads[quad.subject].append(quad)
    around = _neighbourhood(set(quads), store, change)
    asked = ((query, query.gate.of) for query in check_queries().values() if query.gate is not None)
    found = [(query, column, rows) for query, column in asked if (rows := _rows(query, column, around))]
    earlier = _neighbourhood(set(quads), store, NO_CHANGE) if found else around
    for query, column, rows in found:
        before = _rows(query, column, earlier)
        for row in rows:
            if row not in before:
                yield _quad_of(row, quads[row[column]]), _finding(query, row)


def _neighbourhood(touched: set[Term], store: Store, change: Change) -> Store:
    """Return a store with the statements about the touched things, which are marked in it, and about their neighbours.

    Inferred statements are left out. Spellings that were identified as a thing are names of it, and count as
    neighbours.
    """
    gone = change.removed - change.added
    added: dict[Term, list[Quad]] = defaultdict(list)
    for quad in change.added:
        added[quad.subject].append(quad)
    stated: set[Quad] = set()
    seen, ahead = set[Term](), set(touched)
    for _ in range(STEPS + 1):
        ahead |= {quad.subject for quad in match_each(store, ((None, CD.identifiedAs, thing) for thing in ahead))}
        there = {quad for quad in match_each(store, ((thing,) for thing in ahead)) if _is_of_the_world(quad)}
        about = (there - gone).union(*(added[thing] for thing in ahead if thing in added))
        stated |= about
        seen |= ahead
        ahead = {quad.object for quad in about if _is_ours(quad.object)} - seen
    around = Store()
    around.extend(stated)
    around.update("INSERT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }")
    around.extend(Quad(thing, _TOUCHED, thing, _TOUCHED) for thing in touched if isinstance(thing, NamedNode))
    return around


def _rows(query: CannedQuery, column: str, around: Store) -> list[Row]:
    marked = f"WHERE {{ GRAPH <{_TOUCHED.value}> {{ ?{column} <{_TOUCHED.value}> ?{column} }}"
    answer = select(around, query.text.replace("WHERE {", marked, 1))
    names = [variable.value for variable in answer.variables]
    return [{name: row[name] for name in names if row[name] is not None} for row in answer]


def _quad_of(row: Row, quads: list[Quad]) -> Quad:
    """Return the quad that has most terms in common with a row, which is probably the wrong one."""
    named = set(row.values())
    return max(sorted(quads, key=str), key=lambda quad: len(named & {quad.predicate, quad.object}))


def _finding(query: CannedQuery, row: Row) -> Finding:
    gate = query.gate
    assert gate is not None
    others = [display_term(term) for name, term in row.items() if name != gate.of]
    return Finding(
        "checks",
        gate.severity,
        query.summary,
        gate.zh,
        focus=display_term(row[gate.of]),
        value=", ".join(others) or None,
        hint=gate.hint,
        component=query.name,
    )


def _is_of_the_world(quad: Quad) -> bool:
    """Return True if a quad states something about the world, or declares a term of ours."""
    graph = quad.graph_name
    return isinstance(graph, NamedNode) and (
        graphs.is_validated(graph) or (graph == graphs.ONTOLOGY and quad.predicate == RDFS.isDefinedBy)
    )


def _is_ours(term: Term) -> bool:
    return isinstance(term, NamedNode) and term.value.startswith((ns.ID, GENID, ns.CD))
