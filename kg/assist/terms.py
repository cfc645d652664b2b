"""The terms that a query can name: classes, properties and concepts, with labels, counts, and what shapes ask for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Literal as OneOf

from pyoxigraph import DefaultGraph, Literal, NamedNode, Store

from kg.names.name_index import NameIndex
from kg.publish.terms import counts_of_terms
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.labels import LABELS, chinese_label, display_names
from kg.rdf.lookup import closure, literals_of, match, nodes_with
from kg.rdf.ontology import is_deprecated
from kg.rdf.snapshots import once_per_snapshot
from kg.rdf.vocabulary import OWL, RDF, RDFS, SKOS
from kg.sparql.evaluation import select

TermKind = OneOf["class", "property", "concept"]
Need = OneOf["must", "may"]

_DEFINITIONS = (SKOS.definition, RDFS.comment)
_PROPERTIES = (OWL.ObjectProperty, OWL.DatatypeProperty, OWL.AnnotationProperty)
_NEEDS = f"""SELECT ?class ?path ?fewest {{
  {{ SELECT ?class ?property {{ GRAPH <{graphs.SHAPES.value}> {{
    ?shape sh:targetClass ?class ; sh:node*/sh:property ?property }} }} }}
  GRAPH <{graphs.SHAPES.value}> {{
    ?property sh:path ?path
    OPTIONAL {{ ?property sh:minCount ?fewest MINUS {{ ?property sh:severity sh:Warning }} }}
  }}
  FILTER (ISIRI(?path))
}}"""


@dataclass(frozen=True)
class Term:
    """A term: its labels and definition, empty where it has none, and how often the graph has it.

    That is the number of things of a class, or with a concept, and of statements with a property.
    """

    iri: str
    kind: TermKind
    label: str
    label_zh: str
    definition: str
    count: int

    @property
    def local_name(self) -> str:
        """The last part of its IRI."""
        return self.iri[max(self.iri.rfind("/"), self.iri.rfind("#")) + 1 :]


class TermTable:
    """The terms of a snapshot, and what things of each class must and may have."""

    def __init__(self, store: Store) -> None:
        self._store = store
        with NameIndex.building():
            counts = counts_of_terms(store, True)
            kinds = dict(self._kinds(counts))
            self.terms = {iri: self._term(iri, kind, counts.get(iri, 0)) for iri, kind in kinds.items()}
            self._needs = self._read_needs()

    @cached_property
    def graphs(self) -> dict[str, str]:
        """The named graphs, sorted, with their names."""
        with NameIndex.building():
            iris = sorted(graph.value for graph in self._store.named_graphs() if isinstance(graph, NamedNode))
            return display_names(self._store, iris)

    @staticmethod
    @once_per_snapshot
    def of(snapshot: Store) -> TermTable:
        """Return the table of a snapshot, which is made once."""
        return TermTable(snapshot)

    def needs_of(self, classes: Iterable[str]) -> dict[str, Need]:
        """Return by IRI the properties that a thing of some classes, and those above them, must have or may have."""
        found: dict[str, Need] = {}
        for one in (above for given in classes for above in self._with_superclasses(given)):
            for path, need in self._needs.get(one, {}).items():
                found[path] = "must" if need == "must" else found.get(path, "may")
        return found

    def _kinds(self, counts: Iterable[str]) -> Iterator[tuple[str, TermKind]]:
        of_types: tuple[tuple[NamedNode, TermKind], ...] = (
            *((kind, "property") for kind in _PROPERTIES),
            (OWL.Class, "class"),
            (SKOS.Concept, "concept"),
        )
        for of_type, kind in of_types:
            for node in nodes_with(self._store, RDF.type, of_type):
                if not is_deprecated(self._store, node):
                    yield node.value, kind
        for iri in counts:
            node = NamedNode(iri)
            if next(match(self._store, None, node, None, DefaultGraph()), None) is not None:
                yield iri, "property"
            elif not iri.startswith(ns.VOCABULARY):
                yield iri, "class"

    def _term(self, iri: str, kind: TermKind, count: int) -> Term:
        node = NamedNode(iri)
        labels = [text for label in LABELS for text in self._texts(node, label)]
        english = [text.value for text in labels if text.language in ("en", None)]
        told = [text.value for one in _DEFINITIONS for text in self._texts(node, one) if text.language in ("en", None)]
        return Term(iri, kind, "".join(english[:1]), chinese_label(self._store, node), "".join(told[:1]), count)

    def _texts(self, node: NamedNode, predicate: NamedNode) -> list[Literal]:
        return sorted(literals_of(self._store, node, predicate), key=str)

    def _read_needs(self) -> dict[str, dict[str, Need]]:
        found: dict[str, dict[str, Need]] = defaultdict(dict)
        for row in select(self._store, _NEEDS):
            of, path, fewest = row["class"].value, row["path"].value, row["fewest"]
            is_must = fewest is not None and int(fewest.value) > 0
            found[of][path] = "must" if is_must else found[of].get(path, "may")
        return found

    def _with_superclasses(self, iri: str) -> set[str]:
        found = closure(self._store, NamedNode(iri), RDFS.subClassOf)
        return {one.value for one in found if isinstance(one, NamedNode)}
