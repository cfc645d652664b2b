"""Passages and other sources: the order of passages, and whose statements a graph holds.

Each passage of the report has a graph `report/<slug>` of its own, each one of another work `report/<work>/<slug>`. The
passages of a data set, which are its entries, share the graph `report/<work>`: `cd:statementGraph` says which it is.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import islice
from typing import NamedTuple

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Store

from kg.rdf import namespaces as ns
from kg.rdf.authorities import AUTHORITIES
from kg.rdf.graphs import REPORT_UNION, is_curated, is_passage
from kg.rdf.lookup import Quads, match, nodes_with
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.vocabulary import CD, SCHEMA
from kg.readings import Reading


class EntrySubject(NamedTuple):
    """The subject of an entry: its identifier, the thing, and the address of the identifier."""

    identifier: str
    thing: NamedNode
    item: NamedNode


@once_per_snapshot
def reading_order(store: Store) -> dict[str, int]:
    """Return by IRI the position of each passage in a snapshot: those of the report, then work by work."""
    stated = match(store, None, CD.order, None, DefaultGraph())
    places = {
        quad.subject.value: int(quad.object.value)
        for quad in stated
        if isinstance(quad.subject, NamedNode) and isinstance(quad.object, Literal)
    }
    passages = sorted(places, key=lambda iri: (work_of_passage(iri), places[iri], iri))
    return {iri: position for position, iri in enumerate(passages, 1)}


def work_of_passage(iri: str) -> str:
    """Return the name of the work of a passage in its IRI, empty for the first work."""
    return iri.removeprefix(ns.PREFIXES["passage"]).rpartition("/")[0]


@Reading
def passages_of(store: Store, graphs: Iterable[str]) -> dict[str, str]:
    """Return by graph its passage; graphs of no passage or of several are left out."""
    found = {iri: passage_of(store, NamedNode(iri)) for iri in graphs}
    return {iri: passage.value for iri, passage in found.items() if passage is not None}


def passage_of(store: Quads, graph: NamedNode) -> NamedNode | None:
    """Return the passage whose statements a graph holds, None if it has none or several."""
    found = _first_passages(store, graph)
    return found[0] if len(found) == 1 else None


@once_per_snapshot
def virtual_graphs(store: Store) -> Mapping[str, tuple[NamedNode, ...]]:
    """Return the members of each virtual graph, by its IRI, in a snapshot.

    `graph/report` stands for the graphs of all passages of the report, `graph/report/<work>` for those of another work.
    """
    found: dict[str, list[NamedNode]] = {REPORT_UNION: []}
    for graph in store.named_graphs():
        if isinstance(graph, NamedNode) and is_passage(graph.value):
            work, slash, _ = graph.value.removeprefix(ns.REPORT).partition("/")
            if slash:
                found.setdefault(ns.REPORT + work, []).append(graph)
            elif not _is_data_set(store, graph):
                found[REPORT_UNION].append(graph)
    return {iri: tuple(graphs) for iri, graphs in found.items()}


def _is_data_set(store: Store, graph: NamedNode) -> bool:
    """Return True if a graph holds the statements of a work other than the report, by the IRIs of its passages."""
    return any("/" in passage.value.removeprefix(ns.PREFIXES["passage"]) for passage in _first_passages(store, graph))


def _first_passages(store: Quads, graph: NamedNode) -> list[NamedNode]:
    """Return two passages of a graph at most: those of a data set are many."""
    return list(islice(nodes_with(store, CD.statementGraph, graph), 2))


def named_sources(store: Quads, graph: NamedNode, thing: NamedNode | None = None) -> frozenset[str]:
    """Return the IRIs of the sources that a graph names, for a thing or at all."""
    found = match(store, thing, CD.statedIn, None, graph)
    return frozenset(quad.object.value for quad in found if isinstance(quad.object, NamedNode))


def stating_sources(store: Store, graph: NamedNode, subject: NamedNode | BlankNode) -> frozenset[str]:
    """Return the IRIs of the passages and sources of a graph's statements on a subject.

    That is the passage of the graph if it has one; else the sources that it names for the subject or its accounts, in a
    curated graph else all that it names; where it names none, the graph itself.
    """
    passages = _first_passages(store, graph)
    if len(passages) == 1:
        return frozenset([passages[0].value])
    is_own = is_curated(graph.value)
    if not passages and not is_own:
        return frozenset()
    accounts = (quad.subject for quad in match(store, None, CD.accountOf, subject, graph))
    things = [thing for thing in (subject, *accounts) if isinstance(thing, NamedNode)]
    named = frozenset[str]().union(*(named_sources(store, graph, thing) for thing in things))
    return named or (named_sources(store, graph) if is_own else named) or frozenset([graph.value])


def subject_of_entry(store: Quads, passage: NamedNode) -> EntrySubject | None:
    """Return the subject of an entry of a data set; None for other passages, or where the graph does not say it.

    It is the thing that an authority has under the name of the entry, if it is also a party to the entry's statement:
    for the entry "Q641", the thing that is `schema:sameAs` Q641 of Wikidata.
    """
    entry = next((q.object for q in match(store, passage, CD.entry, None, DefaultGraph())), None)
    if not isinstance(entry, Literal):
        return None
    name = entry.value
    account = next((q.subject for q in match(store, None, CD.statedIn, passage, DefaultGraph())), None)
    stated = [] if account is None else [q.object for q in match(store, account, CD.accountOf, None, DefaultGraph())]
    for authority in AUTHORITIES:
        if authority.as_identifier(name) == name:
            item = NamedNode(authority.address.replace("{}", name))
            for link in match(store, None, SCHEMA.sameAs, item, DefaultGraph()):
                thing = link.subject
                is_party = any(True for tie in stated for _ in match(store, tie, None, thing, DefaultGraph()))
                if isinstance(thing, NamedNode) and is_party:
                    return EntrySubject(name, thing, item)
    return None
