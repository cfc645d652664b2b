"""The page about terms: the ontology, a vocabulary or one of its concepts, the shapes; each term with an anchor."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from flask import render_template
from pyoxigraph import BlankNode, Literal, NamedNode, Store, Triple

from kg import namespaces as ns
from kg import terms
from kg.formats import GRAPH_FORMATS
from server.labels import Labels, Shown
from server.representations import Document

Term = NamedNode | BlankNode | Literal | Triple
Value = tuple[Shown, ...]


def _iri(name: str) -> NamedNode:
    prefix, _, local = name.partition(":")
    return NamedNode(ns.PREFIXES[prefix] + local)


_VANN = "http://purl.org/vocab/vann/"

# What stands under which heading, in reading order.
_PARTS = {
    _iri("owl:Class"): "Classes",
    _iri("owl:ObjectProperty"): "Properties between things",
    _iri("owl:DatatypeProperty"): "Properties with literals",
    _iri("skos:Concept"): "Concepts",
    _iri("sh:NodeShape"): "Shapes of things",
    _iri("sh:PropertyShape"): "Shapes of properties",
    _iri("sh:SPARQLConstraint"): "Constraints in SPARQL",
    _iri("sh:PropertyGroup"): "Groups of fields",
    _iri("sh:PrefixDeclaration"): "Prefixes",
}
_NAMES = [_iri(name) for name in ("skos:prefLabel", "rdfs:label", "dcterms:title", "sh:name")]
_DEFINITIONS = [_iri(name) for name in ("skos:definition", "dcterms:description", "sh:description")]
_HIDDEN = {*_NAMES, *_DEFINITIONS, *map(_iri, ("rdfs:isDefinedBy", "skos:inScheme", "skos:topConceptOf"))}
# Properties of other vocabularies in words, in the order in which a page shows them; all others follow.
_WORDS = {
    _iri(name): word
    for name, word in {
        "skos:scopeNote": "scope note",
        "skos:example": "example",
        "rdf:type": "type",
        "rdfs:subClassOf": "subclass of",
        "rdfs:subPropertyOf": "subproperty of",
        "rdfs:domain": "domain",
        "rdfs:range": "range",
        "owl:inverseOf": "inverse of",
        "skos:broader": "broader",
        "owl:disjointWith": "disjoint with",
        "skos:closeMatch": "close match",
        "skos:exactMatch": "exact match",
        "owl:onProperty": "on",
        "owl:qualifiedCardinality": "exactly",
        "owl:onClass": "of class",
        "dcterms:license": "licence",
        "owl:versionInfo": "version",
        "owl:versionIRI": "this version",
        "dcterms:created": "created",
        "dcterms:modified": "modified",
        "sh:targetClass": "of class",
        "sh:path": "path",
        "sh:message": "message",
    }.items()
} | {
    NamedNode(f"{_VANN}preferredNamespacePrefix"): "prefix",
    NamedNode(f"{_VANN}preferredNamespaceUri"): "namespace",
}
_PLACE = {predicate: place for place, predicate in enumerate(_WORDS)}
# What is said the other way round, and how a page says it here.
_REVERSED = {
    _iri("rdfs:subClassOf"): "subclasses",
    _iri("rdfs:subPropertyOf"): "subproperties",
    _iri("rdfs:domain"): "properties of it",
    _iri("rdfs:range"): "properties with such values",
    terms.BROADER: "narrower",
    _iri("sh:property"): "shape of",
}
_FIRST, _REST, _NIL = _iri("rdf:first"), _iri("rdf:rest"), _iri("rdf:nil")
_UNION = _iri("owl:unionOf")


@dataclass(frozen=True)
class Row:
    """A property in words and its values, each in pieces to be read one after another."""

    word: Shown
    values: tuple[Value, ...]


@dataclass(frozen=True)
class Entry:
    """A term: its anchor on the page, its IRI and that in short, its names, what it means, what else is said of it."""

    anchor: str
    iri: str
    title: Shown
    short: str
    names: tuple[Shown, ...]
    definitions: tuple[Value, ...]
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Part:
    """Terms of one kind under a heading."""

    title: str
    entries: tuple[Entry, ...]


def page(store: Store, document: Document, about: NamedNode, stated: list[Triple]) -> str:
    """Return the page about an ontology, a vocabulary, a concept or the shapes, of the triples that describe it."""
    entries = _Entries(Labels(store), about, stated)
    vocabularies = [NamedNode(ns.VOCABULARY + name) for name in terms.schemes(store)] if about == terms.ONTOLOGY else []
    return render_template(
        "terms.html",
        head=entries.of(about),
        parts=entries.parts(),
        vocabularies=[Labels(store).value(vocabulary) for vocabulary in vocabularies],
        document=document,
        formats=GRAPH_FORMATS,
    )


class _Entries:
    """Terms as a page shows them, of the triples that describe them."""

    def __init__(self, labels: Labels, about: NamedNode, stated: list[Triple]) -> None:
        self._labels = labels
        self._about = about
        self._of_subject: dict[Term, dict[NamedNode, list[Term]]] = {}
        self._of_object: dict[Term, dict[NamedNode, list[Term]]] = {}
        for triple in stated:
            of_subject = self._of_subject.setdefault(triple.subject, {})
            of_subject.setdefault(triple.predicate, []).append(triple.object)
            if triple.predicate in _REVERSED and isinstance(triple.subject, NamedNode):
                of_object = self._of_object.setdefault(triple.object, {})
                of_object.setdefault(triple.predicate, []).append(triple.subject)

    def parts(self) -> list[Part]:
        """Return the terms below the IRI of the document, by kind."""
        below = (self._about.value + "#", self._about.value + "/")
        own = [node for node in self._of_subject if isinstance(node, NamedNode) and node.value.startswith(below)]
        kinds = {node: self._of_subject[node].get(ns.RDF_TYPE, []) for node in sorted(own, key=str)}
        parts = ((title, [n for n, of in kinds.items() if kind in of]) for kind, title in _PARTS.items())
        return [Part(title, tuple(map(self.of, nodes))) for title, nodes in parts if nodes]

    def of(self, node: NamedNode) -> Entry:
        """Return one term."""
        stated = self._of_subject[node]
        names = [self._labels.value(value) for name in _NAMES for value in _in_order(stated.get(name, []))]
        title = Shown(names[0].text if names else ns.compact(node.value), self._labels.value(node).href, "en")
        anchor = node.value.removeprefix(self._about.value).lstrip("#/")
        definitions = tuple(self._pieces(text) for name in _DEFINITIONS for text in _in_order(stated.get(name, [])))
        rows = (*self._rows(node), *self._reversed(node))
        return Entry(anchor, node.value, title, ns.compact(node.value), tuple(names[1:]), definitions, rows)

    def _rows(self, node: NamedNode) -> Iterable[Row]:
        stated = self._of_subject[node]
        for predicate in sorted(stated, key=_place):
            # the kind of a term is the heading that it stands under
            values = [value for value in _in_order(stated[predicate]) if value not in _PARTS]
            if predicate not in _HIDDEN and values:
                yield Row(self._word(predicate), tuple(map(self._pieces, values)))

    def _reversed(self, node: NamedNode) -> Iterable[Row]:
        stated = self._of_object.get(node, {})
        for predicate, word in _REVERSED.items():
            if predicate in stated:
                yield Row(Shown(word), tuple(map(self._pieces, stated[predicate])))

    def _word(self, predicate: NamedNode) -> Shown:
        word = _WORDS.get(predicate)
        return Shown(word) if word else self._labels.value(predicate)

    def _pieces(self, value: Term) -> Value:
        """Return a value; an unnamed class or list is written out."""
        if not isinstance(value, BlankNode):
            return (self._labels.value(value),)
        stated = self._of_subject.get(value, {})
        if _UNION in stated:
            return _joined(self._members(stated[_UNION][0]), " or ")
        if _FIRST in stated:
            return (Shown("( "), *_joined(self._members(value), " "), Shown(" )"))
        said = [
            (self._word(predicate), Shown(" "), *_joined(map(self._pieces, stated[predicate]), ", "))
            for predicate in sorted(stated, key=_place)
            if predicate != ns.RDF_TYPE
        ]
        return (Shown("[ "), *_joined(said, "; "), Shown(" ]"))

    def _members(self, rest: Term) -> Iterable[Value]:
        while rest != _NIL:
            stated = self._of_subject[rest]
            yield self._pieces(stated[_FIRST][0])
            rest = stated[_REST][0]


def _joined(values: Iterable[Value], between: str) -> Value:
    pieces = [piece for value in values for piece in (Shown(between), *value)]
    return tuple(pieces[1:])


def _in_order(values: list[Term]) -> list[Term]:
    """Put English first."""
    return sorted(values, key=lambda value: not (isinstance(value, Literal) and value.language == "en"))


def _place(predicate: NamedNode) -> tuple[int, str]:
    return _PLACE.get(predicate, len(_PLACE)), predicate.value
