"""The terms over HTTP: `/ontology`, `/vocabulary/…`, `/shapes`, as pages for people and as RDF.

The IRI of a term of the ontology leads to `/ontology`, where the page has an anchor for it.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import quote

from flask import Blueprint, Response, json, redirect, request
from pyoxigraph import NamedNode, Triple
from werkzeug.wrappers import Response as AnyResponse

from kg.publish import json_ld_context
from kg.publish.terms import (
    AboutTerms,
    Terms,
    about_terms,
    counts_of_terms,
    examples_of_term,
    shapes_of_term,
    things_by_concept,
    uses_of_concept,
)
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMAT
from kg.rdf.serialise import from_text
from kg.rdf.vocabulary import RDF, SKOS
from server.linked_data import term_page
from server.service import service
from server.web import Document, Link

blueprint = Blueprint("terms", __name__)


@blueprint.get("/ontology")
@blueprint.get("/ontology.<suffix>")
def ontology(suffix: str | None = None) -> AnyResponse:
    """Return the ontology without alignments and profiles; a suffix decides the format, otherwise the client."""
    if suffix == "owl":  # what editors of ontologies ask for
        return redirect("/ontology.rdf", 301)
    return _answer("/ontology", suffix, service.workers.read(about_terms, "ontology"))


@blueprint.get("/ontology/terms/<name>")
def term(name: str) -> Response:
    """Return a term of the ontology and how it is used; a known suffix decides the format, otherwise the client."""
    return _term(Terms.ONTOLOGY, "/ontology/terms", *Document.split_suffix(name))


@blueprint.get("/ontology/alignments", defaults={"kind": "alignments"})
@blueprint.get("/ontology/alignments.<suffix>", defaults={"kind": "alignments"})
@blueprint.get("/ontology/profiles", defaults={"kind": "profiles"})
@blueprint.get("/ontology/profiles.<suffix>", defaults={"kind": "profiles"})
def all_added(kind: str, suffix: str | None = None) -> Response:
    """List alignments or profiles of works; a suffix decides the format, otherwise the client."""
    return _answer(f"/ontology/{kind}", suffix, service.workers.read(about_terms, "all-added", kind))


@blueprint.get("/ontology/alignments/<name>", defaults={"kind": "alignments"})
@blueprint.get("/ontology/profiles/<name>", defaults={"kind": "profiles"})
def added(kind: str, name: str) -> Response:
    """Return an alignment or the profile of a work; a known suffix decides the format, otherwise the client."""
    name, suffix = Document.split_suffix(name)
    return _answer(f"/ontology/{kind}/{quote(name)}", suffix, service.workers.read(about_terms, "added", kind, name))


@blueprint.get("/ontology/<name>")
def part(name: str) -> Response:
    """Return a module of the ontology, or the version that a version IRI names: the current one, or a release."""
    name, suffix = Document.split_suffix(name)
    about = service.workers.read(about_terms, "part", name)
    latest = (("latest-version", "/ontology"),) if about["iri"] == Terms.ONTOLOGY.value else ()
    return _answer(f"/ontology/{quote(name)}", suffix, about, latest)


@blueprint.get("/shapes")
@blueprint.get("/shapes.<suffix>")
def shapes(suffix: str | None = None) -> Response:
    """Return the shapes; a suffix decides the format, otherwise the client."""
    return _answer("/shapes", suffix, service.workers.read(about_terms, "shapes"))


@blueprint.get("/shapes/<name>")
def shape(name: str) -> Response:
    """Return a shape, or by their version all of them; a known suffix decides the format, otherwise the client."""
    return _term(Terms.SHAPES, "/shapes", *Document.split_suffix(name))


@blueprint.get("/vocabulary")
@blueprint.get("/vocabulary.<suffix>")
def vocabularies(suffix: str | None = None) -> Response:
    """List the vocabularies; a suffix decides the format, otherwise the client."""
    return _answer("/vocabulary", suffix, service.workers.read(about_terms, "schemes"))


@blueprint.get("/vocabulary/<scheme>")
def vocabulary(scheme: str) -> Response:
    """Return a vocabulary with its concepts; a known suffix decides the format, otherwise the client."""
    name, suffix = Document.split_suffix(scheme)
    return _answer(f"/vocabulary/{quote(name)}", suffix, service.workers.read(about_terms, "scheme", name))


@blueprint.get("/vocabulary/<scheme>/<concept>")
def concept(scheme: str, concept: str) -> Response:
    """Return a concept; a known suffix decides the format, otherwise the client."""
    name, suffix = Document.split_suffix(concept)
    about = service.workers.read(about_terms, "concept", scheme, name)
    return _answer(f"/vocabulary/{quote(scheme)}/{quote(name)}", suffix, about)


@blueprint.get("/context.jsonld")
def context() -> Response:
    """Return the context of all JSON-LD here: which name stands for which IRI, and of what kind its values are."""
    content = json.dumps({"@context": service.workers.read(json_ld_context)}, ensure_ascii=False, indent=2)
    return Document.add_validators(Response(content, content_type=GRAPH_FORMAT["jsonld"].media_type), "context")


def _answer(address: str, suffix: str | None, about: AboutTerms, further: tuple[tuple[str, str], ...] = ()) -> Response:
    stated = [quad.triple for quad in from_text(about["stated"])]
    iri = NamedNode(about["iri"])
    types = _types(iri, stated)
    links = Link.signposts(ns.BASE + address.removeprefix("/"), types, about["licence"], about["creator"])
    document = Document(address, (*links, Link.to_dataset(), *further))

    def write(suffix: str) -> bytes:
        if suffix == "html" and address == "/vocabulary":
            return term_page.render_vocabularies(document, stated, about["vocabularies"]).encode()
        below = address.removeprefix("/ontology/").partition("/")[0]
        if suffix == "html" and below in Terms.ADDED:
            return term_page.render_added(document, below, iri, stated).encode()
        if suffix == "html":
            is_ontology = iri.value.startswith(Terms.ONTOLOGY.value)
            counts = service.workers.read_once(counts_of_terms) if is_ontology else {}
            usage = term_page.Usage(counts) if is_ontology or iri == Terms.SHAPES else None
            is_scheme, is_concept = (kind.value in types for kind in (SKOS.ConceptScheme, SKOS.Concept))
            having = service.workers.read(things_by_concept, iri.value) if is_scheme else {}
            uses = service.workers.read(uses_of_concept, iri.value) if is_concept else None
            return term_page.render_terms(
                document, iri, stated, request.args.get("with", ""), usage, having=having, uses=uses
            ).encode()
        return Document.serialise(stated, suffix, first=iri)

    return document.answer(suffix, write)


def _types(iri: NamedNode, stated: Iterable[Triple]) -> list[str]:
    kinds = (triple.object for triple in stated if triple.subject == iri and triple.predicate == RDF.type)
    return [kind.value for kind in kinds if isinstance(kind, NamedNode)]


def _term(of: NamedNode, address: str, name: str, suffix: str | None) -> Response:
    about = service.workers.read(about_terms, "term" if of == Terms.ONTOLOGY else "shape", name)
    if about["iri"] == of.value:
        return _answer(f"{address}/{quote(name)}", suffix, about, (("latest-version", address),))
    iri, stated = NamedNode(about["iri"]), [quad.triple for quad in from_text(about["stated"])]
    links = (*Link.signposts(iri.value, _types(iri, stated), about["licence"], about["creator"]), Link.to_dataset())
    document = Document(f"{address}/{quote(name)}", links)

    def write(suffix: str) -> bytes:
        if suffix != "html":
            return Document.serialise(stated, suffix, first=iri)
        usage = _usage(iri) if of == Terms.ONTOLOGY else term_page.Usage()  # the data use no shape
        return term_page.render_term(document, of, iri, stated, usage).encode()

    return document.answer(suffix, write)


def _usage(term: NamedNode) -> term_page.Usage:
    """Return how a term of the ontology is used."""
    shapes = map(NamedNode, service.workers.read(shapes_of_term, term.value))
    examples = service.workers.triples(examples_of_term, term.value)
    return term_page.Usage(service.workers.read_once(counts_of_terms), examples, list(shapes))
