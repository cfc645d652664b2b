"""Terms as documents: the ontology, the vocabularies with their concepts, and the shapes."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from contextlib import suppress
from functools import cached_property
from types import MappingProxyType
from typing import TypedDict

from pyoxigraph import BlankNode, DefaultGraph, Literal, NamedNode, Store, Triple

from kg import resources
from kg.errors import UnknownNameError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import LABELS
from kg.rdf.lookup import match, match_each, nodes_of, nodes_with, statements
from kg.rdf.ontology import under_one_header
from kg.rdf.parse import canonical_triples, read_file
from kg.rdf.serialise import to_text
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.triples import DATASET, node
from kg.rdf.vocabulary import DCTERMS, OWL, RDF, SKOS
from kg.readings import Reading

_PRIMARY_TOPIC, _IN_DATASET, _CONFORMS_TO, _VERSION = map(
    node, ("foaf:primaryTopic", "void:inDataset", "dcterms:conformsTo", "dcat:version")
)


class Terms:
    """The terms of a store; each document is a list of triples."""

    ONTOLOGY = NamedNode(ns.CD.removesuffix("#"))
    SHAPES = NamedNode(ns.SHAPES.removesuffix("#"))
    ADDED: Mapping[str, str] = MappingProxyType({"alignments": graphs.ALIGNMENTS, "profiles": graphs.PROFILES})
    """What can be loaded upon the ontology, with the prefix of its graphs: each such graph is a document."""

    def __init__(self, store: Store) -> None:
        self._store = store

    @staticmethod
    @once_per_snapshot
    def of(snapshot: Store) -> Terms:
        """Return the terms of a snapshot, which cache the metadata that all documents share."""
        return Terms(snapshot)

    def ontology(self) -> list[Triple]:
        """Return the triples of the ontology, all modules under one header, sorted."""
        return under_one_header(self._of_graph(graphs.ONTOLOGY))

    def part_of_ontology(self, name: str) -> tuple[NamedNode, list[Triple]]:
        """Return the IRI and the triples, sorted, of a module, or of a version: the current one, or a release.

        A version has the IRI of the ontology. Raises UnknownNameError.
        """
        if name in self.modules:
            return NamedNode(f"{self.ONTOLOGY.value}/{name}"), self.modules[name]
        current = self.version(self.ONTOLOGY)
        if name == current:
            return self.ONTOLOGY, self.ontology()
        released = {path.stem: path for path in sorted((resources.ONTOLOGY / "releases").glob("*.ttl"))}
        if name not in released:
            names = [*self.modules, *released, current]
            raise UnknownNameError("module or version of the ontology", name, names)
        return self.ONTOLOGY, sorted((quad.triple for quad in read_file(released[name])), key=str)

    @cached_property
    def modules(self) -> dict[str, list[Triple]]:
        """The triples of each module, by its name, in the order of their names: those of its file."""
        parts = (quad.object for quad in match(self._store, self.ONTOLOGY, DCTERMS.hasPart, None, graphs.ONTOLOGY))
        names = sorted(part.value.rpartition("/")[2] for part in parts if isinstance(part, NamedNode))
        paths = {name: resources.ONTOLOGY / f"{name}.ttl" for name in names}
        return {name: canonical_triples(path, read_file(path)) for name, path in paths.items()}

    def module_of(self, term: NamedNode) -> NamedNode | None:
        """Return the IRI of the module that declares a term of the ontology; None for any other node."""
        for name, stated in self.modules.items():
            if any(triple.subject == term and triple.predicate == RDF.type for triple in stated):
                return NamedNode(f"{self.ONTOLOGY.value}/{name}")
        return None

    def list_added(self, kind: str) -> list[Triple]:
        """Return the triples about all documents of a kind that can be loaded upon the ontology, sorted."""
        iris = (self._iri_of_added(kind, name) for name in self._names_of_added(kind))
        found = (match(self._store, iri, None, None, DefaultGraph()) for iri in iris)
        return sorted((quad.triple for quads in found for quad in quads), key=str)

    def added(self, kind: str, name: str) -> tuple[NamedNode, list[Triple]]:
        """Return the IRI of a document of a kind and its triples, sorted. Raises UnknownNameError."""
        if name not in (names := self._names_of_added(kind)):
            raise UnknownNameError(kind.removesuffix("s"), name, names)
        return self._iri_of_added(kind, name), self._of_graph(NamedNode(self.ADDED[kind] + name))

    def term(self, of: NamedNode, name: str) -> tuple[NamedNode, list[Triple]]:
        """Return the IRI of a term of the ontology, or of a shape, and the triples that describe it, sorted.

        These are the triples about it, about the lists and restrictions in them, and those that refer to it, with the
        labels of all terms. Raises UnknownNameError.
        """
        added = (NamedNode(self.ADDED[kind] + name) for kind in self.ADDED for name in self._names_of_added(kind))
        among = [graphs.ONTOLOGY, *added] if of == self.ONTOLOGY else [graphs.SHAPES]
        term = self._node_of(f"{of.value}#{name}")
        waiting: list[NamedNode | BlankNode] = [term] if term else []
        own: set[Triple] = set()
        while waiting:
            node = waiting.pop()
            stated = {quad.triple for quad in match_each(self._store, ((node, None, None, g) for g in among))} - own
            own |= stated
            waiting += [triple.object for triple in stated if isinstance(triple.object, BlankNode)]
        if term is None or not own:
            raise UnknownNameError("term" if of == self.ONTOLOGY else "shape", name, self._names_below(of, among[0]))
        naming = match_each(self._store, ((None, None, term, graph) for graph in among))
        own |= {quad.triple for quad in naming if isinstance(quad.subject, NamedNode)}
        nodes = {node for triple in own for node in (triple.subject, triple.predicate, triple.object)}
        labels = match_each(self._store, ((node, label, None, among[0]) for node in nodes for label in LABELS))
        return term, sorted(own.union(quad.triple for quad in labels), key=str)

    def version(self, of: NamedNode) -> str:
        """Return the last part of the version IRI of the ontology or the shapes, "none" if there is no such IRI."""
        iris = nodes_of(self._store, of, OWL.versionIRI, None)
        return iris[0].value.removeprefix(f"{of.value}/") if iris else "none"

    def shapes(self) -> list[Triple]:
        """Return all shapes, sorted."""
        return self._of_graph(graphs.SHAPES)

    def shape(self, name: str) -> tuple[NamedNode, list[Triple]]:
        """Return a shape as `term` does, or all shapes by the name of their version. Raises UnknownNameError."""
        is_version = name == self.version(self.SHAPES)
        return (self.SHAPES, self.shapes()) if is_version else self.term(self.SHAPES, name)

    def scheme(self, name: str) -> tuple[NamedNode, list[Triple]]:
        """Return the IRI of a vocabulary and all triples about it and its concepts, sorted.

        Concepts that curators have added are included. Raises UnknownNameError.
        """
        if name not in self.schemes():
            raise UnknownNameError("vocabulary", name, self.schemes())
        scheme = NamedNode(ns.VOCABULARY + name)
        stated = set(self._of_graph(graphs.scheme_graph(name)))
        of_files = {triple.subject for triple in stated}
        concepts = nodes_with(self._store, SKOS.inScheme, scheme)
        added = ((concept, None, None, DefaultGraph()) for concept in concepts if concept not in of_files)
        stated |= {quad.triple for quad in match_each(self._store, added)}
        return scheme, sorted(stated, key=str)

    def concept(self, scheme_name: str, name: str) -> tuple[NamedNode, list[Triple]]:
        """Return the IRI of a concept and the triples that describe it, sorted. Raises UnknownNameError.

        These are the triples of its vocabulary about it, those about narrower concepts, the labels of all terms in
        them, and what profiles say of it.
        """
        of_scheme, stated = self.scheme(scheme_name)
        iri = f"{of_scheme.value}/{name}"
        known = [t.subject.value for t in stated if t.predicate == SKOS.inScheme and isinstance(t.subject, NamedNode)]
        if iri not in known:
            raise UnknownNameError(
                f"concept of {scheme_name}", name, [k.removeprefix(f"{of_scheme.value}/") for k in known]
            )
        node = NamedNode(iri)
        own = {t for t in stated if t.subject == node or (t.predicate == SKOS.broader and t.object == node)}
        profiles = (NamedNode(graphs.PROFILES + profile) for profile in self._names_of_added("profiles"))
        own |= {quad.triple for quad in match_each(self._store, ((node, None, None, graph) for graph in profiles))}
        named = {t.object for t in own} | {t.subject for t in own}
        return node, sorted(own | {t for t in stated if t.predicate in LABELS and t.subject in named}, key=str)

    def overview(self) -> list[Triple]:
        """Return the triples about the vocabularies themselves, without their concepts, sorted."""
        schemes = (NamedNode(ns.VOCABULARY + name) for name in self.schemes())
        return [q.triple for scheme in schemes for q in match(self._store, scheme, None, None, DefaultGraph())]

    def sizes(self) -> dict[str, int]:
        """Return how many concepts each vocabulary has, by its name."""
        schemes = {
            name: match(self._store, None, SKOS.inScheme, NamedNode(ns.VOCABULARY + name), DefaultGraph())
            for name in self.schemes()
        }
        return {name: len(list(concepts)) for name, concepts in schemes.items()}

    def schemes(self) -> list[str]:
        """Return the names of all vocabularies, sorted."""
        schemes = nodes_with(self._store, RDF.type, SKOS.ConceptScheme)
        return sorted(scheme.value.removeprefix(ns.VOCABULARY) for scheme in schemes)

    def document_metadata(
        self, address: str, about: NamedNode, said_else: bytes, whole: str | None = None
    ) -> list[Triple]:
        """Return the triples about the document at an address, so that a saved copy names its origin.

        It is about something, and maybe a page of a whole. Its version is the hash of its other lines of N-Quads: the
        revision of the graph would change with any change, and with it every document (docs/decisions/documents.md).
        """
        version = hashlib.sha256(said_else).hexdigest()[:12]
        own: list[tuple[NamedNode, NamedNode | Literal]] = [
            (_PRIMARY_TOPIC, about),
            (_IN_DATASET, DATASET),
            *([(DCTERMS.license, NamedNode(self.licence))] if self.licence else []),
            *([(DCTERMS.isPartOf, NamedNode(whole))] if whole else []),
            (_CONFORMS_TO, self._current_ontology),
            (_VERSION, Literal(version)),
        ]
        document = NamedNode(address)
        return [Triple(document, predicate, value) for predicate, value in own]

    @cached_property
    def licence(self) -> str | None:
        """The address of the licence that the header of the ontology states; it is that of all our own work."""
        return self._of_header(DCTERMS.license)

    @cached_property
    def creator(self) -> str | None:
        """The IRI of the creator that the header of the ontology states, who is that of all documents."""
        return self._of_header(DCTERMS.creator)

    def _of_header(self, predicate: NamedNode) -> str | None:
        return next((one.value for one in nodes_of(self._store, self.ONTOLOGY, predicate, graphs.ONTOLOGY)), None)

    @cached_property
    def _current_ontology(self) -> NamedNode:
        """The version IRI of the ontology."""
        return NamedNode(f"{self.ONTOLOGY.value}/{self.version(self.ONTOLOGY)}")

    def _names_of_added(self, kind: str) -> list[str]:
        """Return the names of all documents of a kind that can be loaded upon the ontology, sorted."""
        prefix = self.ADDED[kind]
        found = (graph.value for graph in self._store.named_graphs() if isinstance(graph, NamedNode))
        return sorted(graph.removeprefix(prefix) for graph in found if graph.startswith(prefix))

    def _iri_of_added(self, kind: str, name: str) -> NamedNode:
        return NamedNode(f"{self.ONTOLOGY.value}/{kind}/{name}")

    @staticmethod
    def _node_of(iri: str) -> NamedNode | None:
        """Return the node of an IRI, None for an invalid one."""
        with suppress(ValueError):
            return NamedNode(iri)
        return None

    def _names_below(self, of: NamedNode, graph: NamedNode) -> list[str]:
        """Return the local names of the subjects of a graph below the IRI of a document, sorted."""
        prefix = f"{of.value}#"
        iris = {node.value for node in nodes_with(self._store, None, graph=graph)}
        return sorted(iri.removeprefix(prefix) for iri in iris if iri.startswith(prefix))

    def _of_graph(self, graph: NamedNode) -> list[Triple]:
        return [quad.triple for quad in statements(self._store, graph)]


class AboutTerms(TypedDict):
    """A document about the ontology, the vocabularies, one of them, a concept or the shapes; `stated` is N-Quads.

    `vocabularies` has their IRIs with the number of their concepts; it is empty for any other document.
    """

    iri: str
    licence: str | None
    creator: str | None
    vocabularies: dict[str, int]
    stated: str


@Reading
def about_terms(store: Store, kind: str, *names: str) -> AboutTerms:
    """Return the document about terms.

    That is `ontology`, `part` of it (a module or a version) with its name, `all-added` of a kind (such as alignments)
    with its name, `added` with both names, `shapes`, `schemes`, `scheme` with its name, `concept` with both names,
    `term` of the ontology or `shape` with its name; by the name of their version `shape` is all shapes.

    Raises UnknownNameError.
    """
    terms = Terms.of(store)
    documents = {
        "ontology": lambda: (Terms.ONTOLOGY, terms.ontology()),
        "part": lambda: terms.part_of_ontology(*names),
        "all-added": lambda: (NamedNode(f"{Terms.ONTOLOGY.value}/{names[0]}"), terms.list_added(*names)),
        "added": lambda: terms.added(*names),
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
    if folder and iri != Terms.SHAPES:  # any other document has the IRI of its subject
        lines = "\n".join(f"{triple} ." for triple in stated).encode()
        module = terms.module_of(iri)
        whole = module.value if module else None
        stated = [*terms.document_metadata(f"{ns.BASE}{folder}/{names[0]}", iri, lines, whole), *stated]
    return AboutTerms(
        iri=iri.value,
        licence=terms.licence,
        creator=terms.creator,
        vocabularies=vocabularies,
        stated=to_text(stated),
    )
