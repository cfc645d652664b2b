"""What a server reads of things and graphs for a document, in a form that JSON can hold: `stated` is N-Quads."""

from __future__ import annotations

from typing import IO, TypedDict
from urllib.parse import urlencode

from pyoxigraph import DefaultGraph, NamedNode, Quad, Store, Triple

from kg.errors import UnknownNameError
from kg.publish.entities import Description, find_entity
from kg.publish.paging import numbered
from kg.publish.profiles import Profile
from kg.publish.terms import Terms
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMAT
from kg.rdf.lookup import statements
from kg.rdf.rows import Rows
from kg.rdf.serialise import lines_of, to_bytes, to_text


class AboutEntity(TypedDict):
    """A page of what is said of an entity: its IRI, its classes, the number of the page, and how many there are.

    In `stated` the document says in no graph what it is itself.
    """

    iri: str
    types: list[str]
    licence: str | None
    page: int
    pages: int
    stated: str


def entity_named(store: Store, kind: str, slug: str) -> str:
    """Return the IRI of the entity of a kind that goes by a slug. Raises what `find_entity` raises."""
    return find_entity(store, kind, slug).value


def about_entity(store: Store, kind: str, slug: str, profile: str, page: str) -> AboutEntity:
    """Return a page of the description of the entity that goes by a slug in a profile.

    Of another slug of its own it has the IRI alone. Raises what `find_entity` raises, UnknownNameError for a profile,
    PageNumberError for a page.
    """
    entity = find_entity(store, kind, slug)
    licence = Terms(store).licence
    if entity.value != f"{ns.ID}{kind}/{slug}":
        return AboutEntity(iri=entity.value, types=[], licence=licence, page=1, pages=1, stated="")
    description = Description(store, entity, Profile.find(profile))
    number = numbered(page, description.pages, "this document")
    quads = description.page(number)
    asked = {"profile": profile} if description.profile is not Profile.DESCRIPTION else {}
    whole = _document(kind, slug, asked)
    address = whole if number == 1 else _document(kind, slug, asked | {"page": str(number)})
    own = Terms(store).of_document(address, entity, lines_of(quads), whole if number > 1 else None)
    return AboutEntity(
        iri=entity.value,
        types=description.types,
        licence=licence,
        page=number,
        pages=description.pages,
        stated=to_text([*(Quad(*triple) for triple in own), *quads]),
    )


def _document(kind: str, slug: str, asked: dict[str, str]) -> str:
    """Return the IRI of a document, with what is asked for behind the question mark."""
    return f"{ns.BASE}doc/{kind}/{slug}" + (f"?{urlencode(asked)}" if asked else "")


class GraphDocument:
    """A graph as a document; without an IRI the default graph."""

    @staticmethod
    def check(store: Store, iri: str) -> None:
        """Raise UnknownNameError that names what is near, if there is no graph of an IRI."""
        if not store.contains_named_graph(NamedNode(iri)):
            raise UnknownNameError("graph", iri, [g.value for g in store.named_graphs() if isinstance(g, NamedNode)])

    @staticmethod
    def triples(store: Store, iri: str | None) -> list[Triple]:
        """Return what a graph states, sorted."""
        return [quad.triple for quad in statements(store, DefaultGraph() if iri is None else NamedNode(iri))]

    @classmethod
    def write(cls, store: Store, output: IO[bytes], iri: str | None, suffix: str) -> None:
        """Write what a graph states in the format of a suffix."""
        output.write(to_bytes(cls.triples(store, iri), GRAPH_FORMAT[suffix].engine))

    @classmethod
    def write_rows(cls, store: Store, output: IO[bytes], iri: str | None) -> None:
        """Write the first triples of a graph as rows (kg.rdf.rows), with the number of all of them."""
        output.write(Rows.of_triples(cls.triples(store, iri)).as_json())
