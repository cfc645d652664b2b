"""The rules of `ontology/rules/` as clauses, in which each triple pattern can be followed on its own.

A clause draws its head wherever its body matches, its `different` terms differ and none of its `absent` blocks matches.
What a rule asks of the terms (`rdfs:subClassOf+`, `owl:inverseOf` …) is answered once, when it is read: the rule
becomes one clause for each answer. What the rules ask of the terms never changes through the gate: curators may add
concepts, but none that is narrower than one of NARROWER_ASKED.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, Triple, Variable

from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, OWL, RDF, RDFS, SKOS

EngineTerm: TypeAlias = NamedNode | BlankNode | Literal
VarOrTerm: TypeAlias = EngineTerm | Variable

NARROWER_ASKED = ns.VOCABULARY + "membership-role/"
"""The scheme of which the rules ask which concepts are narrower than others."""

_TERM_PREDICATES = {
    one.value for one in (RDFS.subClassOf, RDFS.subPropertyOf, OWL.inverseOf, SKOS.broader, CD.objectionKind)
}
_TERM_CLASSES = {OWL.SymmetricProperty.value}


@dataclass(frozen=True)
class Atom:
    """A triple pattern; its predicate is fixed, and so is the class where the predicate is rdf:type."""

    subject: VarOrTerm
    predicate: NamedNode
    object: VarOrTerm


@dataclass(frozen=True)
class RuleClause:
    """One way to draw a triple. A variable of `absent` that `body` does not bind stands in one block only."""

    head: Atom
    body: tuple[Atom, ...]
    absent: tuple[tuple[Atom, ...], ...]
    different: tuple[tuple[VarOrTerm, VarOrTerm], ...]


def is_about_terms(triple: Triple) -> bool:
    """Return True if a triple is one of those that are read once, as part of the rules."""
    concept = str(getattr(triple.subject, "value", ""))
    if triple.predicate == SKOS.broader and concept.startswith(ns.VOCABULARY):
        return concept.startswith(NARROWER_ASKED)
    return asks_terms(triple.predicate.value, getattr(triple.object, "value", None))


def asks_terms(predicate: str, value: str | None) -> bool:
    """Return True if a rule that reads a predicate and an object, by their IRIs, asks what the terms are."""
    return predicate in _TERM_PREDICATES or (predicate == RDF.type.value and value in _TERM_CLASSES)
