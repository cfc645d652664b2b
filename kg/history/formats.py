"""A change in machine-readable formats, and lists of changes as a feed.

PROV-O (W3C, 2013) as Turtle and N-Quads, RDF Patch (RDF Delta, version 1), JSON; Atom (RFC 4287, RFC 5005).
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as Xml

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat

from kg.history.chain import Record, change_iri
from kg.history.provenance import provenance_of
from kg.messages import quantity
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.serialise import sort_subject_first, to_bytes
from kg.rdf.vocabulary import CD, PROV, RDF

_ATOM = "http://www.w3.org/2005/Atom"
_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML has no form for (XML 1.0, section 2.2)."""


def serialise_record(record: Record, media_type: str) -> bytes:
    """Return a change as Turtle, N-Quads, RDF Patch or JSON. Raises KeyError for another media type."""
    return _WRITERS[media_type](record)


def _turtle(record: Record) -> bytes:
    """Return a change in PROV-O, with a named reference to each quad that was added or removed."""
    return to_bytes(sort_subject_first((quad.triple for quad in _description(record)), record.iri), RdfFormat.TURTLE)


def _n_quads(record: Record) -> bytes:
    """Return the same as quads of graph/history, followed by the added quads in their graphs."""
    added = "".join(f"{line}\n" for line in record.added)
    return to_bytes(_description(record), RdfFormat.N_QUADS) + added.encode()


def _rdf_patch(record: Record) -> bytes:
    """Return a change as RDF Patch: the removed quads, then the added ones, in one transaction."""
    previous = [f"H prev {change_iri(record.number - 1)} ."] if record.number > 1 else []
    lines = [
        f"H id {record.iri} .",
        *previous,
        "TX .",
        *(f"D {line}" for line in record.removed),
        *(f"A {line}" for line in record.added),
        "TC .",
    ]
    return "".join(f"{line}\n" for line in lines).encode()


def _json(record: Record) -> bytes:
    return json.dumps(record.as_full_dict(), ensure_ascii=False).encode()


_WRITERS: Mapping[str, Callable[[Record], bytes]] = {
    "text/turtle": _turtle,
    "application/n-quads": _n_quads,
    "application/rdf-patch": _rdf_patch,
    "application/json": _json,
}


@dataclass(frozen=True)
class FeedEntry:
    """An entry of a feed: its IRI, title, time and author, its page, its source or "", a summary, and what it says."""

    iri: str
    title: str
    updated: str
    author: str
    address: str
    source: str
    summary: str
    lines: Sequence[str] = ()

    @classmethod
    def of_change(cls, record: Record, lines: Sequence[str] = ()) -> FeedEntry:
        """Return the entry of a change; `lines` are the sentences that it adds or removes."""
        counted = f"{quantity(len(record.added), 'statement')} added, {len(record.removed)} removed."
        iri = record.iri.value
        return cls(iri, record.summary, record.at, record.agent, record.address, record.source, counted, lines)

    @staticmethod
    def atom_feed(name: str, title: str, entries: Sequence[FeedEntry], links: Mapping[str, str], updated: str) -> bytes:
        """Return entries as an Atom feed, in their order; its IRI ends in its `name`.

        `links` are the addresses of the feed by relation; `updated` is its date if there are no entries.
        """
        root = Xml.Element("feed", xmlns=_ATOM)
        _add_texts(root, id=ns.BASE + name, title=title)
        _add_texts(root, updated=max((entry.updated for entry in entries), default=updated))
        for relation, target in links.items():
            Xml.SubElement(root, "link", rel=relation, href=target)
        for entry in entries:
            _fill_entry(Xml.SubElement(root, "entry"), entry)
        content: bytes = Xml.tostring(root, encoding="utf-8", xml_declaration=True)
        return content


def _fill_entry(element: Xml.Element, entry: FeedEntry) -> None:
    _add_texts(element, id=entry.iri, title=entry.title, updated=entry.updated)
    _add_texts(Xml.SubElement(element, "author"), name=entry.author)
    Xml.SubElement(element, "link", rel="alternate", href=entry.address)
    if entry.source:
        Xml.SubElement(element, "link", rel="via", href=entry.source)
    _add_texts(element, summary=entry.summary)
    if entry.lines:
        _add_texts(element, content="\n".join(entry.lines))


def _add_texts(parent: Xml.Element, **texts: str) -> None:
    for name, text in texts.items():
        Xml.SubElement(parent, name).text = _NOT_IN_XML.sub("\ufffd", text)


def _description(record: Record) -> Iterator[Quad]:
    """Yield the description of a change in PROV-O (3.1 and 3.2: prov:generated, prov:invalidated)."""
    yield from dict.fromkeys(provenance_of(record))  # a source may be stated by the change that rests on it
    references = {
        reference: (relation, quad)
        for kind, relation, quads in (
            ("added", PROV.generated, record.added_quads()),
            ("removed", PROV.invalidated, record.removed_quads()),
        )
        for reference, quad in _references(record, kind, quads)
    }
    for reference, (relation, _) in references.items():
        yield Quad(record.iri, relation, reference, graphs.HISTORY)
    for reference, (_, quad) in references.items():
        yield from _reference_quads(reference, quad)


def _references(record: Record, kind: str, quads: Iterable[Quad]) -> Iterator[tuple[NamedNode, Quad]]:
    change = record.iri
    for number, quad in enumerate(sorted(quads, key=str), 1):
        yield NamedNode(f"{change.value}#{kind}-{number}"), quad


def _reference_quads(reference: NamedNode, quad: Quad) -> Iterator[Quad]:
    said = {
        RDF.type: CD.StatementReference,
        RDF.subject: quad.subject,
        RDF.predicate: quad.predicate,
        RDF.object: quad.object,
        CD.inGraph: quad.graph_name,
    }
    for predicate, value in said.items():
        assert not isinstance(value, DefaultGraph)  # the gate writes named graphs only
        yield Quad(reference, predicate, value, graphs.HISTORY)
