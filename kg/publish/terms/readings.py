"""What a server reads of terms for a document, in a form that JSON can hold: `stated` is N-Quads."""

from __future__ import annotations

from typing import TypedDict

from pyoxigraph import NamedNode, Store

from kg.publish.terms.documents import Terms
from kg.rdf import namespaces as ns
from kg.rdf.serialise import to_text
from kg.readings import Reading


class AboutTerms(TypedDict):
    """What is said of the ontology, the vocabularies, one of them, a concept or the shapes.

    `vocabularies` has their IRIs with the number of their concepts; it is empty for any other document.
    """

    iri: str
    licence: str | None
    vocabularies: dict[str, int]
    stated: str


@Reading
def about_terms(store: Store, kind: str, *names: str) -> AboutTerms:
    """Return the document about terms.

    That is `ontology`, `version` of it with its name, `alignments`, `alignment` with its name, `shapes`, `schemes`,
    `scheme` with its name, `concept` with both names, `term` of the ontology or `shape` with its name; by the name of
    their version `shape` is all shapes.

    Raises UnknownNameError.
    """
    terms = Terms(store)
    documents = {
        "ontology": lambda: (Terms.ONTOLOGY, terms.ontology()),
        "version": lambda: (Terms.ONTOLOGY, terms.version_of_ontology(*names)),
        "alignments": lambda: (Terms.ALIGNMENTS, terms.alignments()),
        "alignment": lambda: terms.alignment(*names),
        "shapes": lambda: (Terms.SHAPES, terms.shapes()),
        "schemes": lambda: (NamedNode(ns.VOCABULARY.rstrip("/")), terms.overview()),
        "scheme": lambda: terms.scheme(*names),
        "concept": lambda: terms.concept(*names),
        "term": lambda: terms.term(Terms.ONTOLOGY, *names),
        "shape": lambda: terms.shape(*names),
    }
    iri, stated = documents[kind]()
    vocabularies = {ns.VOCABULARY + name: size for name, size in terms.sizes().items()} if kind == "schemes" else {}
    folder = {"term": "ontology/terms", "shape": "shapes"}.get(kind)
    if folder and iri != Terms.SHAPES:  # any other document has the IRI of what it is about
        lines = "\n".join(f"{triple} ." for triple in stated).encode()
        stated = [*terms.document_metadata(f"{ns.BASE}{folder}/{names[0]}", iri, lines), *stated]
    return AboutTerms(iri=iri.value, licence=terms.licence, vocabularies=vocabularies, stated=to_text(stated))
