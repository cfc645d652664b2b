"""The public record of changes in graph/history, in PROV-O: author, time, reason and source.

It identifies the revision of a store, and so the things that changed from one revision to another.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path
from urllib.parse import quote

from pyoxigraph import Literal, NamedNode, Quad, RdfFormat, Store, parse

from kg.errors import DataFolderError
from kg.history.chain import CHANGES, History, Record, change_iri
from kg.names.name_index import ChangedIris, Revision
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.lookup import literals_of, match
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
        stated = literals_of(self._store, change_iri(changes), DCTERMS.identifier, graphs.HISTORY)
        last = next((text.value for text in stated), "")
        head = f"{changes} {last}"
        return Revision(f"{data} {content_hash}", head, lambda other: things_changed_between(data, head, other))

    @staticmethod
    @Reading
    def undone_by(store: Store, numbers: list[int]) -> list[int | None]:
        """Return for each change the number of the change that undid it, None if none did, or that one was undone."""
        return [_undone_by(store, number) for number in numbers]


def _undone_by(store: Store, number: int) -> int | None:
    influenced = match(store, None, PROV.wasInfluencedBy, change_iri(number), graphs.HISTORY)
    undos = sorted(_number(quad) for quad in influenced)
    return next((undo for undo in undos if _undone_by(store, undo) is None), None)


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
    yield from (_quad(change, PROV.wasInfluencedBy, change_iri(number)) for number in record.undoes)
    yield _quad(change, DCTERMS.identifier, Literal(record.hash))


def _agent(name: str) -> NamedNode:
    return NamedNode(AGENTS + quote(name, safe=""))


def _agent_quads(agent: NamedNode, name: str) -> Iterator[Quad]:
    yield _quad(agent, RDF.type, PROV.Agent)
    yield _quad(agent, RDFS.label, Literal(name))


def _quad(subject: NamedNode, predicate: NamedNode, value: NamedNode | Literal) -> Quad:
    return Quad(subject, predicate, value, graphs.HISTORY)


def things_changed_between(data: Path, one: str, other: str) -> ChangedIris | None:
    """Return the things that the changes between two heads are about, None if the heads are of different histories.

    A head is the number of the last change and its hash, with a space between them.
    """
    (first, begun), (last, ended) = sorted((int(number), of) for number, of in (one.split(" "), other.split(" ")))
    touched, reached = ChangedIris(set(), set()), begun
    try:
        if first and _hash_of(data, first) != begun:
            return None
        for record in islice(_history(data).records(after=first), last - first):
            for line in (*record.added, *record.removed):
                for quad in parse(line, RdfFormat.N_QUADS):
                    touched.add(quad)
            reached = record.hash
    except DataFolderError:
        return None
    return touched if reached == ended else None


def _hash_of(data: Path, number: int) -> str:
    record = _history(data).get(number)
    return record.hash if record is not None else ""


@lru_cache(maxsize=4)
def _history(data: Path) -> History:
    return History(data)
