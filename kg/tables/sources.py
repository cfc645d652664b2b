"""The source of an import: one of the graph, or one that the mapping declares."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Triple

from kg.errors import BadValueError
from kg.names import Names
from kg.rdf import namespaces as ns
from kg.rdf.lookup import literals_of, nodes_with
from kg.rdf.sources import is_address, source_declaration
from kg.rdf.vocabulary import DCTERMS
from kg.reconciliation import reason, table_refusal
from kg.tables.mapping import SourceDeclaration, TableMapping

_KINDS = ("source", "publication")
_HINT = (
    "Name one that the graph knows, such as source:geonames; or declare it in the mapping: "
    "source: {name: my-list, title: …, url: …, licence: …}."
)


@dataclass(frozen=True)
class ImportSource:
    """The source of an import: its IRI, its address, and its declaration if it is new."""

    iri: NamedNode
    address: str
    declaration: SourceDeclaration | None = None

    @property
    def graph(self) -> NamedNode:
        """The curated graph of its statements."""
        return NamedNode(f"{ns.GRAPH}curated/{self.iri.value.rpartition('/')[2]}")

    def statements(self) -> Iterator[Triple]:
        """Yield the statements that declare it; none for a source of the graph."""
        if (said := self.declaration) is not None:
            for _, predicate, value in source_declaration(said.title, said.url, said.licence):
                yield Triple(self.iri, predicate, value)


def find_source(mapping: TableMapping, given: str, names: Names) -> ImportSource:
    """Return the source of an import: `given` names one, or is its address if the mapping declares it; may be "".

    Raises BadValueError if there is no such source, RefusedSubmissionError if the mapping declares it without a title.
    """
    address = given if _is_elsewhere(given) else ""
    said = mapping.source
    find = source_with_address if address else find_known_source
    known = find(given, names) if given and not (address and said) else None
    if known is not None:
        return ImportSource(known, _address_in_graph(known, names))
    if address and said is None:
        why = f"No source with the address {given!r} is known here."
        raise BadValueError(why, "Give its title, and it becomes a new one.")
    if said is None or (given and not address and given.removeprefix("source:") != said.name):
        why = f"{given!r} is not a source that is known here." if given else "The import has no source."
        raise BadValueError(why, _HINT)
    iri = NamedNode(f"{ns.ID}source/{said.name}")
    if names.knows(iri):
        return ImportSource(iri, address or _address_in_graph(iri, names))
    if not said.title:
        why_not = reason("The source {name!r} is new, and has no title.", "Give its title in English.", name=said.name)
        raise table_refusal(why_not, mapping.file, said.line, of="mapping")
    return ImportSource(iri, address or said.url or iri.value, said)


def _is_elsewhere(given: str) -> bool:
    return given.startswith(("http://", "https://", "urn:")) and not given.startswith(ns.BASE)


def source_with_address(address: str, names: Names) -> NamedNode | None:
    """Return the source that has an address on the web; None without one."""
    there = nodes_with(names.store, DCTERMS.identifier, Literal(address))
    return next((one for one in there if ns.kind_of(one.value) == "source"), None)


def find_known_source(given: str, names: Names) -> NamedNode | None:
    """Return the source with a name, which is its IRI, the last part of that, or its label; None without one."""
    iris = (ns.thing_iri(given), *(ns.thing_iri(f"{ns.ID}{kind}/{given}") for kind in _KINDS))
    for iri in iris:
        if ns.kind_of(iri) in _KINDS and names.knows(NamedNode(iri)):
            return NamedNode(iri)
    return names.resolve(given, lambda thing: ns.kind_of(thing.value) in _KINDS).only_match


def _address_in_graph(source: NamedNode, names: Names) -> str:
    """Return the address of a source on the web that the graph has, else its IRI."""
    texts = sorted(text.value for text in literals_of(names.store, source, DCTERMS.identifier))
    return next((text for text in texts if is_address(text)), source.value)
