"""The public record of changes in graph/history, in PROV-O: author, time, reason and source."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad, Store

from kg.history.between import things_changed_between
from kg.history.records import CHANGES, Record, change_iri
from kg.names.name_index import Revision
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import DCTERMS, PROV, RDF, RDFS, XSD
from kg.readings import Reading

AGENTS = ns.BASE + "agents/"


class HistoryGraph:
    """The changes that graph/history of a store describes."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def last_change(self) -> int:
        """Return the number of the last change in the store, 0 if there is none."""
        changes = match(self._store, None, RDF.type, PROV.Activity, graphs.HISTORY)
        return max((_number(quad) for quad in changes), default=0)

    def has_change(self, number: int) -> bool:
        """Return True if the store holds the change with a number."""
        return Quad(change_iri(number), RDF.type, PROV.Activity, graphs.HISTORY) in self._store

    def has_record(self, record: Record) -> bool:
        """Return True if the store holds this very change, by its hash."""
        return Quad(record.iri, DCTERMS.identifier, Literal(record.hash), graphs.HISTORY) in self._store

    def revision(self, data: Path, content_hash: str, changes: int) -> Revision:
        """Return the revision of the store: the hash of the files, and the number of changes of a folder's history."""
        stated = match(self._store, change_iri(changes), DCTERMS.identifier, None, graphs.HISTORY)
        last = next((quad.object.value for quad in stated if isinstance(quad.object, Literal)), "")
        head = f"{changes} {last}"
        return Revision(f"{data} {content_hash}", head, lambda other: things_changed_between(data, head, other))

    @staticmethod
    @Reading
    def undone_by(store: Store, number: int) -> int | None:
        """Return the number of the change that undid a change, None if none did."""
        influenced = match(store, None, PROV.wasInfluencedBy, change_iri(number), graphs.HISTORY)
        return next((_number(quad) for quad in influenced), None)


def _number(about: Quad) -> int:
    assert isinstance(about.subject, NamedNode)
    return int(about.subject.value.removeprefix(CHANGES))


def provenance_of(record: Record) -> Iterator[Quad]:
    """Yield the description of a change for graph/history.

    Its quads are not in the graph but in the record, at the address of the change. The change has used (prov:used) the
    source that it names, and each cd:Source that it states.
    """
    change = record.iri
    agent = _agent(record.agent)
    yield _quad(change, RDF.type, PROV.Activity)
    yield _quad(change, RDFS.label, Literal(record.summary))  # in whatever language
    yield _quad(change, PROV.used, NamedNode(record.source))
    yield from (_quad(change, PROV.used, NamedNode(source)) for source in record.stated_sources())
    yield _quad(change, PROV.endedAtTime, Literal(record.at, datatype=XSD.dateTime))
    yield _quad(change, PROV.wasAssociatedWith, agent)
    yield from _agent_quads(agent, record.agent)
    if record.reviewer is not None:
        yield _quad(change, PROV.wasAssociatedWith, _agent(record.reviewer))
        yield from _agent_quads(_agent(record.reviewer), record.reviewer)
    if record.number > 1:
        yield _quad(change, PROV.wasInformedBy, change_iri(record.number - 1))
    if record.reverts is not None:
        yield _quad(change, PROV.wasInfluencedBy, change_iri(record.reverts))
    yield _quad(change, DCTERMS.identifier, Literal(record.hash))


def _agent(name: str) -> NamedNode:
    return NamedNode(AGENTS + quote(name, safe=""))


def _agent_quads(agent: NamedNode, name: str) -> Iterator[Quad]:
    yield _quad(agent, RDF.type, PROV.Agent)
    yield _quad(agent, RDFS.label, Literal(name))


def _quad(subject: NamedNode, predicate: NamedNode, value: NamedNode | Literal) -> Quad:
    return Quad(subject, predicate, value, graphs.HISTORY)
