"""The terms as documents: the ontology, the vocabularies with their concepts, and the shapes."""

from __future__ import annotations

from pyoxigraph import DefaultGraph, NamedNode, Store, Triple

from kg import namespaces as ns
from kg.dumps import statements
from kg.errors import UnknownNameError

ONTOLOGY = NamedNode(ns.CD.removesuffix("#"))
SHAPES = NamedNode(ns.SHAPES.removesuffix("#"))
BROADER = NamedNode(ns.PREFIXES["skos"] + "broader")

_IN_SCHEME = NamedNode(ns.PREFIXES["skos"] + "inScheme")
_SCHEME = NamedNode(ns.PREFIXES["skos"] + "ConceptScheme")
_VERSION_IRI = NamedNode(ns.PREFIXES["owl"] + "versionIRI")
_LICENCE = NamedNode(ns.PREFIXES["dcterms"] + "license")
_NAMES = (NamedNode(ns.PREFIXES["skos"] + "prefLabel"), NamedNode(ns.PREFIXES["rdfs"] + "label"))


def ontology(store: Store) -> list[Triple]:
    """Return all that the ontology states, alignments included, sorted."""
    return _of_graph(store, ns.ONTOLOGY_GRAPH)


def version(store: Store) -> str:
    """Return the last part of the ontology's version IRI, "none" if it has no such IRI."""
    found = store.quads_for_pattern(ONTOLOGY, _VERSION_IRI, None, ns.ONTOLOGY_GRAPH)
    iris = (quad.object.value for quad in found if isinstance(quad.object, NamedNode))
    return next(iris, "none").removeprefix(f"{ONTOLOGY.value}/")


def shapes(store: Store) -> list[Triple]:
    """Return all shapes, sorted."""
    return _of_graph(store, ns.SHAPES_GRAPH)


def scheme(store: Store, name: str) -> tuple[NamedNode, list[Triple]]:
    """Return the IRI of a vocabulary and all that it states, sorted. Raises UnknownNameError."""
    if name not in schemes(store):
        raise UnknownNameError("vocabulary", name, schemes(store))
    return NamedNode(ns.VOCABULARY + name), _of_graph(store, NamedNode(f"{ns.GRAPH}vocabulary/{name}"))


def concept(store: Store, scheme_name: str, name: str) -> tuple[NamedNode, list[Triple]]:
    """Return the IRI of a concept and what describes it, sorted. Raises UnknownNameError.

    That is what its vocabulary states of it, that it is broader than others, and the names of what these statements
    lead to.
    """
    of_scheme, stated = scheme(store, scheme_name)
    iri = f"{of_scheme.value}/{name}"
    known = [t.subject.value for t in stated if t.predicate == _IN_SCHEME and isinstance(t.subject, NamedNode)]
    if iri not in known:
        raise UnknownNameError(
            f"concept of {scheme_name}", name, [k.removeprefix(f"{of_scheme.value}/") for k in known]
        )
    node = NamedNode(iri)
    own = {t for t in stated if t.subject == node or (t.predicate == BROADER and t.object == node)}
    named = {t.object for t in own} | {t.subject for t in own}
    return node, sorted(own | {t for t in stated if t.predicate in _NAMES and t.subject in named}, key=str)


def schemes(store: Store) -> list[str]:
    """Return the names of all vocabularies, sorted."""
    found = store.quads_for_pattern(None, ns.RDF_TYPE, _SCHEME, DefaultGraph())
    return sorted(q.subject.value.removeprefix(ns.VOCABULARY) for q in found if isinstance(q.subject, NamedNode))


def licence(store: Store) -> str | None:
    """Return the address of the licence that the header of the ontology states; it is that of all our own work."""
    found = store.quads_for_pattern(ONTOLOGY, _LICENCE, None, ns.ONTOLOGY_GRAPH)
    return next((quad.object.value for quad in found if isinstance(quad.object, NamedNode)), None)


def _of_graph(store: Store, graph: NamedNode) -> list[Triple]:
    return [quad.triple for quad in statements(store, graph)]
