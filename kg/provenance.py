"""The public record of changes in graph/history, in PROV-O: who did what, when, why, from which source."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad, Store

from kg import namespaces as ns
from kg.history import Record

CHANGES = ns.BASE + "changes/"
AGENTS = ns.BASE + "agents/"

_XSD = ns.PREFIXES["xsd"]


def change_iri(number: int) -> NamedNode:
    """Return the name of a change, which its address leads to."""
    return NamedNode(f"{CHANGES}{number}")


def number_of(change: object) -> int:
    """Return the number of a change by its name. Raises ValueError if it is none."""
    if not isinstance(change, NamedNode) or not change.value.startswith(CHANGES):
        raise ValueError(f"{change} is not the name of a change")
    return int(change.value.removeprefix(CHANGES))


def undone_by(store: Store, number: int) -> int | None:
    """Return the number of the change that took a change back, None if none did."""
    influenced = store.quads_for_pattern(None, _term("prov:wasInfluencedBy"), change_iri(number), ns.HISTORY)
    return next((number_of(quad.subject) for quad in influenced), None)


def quads_of(record: Record) -> Iterator[Quad]:
    """Yield what graph/history says of a change; its quads are in the record, at its address, not in the graph."""
    change = change_iri(record.number)
    agent = _agent(record.agent)
    yield _quad(change, "rdf:type", _term("prov:Activity"))
    yield _quad(change, "rdfs:label", Literal(record.summary, language="en"))
    yield _quad(change, "prov:used", NamedNode(record.source))
    yield _quad(change, "prov:endedAtTime", Literal(record.at, datatype=NamedNode(_XSD + "dateTime")))
    yield _quad(change, "prov:wasAssociatedWith", agent)
    yield from _agent_quads(agent, record.agent)
    if record.reviewer is not None:
        yield _quad(change, "prov:wasAssociatedWith", _agent(record.reviewer))
        yield from _agent_quads(_agent(record.reviewer), record.reviewer)
    if record.number > 1:
        yield _quad(change, "prov:wasInformedBy", change_iri(record.number - 1))
    if record.reverts is not None:
        yield _quad(change, "prov:wasInfluencedBy", change_iri(record.reverts))
    yield _quad(change, "dcterms:identifier", Literal(record.hash))


def _agent(name: str) -> NamedNode:
    return NamedNode(AGENTS + quote(name, safe=""))


def _agent_quads(agent: NamedNode, name: str) -> Iterator[Quad]:
    yield _quad(agent, "rdf:type", _term("prov:Agent"))
    yield _quad(agent, "rdfs:label", Literal(name))


def _quad(subject: NamedNode, predicate: str, value: NamedNode | Literal) -> Quad:
    return Quad(subject, _term(predicate), value, ns.HISTORY)


def _term(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(ns.PREFIXES[prefix] + local)
