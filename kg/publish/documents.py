"""Documents about things and whole graphs, as the service sends them."""

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
from kg.publish.paging import describe_page, parse_page_number
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
"""Statements of a graph on its page, at most: the names of each have to be looked up."""
_MOST_SORTED = 3_000
"""Size up to which the statements of a graph are sorted for its page."""

_DOCUMENT = "this document"


class AboutEntity(TypedDict):
    """Which page of a description a document is: IRI and classes of the entity, licence, creator, page, pages."""

    iri: str
    types: list[str]
    licence: str | None
    creator: str | None
    page: int
    pages: int


@Reading
def entity_iri(store: Store, kind: str, slug: str) -> str:
    """Return the IRI of the entity of a kind with a slug or alias. Raises what `find_entity` raises."""
    return find_entity(store, kind, slug).value


@Reading
def about_entity(store: Store, kind: str, slug: str, profile: str, page: str) -> AboutEntity:
    """Return which page of the description of an entity is requested, in a profile.

    If the slug is an alias, only the IRI is filled in. Raises what `find_entity` raises, UnknownNameError for a
    profile, and PageNumberError for a page.
    """
    entity = find_entity(store, kind, slug)
    if entity.value != f"{ns.ID}{kind}/{slug}":
        return _about(store, entity)
    requested = Profile.find(profile)
    pages = count_description_pages(store, entity, requested)
    types = types_of(entity, map(line_of, match(store, entity, RDF.type)))
    return _about(store, entity, types, parse_page_number(page, pages, _DOCUMENT), pages)


@WrittenReading
def write_entity(store: Store, output: IO[bytes], suffix: str, *request: str) -> None:
    """Write the result of `about_entity` as a line of JSON, then that page in a format; `request` are its arguments.

    In formats with graphs a statement stands in each that states it, and in the default graph, as the statements of the
    document about itself do; of the profile with provenance these are there alone. Raises what `about_entity` raises.
    """
    kind, slug, profile, page = request
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
    is_first = number == 1  # which has the statements about the entity itself
    types = types_of(entity, lines if is_first else map(line_of, match(store, entity, RDF.type)))
    output.write(json.dumps(_about(store, entity, types, number, description.page_count)).encode() + b"\n")
    in_profile = {"profile": description.profile.token} if description.profile is not Profile.DESCRIPTION else {}
    whole = _document(entity, in_profile)
    address = whole if number == 1 else _document(entity, in_profile | {"page": str(number)})
    own = Terms.of(store).document_metadata(address, entity, to_sorted_nquads(lines), whole if number > 1 else None)
    own += describe_page(NamedNode(whole), number, description.page_count)
    # readers look into the default graph, those of quads, too (Comunica); who wants graphs alone asks for provenance
    is_provenance = description.profile is Profile.PROVENANCE
    keeps_graphs = GRAPH_FORMAT[suffix].keeps_graphs and (is_provenance or suffix != "jsonld")
    of_itself = [statement_of(triple) for triple in own]
    merged = of_itself if is_provenance else sort_subject_first({*of_itself, *statements_in(lines)}, entity)
    statements = [*merged, *sort_by_graph(lines)] if keeps_graphs else merged
    if suffix == "jsonld":
        output.write(to_jsonld(quads_of(statements), json_ld_context(store), entity))
        return
    terms = {term for line in lines for term in (line if keeps_graphs else line[:3])}
    terms.update(str(term).encode() for triple in own for term in triple)
    output.write(serialise(statements, terms, GRAPH_FORMAT[suffix], PREFIXES))


def _about(store: Store, entity: NamedNode, types: Sequence[str] = (), page: int = 1, pages: int = 1) -> AboutEntity:
    """Return which page a document is; for a request by an alias only the IRI matters."""
    terms = Terms.of(store)
    return AboutEntity(
        iri=entity.value, types=[*types], licence=terms.licence, creator=terms.creator, page=page, pages=pages
    )


def _document(entity: NamedNode, parameters: dict[str, str]) -> str:
    """Return the IRI of the document about an entity, with the query string of a request."""
    return f"{ns.BASE}doc/{entity.value.removeprefix(ns.ID)}" + (f"?{urlencode(parameters)}" if parameters else "")


class GraphDocument:
    """A graph as a document; without an IRI, the default graph."""

    @staticmethod
    @Reading
    def check(store: Store, iri: str) -> None:
        """Raise UnknownNameError with the nearest names if no graph has an IRI."""
        if not store.contains_named_graph(NamedNode(iri)):
            raise UnknownNameError("graph", iri, [g.value for g in store.named_graphs() if isinstance(g, NamedNode)])

    @staticmethod
    def triples(store: Store, iri: str | None) -> list[Triple]:
        """Return the triples of a graph, sorted."""
        return [quad.triple for quad in statements(store, DefaultGraph() if iri is None else NamedNode(iri))]

    @staticmethod
    @WrittenReading
    def write(store: Store, output: IO[bytes], iri: str | None, suffix: str) -> None:
        """Write the triples of a graph in the format of a suffix."""
        output.write(to_bytes(GraphDocument.triples(store, iri), GRAPH_FORMAT[suffix].engine))

    @staticmethod
    @WrittenReading
    def write_rows(store: Store, output: IO[bytes], iri: str | None) -> None:
        """Write the first triples of a graph as rows (kg.rdf.rows), with the number of all of them.

        Those of a large graph are in the order of the store, by subject, since sorting all of them takes seconds.
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
    """Return the number of triples in a graph; the engine counts them twenty times as fast as they can be read."""
    pattern = "?s ?p ?o" if isinstance(graph, DefaultGraph) else f"GRAPH {graph} {{ ?s ?p ?o }}"
    return sum(int(row["count"].value) for row in select(store, f"SELECT (COUNT(*) AS ?count) {{ {pattern} }}"))
