"""Concepts of curators with the name of one of the files: a later version of these may have taken a concept over.

One under the same IRI no longer conforms and is withheld; one under another IRI stands, and so does all that uses it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from pyoxigraph import Literal, NamedNode, Quad

from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import OWL, SKOS


@dataclass(frozen=True, order=True)
class ConceptOfTheSameName:
    """A concept of curators, that of the files which has its name, and the name."""

    curated: str
    of_files: str
    name: str

    def line(self) -> str:
        """Return the line for a terminal, with the way out."""
        return (
            f"{self.curated}, which a change has added, has the name of {self.of_files} in the files: {self.name!r}. "
            f"Nothing is lost. If the two are one, withdraw the first: dcterms:isReplacedBy {self.of_files}"
        )


def same_names(quads: Iterable[Quad]) -> tuple[ConceptOfTheSameName, ...]:
    """Return the concepts that changes have added beside one of the files with an equal name in the same scheme.

    Capitals make no difference; withdrawn concepts are left out.
    """
    own: dict[tuple[str, str, str], set[str]] = {}
    theirs: dict[tuple[str, str, str], set[str]] = {}
    withdrawn = set[str]()
    for quad in quads:
        subject, graph = quad.subject, quad.graph_name
        if not isinstance(subject, NamedNode) or not subject.value.startswith(ns.VOCABULARY):
            continue
        if quad.predicate == OWL.deprecated:
            withdrawn.add(subject.value)
        elif quad.predicate in (SKOS.prefLabel, SKOS.altLabel) and isinstance(quad.object, Literal):
            scheme = subject.value.rpartition("/")[0]
            key = (scheme, quad.object.value.casefold(), (quad.object.language or "").lower())
            is_theirs = isinstance(graph, NamedNode) and graphs.is_curated(graph.value)
            (theirs if is_theirs else own).setdefault(key, set()).add(subject.value)
    alike = {
        ConceptOfTheSameName(ns.compact(one), ns.compact(other), key[1])
        for key in own.keys() & theirs.keys()
        for one in theirs[key] - withdrawn
        for other in own[key] - withdrawn - {one}
    }
    return tuple(sorted(alike))
