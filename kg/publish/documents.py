"""What a server reads of things and graphs for a document."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from itertools import islice
from typing import IO, TypedDict
from urllib.parse import urlencode

from pyoxigraph import DefaultGraph, NamedNode, Store, Triple

from kg.errors import UnknownNameError
from kg.publish.entities import Description, Profile, count_description_pages, find_entity, types_of
from kg.publish.jsonld_context import json_ld_context
from kg.publish.paging import parse_page_number
from kg.publish.questions import names_in
from kg.publish.terms import Terms
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMAT
from kg.rdf.jsonld import to_jsonld
from kg.rdf.lines import (
    line_of,
    quads_of,
    serialise,
    sort_by_graph,
    sort_subject_first,
    statement_of,
    statements_in,
    to_sorted_nquads,
)
from kg.rdf.lookup import match, statements
from kg.rdf.rows import FirstRows
from kg.rdf.serialise import to_bytes
from kg.rdf.triples import PREFIXES
from kg.rdf.vocabulary import RDF
from kg.readings import Reading, WrittenReading
from kg.sparql.evaluation import select

_MOST_SHOWN = 500
"""Statements of a graph that a page shows; each has names to look up for a reader."""
_MOST_SORTED = 3_000
"""Statements of a graph up to which a page has those first that come first in a sorted list."""

_DOCUMENT = "this document"


class AboutEntity(TypedDict):
    """Which page of the description of an entity a document is: its IRI, its classes, the page, how many there are."""

    iri: str
    types: list[str]
    licence: str | None
    page: int
    pages: int


@Reading
def entity_iri(store: Store, kind: str, slug: str) -> str:
    """Return the IRI of the entity of a kind that goes by a slug. Raises what `find_entity` raises."""
    return find_entity(store, kind, slug).value


@Reading
def about_entity(store: Store, kind: str, slug: str, profile: str, page: str) -> AboutEntity:
    """Return which page is meant of the description of the entity that goes by a slug in a profile.

    Of another slug of its own it has the IRI alone. Raises what `find_entity` raises, UnknownNameError for a profile,
    PageNumberError for a page.
    """
    entity = find_entity(store, kind, slug)
    if entity.value != f"{ns.ID}{kind}/{slug}":
        return _about(store, entity)
    asked = Profile.find(profile)
    pages = count_description_pages(store, entity, asked)
    types = types_of(entity, map(line_of, match(store, entity, RDF.type)))
    return _about(store, entity, types, parse_page_number(page, pages, _DOCUMENT), pages)


@WrittenReading
def write_entity(store: Store, output: IO[bytes], suffix: str, *asked: str) -> None:
    """Write what `about_entity` returns for what is `asked`, as JSON in a line, then that page in a format.

    In it the document says in no graph what it is itself. Raises what `about_entity` raises.
    """
    kind, slug, profile, page = asked
    entity = find_entity(store, kind, slug)
    if entity.value != f"{ns.ID}{kind}/{slug}":
        output.write(json.dumps(_about(store, entity)).encode() + b"\n")
        return
    description = Description(store, entity, Profile.find(profile))
    write_page(store, output, suffix, description, parse_page_number(page, description.page_count, _DOCUMENT))


def write_page(store: Store, output: IO[bytes], suffix: str, description: Description, number: int) -> None:
    """Write a page of a description as `write_entity` does."""
    entity = description.entity
    lines = description.page(number)
    is_first = number == 1  # and so holds what is stated of the entity
    types = types_of(entity, lines if is_first else map(line_of, match(store, entity, RDF.type)))
    output.write(json.dumps(_about(store, entity, types, number, description.page_count)).encode() + b"\n")
    in_profile = {"profile": description.profile.token} if description.profile is not Profile.DESCRIPTION else {}
    whole = _document(entity, in_profile)
    address = whole if number == 1 else _document(entity, in_profile | {"page": str(number)})
    own = Terms.of(store).document_metadata(address, entity, to_sorted_nquads(lines), whole if number > 1 else None)
    # readers of JSON-LD look into the default graph; whoever wants to know who says so asks for TriG
    is_merged = suffix == "jsonld" and description.profile is not Profile.PROVENANCE
    keeps_graphs = GRAPH_FORMAT[suffix].keeps_graphs and not is_merged
    of_itself = [statement_of(triple) for triple in own]
    if keeps_graphs:
        statements = [*of_itself, *sort_by_graph(lines)]
    else:
        statements = sort_subject_first({*of_itself, *statements_in(lines)}, entity)
    if suffix == "jsonld":
        output.write(to_jsonld(quads_of(statements), json_ld_context(store), entity))
        return
    terms = {term for line in lines for term in (line if keeps_graphs else line[:3])}
    terms.update(str(term).encode() for triple in own for term in triple)
    output.write(serialise(statements, terms, GRAPH_FORMAT[suffix], PREFIXES))


def _about(store: Store, entity: NamedNode, types: Sequence[str] = (), page: int = 1, pages: int = 1) -> AboutEntity:
    """Return which page a document is; of one that was asked for by another slug no more than its IRI counts."""
    return AboutEntity(iri=entity.value, types=[*types], licence=Terms.of(store).licence, page=page, pages=pages)


def _document(entity: NamedNode, asked: dict[str, str]) -> str:
    """Return the IRI of the document about an entity, with what is asked for behind the question mark."""
    return f"{ns.BASE}doc/{entity.value.removeprefix(ns.ID)}" + (f"?{urlencode(asked)}" if asked else "")


class GraphDocument:
    """A graph as a document; without an IRI the default graph."""

    @staticmethod
    @Reading
    def check(store: Store, iri: str) -> None:
        """Raise UnknownNameError that names what is near, if there is no graph of an IRI."""
        if not store.contains_named_graph(NamedNode(iri)):
            raise UnknownNameError("graph", iri, [g.value for g in store.named_graphs() if isinstance(g, NamedNode)])

    @staticmethod
    def triples(store: Store, iri: str | None) -> list[Triple]:
        """Return what a graph states, sorted."""
        return [quad.triple for quad in statements(store, DefaultGraph() if iri is None else NamedNode(iri))]

    @staticmethod
    @WrittenReading
    def write(store: Store, output: IO[bytes], iri: str | None, suffix: str) -> None:
        """Write what a graph states in the format of a suffix."""
        output.write(to_bytes(GraphDocument.triples(store, iri), GRAPH_FORMAT[suffix].engine))

    @staticmethod
    @WrittenReading
    def write_rows(store: Store, output: IO[bytes], iri: str | None) -> None:
        """Write the first triples of a graph as rows (kg.rdf.rows), with the number of all of them.

        Those of a large graph stand as the store has them, subject by subject: to sort them all takes seconds.
        """
        graph = DefaultGraph() if iri is None else NamedNode(iri)
        count = _size(store, graph)
        stated = (
            GraphDocument.triples(store, iri)
            if count <= _MOST_SORTED
            else (quad.triple for quad in match(store, graph=graph))
        )
        found = replace(FirstRows.of_triples(islice(stated, _MOST_SHOWN)), count=count)
        output.write(replace(found, display_names=names_in(store, found)).as_json())


def _size(store: Store, graph: NamedNode | DefaultGraph) -> int:
    """Return how many statements a graph has; the engine counts them twenty times as fast as they can be read."""
    pattern = "?s ?p ?o" if isinstance(graph, DefaultGraph) else f"GRAPH {graph} {{ ?s ?p ?o }}"
    return sum(int(row["count"].value) for row in select(store, f"SELECT (COUNT(*) AS ?count) {{ {pattern} }}"))
