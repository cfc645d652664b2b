"""The page about terms: the ontology, a vocabulary or one of its concepts, the shapes; each term with an anchor."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any
from urllib.parse import urlencode

from flask import render_template
from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from kg.publish.terms import Terms
from kg.queries import CannedQuery, Question
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMATS
from kg.rdf.labels import LABELS
from kg.rdf.lookup import Term
from kg.rdf.vocabulary import CD, DCTERMS, OWL, RDF, RDFS, SH, SKOS, VANN
from server.linked_data.schema_org import terms_as_schema_org
from server.service import service
from server.web import Document, Labels, LinkedText

Value = tuple[LinkedText, ...]


# What stands under which heading, in reading order.
_GROUPS = {
    OWL.Class: "Classes",
    OWL.ObjectProperty: "Properties between things",
    OWL.DatatypeProperty: "Properties with literals",
    OWL.AnnotationProperty: "Properties of terms",
    SKOS.Concept: "Concepts",
    SH.NodeShape: "Shapes of things",
    SH.PropertyShape: "Shapes of properties",
    SH.SPARQLConstraint: "Constraints in SPARQL",
    SH.PropertyGroup: "Groups of fields",
    SH.PrefixDeclaration: "Prefixes",
    RDF.Property: "Properties of reports",
}
_NAMES = [*LABELS, DCTERMS.title, SH.name]
_DEFINITIONS = [SKOS.definition, DCTERMS.description, SH.description]
_HIDDEN = {*_NAMES, *_DEFINITIONS, RDFS.isDefinedBy, SKOS.inScheme, SKOS.topConceptOf, OWL.deprecated}
# Properties of other vocabularies in words, in the order in which a page shows them; all others follow.
_WORDS = {
    DCTERMS.isReplacedBy: "replaced by",
    SKOS.changeNote: "what to do",
    SKOS.altLabel: "also called",
    SKOS.scopeNote: "scope note",
    SKOS.example: "example",
    RDF.type: "type",
    RDFS.subClassOf: "subclass of",
    RDFS.subPropertyOf: "subproperty of",
    RDFS.domain: "domain",
    RDFS.range: "range",
    OWL.inverseOf: "inverse of",
    SKOS.broader: "broader",
    OWL.disjointWith: "disjoint with",
    SKOS.closeMatch: "close match",
    CD.closeTo: "close to",
    OWL.onProperty: "on",
    OWL.qualifiedCardinality: "exactly",
    OWL.onClass: "of class",
    DCTERMS.license: "licence",
    OWL.versionInfo: "version",
    OWL.versionIRI: "this version",
    OWL.imports: "imports",
    DCTERMS.hasPart: "modules",
    DCTERMS.isPartOf: "part of",
    OWL.priorVersion: "previous version",
    DCTERMS.created: "created",
    DCTERMS.modified: "modified",
    SH.targetClass: "of class",
    SH.path: "path",
    SH.message: "message",
    VANN.preferredNamespacePrefix: "prefix",
    VANN.preferredNamespaceUri: "namespace",
}
_PROPERTY_ORDER = {predicate: place for place, predicate in enumerate(_WORDS)}
# What is said the other way round, and how a page says it here.
_INVERSE_WORDS = {
    RDFS.subClassOf: "subclasses",
    RDFS.subPropertyOf: "subproperties",
    RDFS.domain: "properties of it",
    RDFS.range: "properties with such values",
    SKOS.broader: "narrower",
    SH.property: "shape of",
}
_FIRST, _REST, _NIL = RDF.first, RDF.rest, RDF.nil


@dataclass(frozen=True)
class TermProperty:
    """A property in words and its values, each in pieces to be read one after another."""

    word: LinkedText
    values: tuple[Value, ...]


@dataclass(frozen=True)
class TermEntry:
    """A term: its anchor on the page, its IRI and that in short, its names, what it means, what else is said of it."""

    anchor: str
    iri: str
    title: LinkedText
    short: str
    names: tuple[LinkedText, ...]
    definitions: tuple[Value, ...]
    rows: tuple[TermProperty, ...] = ()
    depth: int = 0
    """Its distance from the root of the tree of classes."""
    is_replaced: bool = False

    def contains(self, text: str) -> bool:
        """Return True if its names or its definition contain a text, ignoring case."""
        texts = (self.title.text, self.short, *(name.text for name in self.names))
        meant = (piece.text for definition in self.definitions for piece in definition)
        return text.casefold() in " ".join((*texts, *meant)).casefold()

    def as_schema_org(self, within: str | None) -> dict[str, Any]:
        """Return it for search engines: a term of what it is within, else a set of terms."""
        definitions = ("".join(piece.text for piece in definition) for definition in self.definitions)
        return terms_as_schema_org(
            self.iri, (self.title, *self.names), definitions, within=within, is_set=within is None
        )


@dataclass(frozen=True)
class TermGroup:
    """Terms of one kind under a heading."""

    title: str
    entries: tuple[TermEntry, ...]


@dataclass(frozen=True)
class Usage:
    """The use of terms: the count of each by IRI; for one term the triples that are examples, and its shapes."""

    counts: Mapping[str, int] = field(default_factory=dict)
    examples: Sequence[Triple] = ()
    shapes: Sequence[NamedNode] = ()


def render_terms(
    document: Document,
    about: NamedNode,
    stated: list[Triple],
    sought: str = "",
    usage: Usage | None = None,
    *,
    having: Mapping[str, int] = MappingProxyType({}),
    uses: Sequence[Mapping[str, Any]] | None = None,
) -> str:
    """Return the page about the ontology or a module of it, a vocabulary, a concept or the shapes, of its triples.

    With a usage, each term has a page of its own, and this one says in short what it is: those with the text `sought`.
    `having` is how many things have each concept of a vocabulary; `uses`, of one concept, which ones.
    """
    # names and meanings are texts: in short only the head has other things in it, and what it leads to without a name
    shown = [t for t in stated if usage is None or t.subject == about or isinstance(t.subject, BlankNode)]
    labels = Labels.of([about, *(term for triple in shown for term in triple)])
    of = Terms.ONTOLOGY if about.value.startswith(Terms.ONTOLOGY.value) else about
    entries = _TermReader(labels, of, stated)
    modules = [t.object for t in stated if t.predicate == DCTERMS.hasPart and isinstance(t.object, NamedNode)]
    above = [t.object for t in stated if t.subject == about and t.predicate == SKOS.inScheme]
    parts = [
        TermGroup(part.title, tuple(e for e in part.entries if e.contains(sought)))
        for part in entries.groups(whole=usage is None)
    ]
    head = entries.entry(about)
    return render_template(
        "terms.html",
        head=head,
        linked=head.as_schema_org(next((scheme.value for scheme in above if isinstance(scheme, NamedNode)), None)),
        parts=[part for part in parts if part.entries],
        usage=usage,
        counts=usage.counts if usage else having,
        uses=None if uses is None else list(_uses(about, uses)),
        total=sum(use["count"] for use in uses or ()),
        sought=sought,
        above=list(map(labels.value, above)),
        is_module=of != about,
        modules=sorted(map(_module_link, modules), key=lambda link: link.text),
        below={Terms.ONTOLOGY: "/ontology/terms", Terms.SHAPES: "/shapes"}.get(of),
        document=document,
        formats=GRAPH_FORMATS,
    )


def render_term(document: Document, of: NamedNode, iri: NamedNode, stated: list[Triple], usage: Usage) -> str:
    """Return the page about a term of the ontology, or a shape: all that describes it, and how it is used."""
    terms = [iri, *usage.shapes, *(term for triple in (*stated, *usage.examples) for term in triple)]
    labels = Labels.of(terms)
    name = re.compile(rf"\b{re.escape(ns.compact(iri.value))}\b")
    wholes = (t.object for t in stated if t.predicate == DCTERMS.isPartOf and isinstance(t.object, NamedNode))
    entry = _TermReader(labels, of, stated).entry(iri)
    return render_template(
        "term.html",
        module=next((_module_link(whole) for whole in wholes), None),
        entry=entry,
        linked=entry.as_schema_org(of.value),
        is_shape=of == Terms.SHAPES,
        count=usage.counts.get(iri.value),
        examples=[
            (labels.value(t.subject), None if t.object == iri else labels.value(t.object)) for t in usage.examples
        ],
        shapes=[labels.value(shape) for shape in usage.shapes],
        questions=[_question_link(query) for query in service.questions.answerable() if name.search(query.body)],
        document=document,
        formats=GRAPH_FORMATS,
    )


def _module_link(module: NamedNode) -> LinkedText:
    """Return a module by its name in a word."""
    return LinkedText(module.value.rpartition("/")[2], "/" + module.value.removeprefix(ns.BASE))


def _uses(
    concept: NamedNode, uses: Sequence[Mapping[str, Any]]
) -> Iterable[tuple[LinkedText, list[LinkedText], int, str]]:
    """Yield for each use its property, the things that are named, how many more there are, and where all are."""
    labels = Labels.of(NamedNode(iri) for use in uses for iri in (use["property"], *use["things"]))
    for use in uses:
        query = f"SELECT ?thing WHERE {{ ?thing {ns.compact(use['property'])} {ns.compact(concept.value)} }}"
        named = [labels.value(NamedNode(iri)) for iri in use["things"]]
        more = use["count"] - len(named)
        yield labels.value(NamedNode(use["property"])), named, more, "/sparql?" + urlencode({"query": query})


def render_vocabularies(document: Document, stated: list[Triple], sizes: Mapping[str, int]) -> str:
    """Return the page that lists the vocabularies, with the number of their concepts by IRI."""
    schemes = list(map(NamedNode, sizes))
    entries = _TermReader(
        Labels.of([*schemes, *(term for triple in stated for term in triple)]), NamedNode(ns.VOCABULARY), stated
    )
    return render_template(
        "vocabularies.html", document=document, entries=[(entries.entry(s), sizes[s.value]) for s in schemes]
    )


@dataclass(frozen=True)
class _Added:
    """What the pages about documents of a kind that can be loaded upon the ontology say of them."""

    title: str
    purpose: str
    entry: str
    """What stands in the list of them."""
    value: str
    """What each says of our terms."""


_ADDED = {
    "alignments": _Added(
        *("Alignments", "How the terms of the ontology relate to those of other vocabularies."),
        *("alignment with", "term of others"),
    ),
    "profiles": _Added(
        *("Profiles", "Where a work defines or uses the terms of the ontology, for readers of that work."),
        *("profile of", "note"),
    ),
}


def render_added(document: Document, kind: str, about: NamedNode, stated: list[Triple]) -> str:
    """Return the page that lists the documents of a kind, or that of one with what it says of our terms."""
    labels = Labels.of(term for triple in stated for term in triple)
    entries = _TermReader(labels, about, stated)
    headers = [t.subject for t in stated if t.predicate == RDF.type and t.object == OWL.Ontology]
    return render_template(
        "added.html",
        document=document,
        kind=_ADDED[kind],
        address=f"/ontology/{kind}",
        head=entries.entry(about) if about in headers else None,
        entries=[entries.entry(header) for header in headers if isinstance(header, NamedNode)],
        said=[
            (labels.value(t.subject), entries.word(t.predicate), labels.value(t.object))
            for t in stated
            if isinstance(t.subject, NamedNode) and t.subject.value.startswith(ns.CD)
        ],
        formats=GRAPH_FORMATS,
    )


def _question_link(query: CannedQuery) -> LinkedText:
    """Return a question as a link to its answer, for its example where it needs a value."""
    values = urlencode(Question(query).example().values)
    return LinkedText(query.summary, f"/queries/{query.name}" + (f"?{values}" if values else ""))


class _TermReader:
    """Terms as a page shows them, of the triples that describe them."""

    def __init__(self, labels: Labels, about: NamedNode, stated: list[Triple]) -> None:
        self._labels = labels
        self._about = about
        self._of_subject: dict[Term, dict[NamedNode, list[Term]]] = {}
        self._of_object: dict[Term, dict[NamedNode, list[Term]]] = {}
        for triple in stated:
            of_subject = self._of_subject.setdefault(triple.subject, {})
            of_subject.setdefault(triple.predicate, []).append(triple.object)
            if triple.predicate in _INVERSE_WORDS and isinstance(triple.subject, NamedNode):
                of_object = self._of_object.setdefault(triple.object, {})
                of_object.setdefault(triple.predicate, []).append(triple.subject)

    def groups(self, *, whole: bool) -> list[TermGroup]:
        """Return the terms below the IRI of the document, by kind: whole or in short."""
        below = (self._about.value + "#", self._about.value + "/")
        own = [node for node in self._of_subject if isinstance(node, NamedNode) and node.value.startswith(below)]
        kinds = {node: self._of_subject[node].get(RDF.type, []) for node in sorted(own, key=str)}
        parts = [(title, [n for n, of in kinds.items() if kind in of]) for kind, title in _GROUPS.items()]
        if self._about == Terms.SHAPES:
            parts.append(("Checks of the gate", [node for node, of in kinds.items() if not of]))
        return [TermGroup(title, tuple(self._in_tree(nodes, whole=whole))) for title, nodes in parts if nodes]

    def _in_tree(self, nodes: list[NamedNode], *, whole: bool) -> Iterable[TermEntry]:
        """Yield terms, each before the subclasses of it: by name, below the first of its superclasses that is here."""
        below: dict[NamedNode | None, list[NamedNode]] = {}
        for node in nodes:
            above = {term for term in self._of_subject[node].get(RDFS.subClassOf, []) if isinstance(term, NamedNode)}
            below.setdefault(min(above.intersection(nodes), key=str, default=None), []).append(node)

        def entries(above: NamedNode | None, depth: int) -> Iterable[TermEntry]:
            for node in below.get(above, ()):
                yield replace(self.entry(node) if whole else self.brief_entry(node), depth=depth)
                yield from entries(node, depth + 1)

        return entries(None, 0)

    def entry(self, node: NamedNode) -> TermEntry:
        """Return one term."""
        return replace(self.brief_entry(node), rows=(*self._rows(node), *self._inverse_rows(node)))

    def brief_entry(self, node: NamedNode) -> TermEntry:
        """Return the names and the meaning of a term."""
        stated = self._of_subject[node]
        names = [self._labels.value(value) for name in _NAMES for value in _english_first(stated.get(name, []))]
        title = LinkedText.of(names[0].text if names else ns.compact(node.value), node.value, "en")
        anchor = node.value.removeprefix(self._about.value).lstrip("#/")
        definitions = tuple(
            self._pieces(text) for name in _DEFINITIONS for text in _english_first(stated.get(name, []))
        )
        return TermEntry(
            *(anchor, node.value, title, ns.compact(node.value), tuple(names[1:]), definitions),
            is_replaced=OWL.deprecated in stated,
        )

    def _rows(self, node: NamedNode) -> Iterable[TermProperty]:
        stated = self._of_subject[node]
        for predicate in sorted(stated, key=_property_order):
            # the kind of a term is the heading that it stands under
            values = [value for value in _english_first(stated[predicate]) if value not in _GROUPS]
            if predicate not in _HIDDEN and values:
                yield TermProperty(self.word(predicate), tuple(map(self._pieces, values)))

    def _inverse_rows(self, node: NamedNode) -> Iterable[TermProperty]:
        stated = self._of_object.get(node, {})
        for predicate, word in _INVERSE_WORDS.items():
            if predicate in stated:
                yield TermProperty(LinkedText(word), tuple(map(self._pieces, stated[predicate])))

    def word(self, predicate: NamedNode) -> LinkedText:
        """Return a property in words."""
        word = _WORDS.get(predicate)
        return LinkedText(word) if word else self._labels.value(predicate)

    def _pieces(self, value: Term) -> Value:
        """Return a value; an unnamed class or list is written out."""
        if not isinstance(value, BlankNode):
            return (self._labels.value(value),)
        stated = self._of_subject.get(value, {})
        if OWL.unionOf in stated:
            return _join(self._members(stated[OWL.unionOf][0]), " or ")
        if _FIRST in stated:
            return (LinkedText("( "), *_join(self._members(value), " "), LinkedText(" )"))
        said = [
            (self.word(predicate), LinkedText(" "), *_join(map(self._pieces, stated[predicate]), ", "))
            for predicate in sorted(stated, key=_property_order)
            if predicate != RDF.type
        ]
        return (LinkedText("[ "), *_join(said, "; "), LinkedText(" ]"))

    def _members(self, rest: Term) -> Iterable[Value]:
        while rest != _NIL:
            stated = self._of_subject[rest]
            yield self._pieces(stated[_FIRST][0])
            rest = stated[_REST][0]


def _join(values: Iterable[Value], between: str) -> Value:
    pieces = [piece for value in values for piece in (LinkedText(between), *value)]
    return tuple(pieces[1:])


def _english_first(values: list[Term]) -> list[Term]:
    """Put English first."""
    return sorted(values, key=lambda value: not (isinstance(value, Literal) and value.language == "en"))


def _property_order(predicate: NamedNode) -> tuple[int, str]:
    return _PROPERTY_ORDER.get(predicate, len(_PROPERTY_ORDER)), predicate.value
