"""The JSON-LD context: which name stands for which class, property and prefix of IRIs."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from pyoxigraph import NamedNode, Store

from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.jsonld import Definition
from kg.rdf.lookup import match, match_each
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.triples import PREFIXES, node
from kg.rdf.vocabulary import DCTERMS, OWL, RDF, RDFS, SH, SKOS
from kg.readings import Reading

_LANG_STRING = RDF.langString.value
_DOCUMENT_PREDICATES = tuple(map(node, ("foaf:primaryTopic", "void:inDataset", "dcterms:conformsTo")))
# What is said of terms, which the ontology does not declare.
_TERM_PREDICATES: dict[NamedNode, str] = {
    **dict.fromkeys((RDFS.subClassOf, RDFS.subPropertyOf, RDFS.domain, RDFS.range, RDFS.isDefinedBy), "@id"),
    **dict.fromkeys((OWL.inverseOf, OWL.disjointWith, OWL.imports, *_DOCUMENT_PREDICATES), "@id"),
    **dict.fromkeys((RDFS.label, RDFS.comment, SKOS.definition, SKOS.scopeNote, SKOS.example), _LANG_STRING),
    **dict.fromkeys((SKOS.changeNote, DCTERMS.description), _LANG_STRING),
}
_KINDS = (OWL.Class, OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)


@Reading
@once_per_snapshot
def json_ld_context(store: Store) -> dict[str, Definition]:
    """Return the definition of each name in our JSON-LD, from the ontology and the shapes, sorted by name.

    Our own terms go by their local names, and so do those of others unless the name is taken; a datatype that the
    shapes require is left out of documents. Things and concepts begin with `id:` and `vocabulary:`, since their usual
    prefixes are names of properties (`role`, `theme`).
    """
    of_values = {**_TERM_PREDICATES, **_value_types(store)}
    context: dict[str, Definition] = dict(_prefixes())
    typed = match_each(store, ((None, RDF.type, kind, graphs.ONTOLOGY) for kind in _KINDS))
    kinds = {quad.subject: quad.object for quad in typed}
    terms = {term for term in (*kinds, *_TERM_PREDICATES) if isinstance(term, NamedNode)}
    for term in sorted(terms, key=lambda term: (not term.value.startswith(ns.CD), term.value)):
        name = term.value.replace("#", "/").rpartition("/")[2]
        kind = "@id" if kinds.get(term) == OWL.ObjectProperty else of_values.get(term)
        if name not in context:
            context[name] = _definition(term.value, kind)
    return dict(sorted(context.items()))


def _definition(iri: str, kind: str | None) -> Definition:
    if kind is None:
        return iri
    return {"@id": iri, "@container": "@language"} if kind == _LANG_STRING else {"@id": iri, "@type": kind}


def _prefixes() -> Iterator[tuple[str, str]]:
    yield "id", ns.ID
    yield "vocabulary", ns.VOCABULARY
    yield "geosparql", PREFIXES["geo"]  # geo: is a scheme of IRIs of its own (RFC 5870)
    for prefix, namespace in PREFIXES.items():
        if prefix != "geo" and not namespace.startswith((ns.ID, ns.VOCABULARY)):
            yield prefix, namespace


def _value_types(store: Store) -> dict[NamedNode, str]:
    """Return the datatype on which all shapes of a property agree, @id for things, and none for plain values."""
    found: defaultdict[NamedNode, set[str]] = defaultdict(set)
    for predicate in (SH.datatype, SH.nodeKind):
        for quad in match(store, None, predicate, None, graphs.SHAPES):
            for path in match(store, quad.subject, SH.path, None, graphs.SHAPES):
                if isinstance(path.object, NamedNode) and isinstance(quad.object, NamedNode):
                    found[path.object].add("@id" if quad.object == SH.IRI else quad.object.value)
    plain = {f"{ns.PREFIXES['xsd']}{name}" for name in ("string", "integer", "boolean")}  # as JSON has them
    agreed = {path: next(iter(kinds)) for path, kinds in found.items() if len(kinds) == 1}
    return {path: kind for path, kind in agreed.items() if kind not in plain and not kind.startswith(ns.PREFIXES["sh"])}
