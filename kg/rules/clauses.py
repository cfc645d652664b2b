"""The rules of `ontology/rules/` as clauses, matched against the triples of a graph as it is and as it becomes.

A clause draws its head wherever its body matches, its `different` terms differ, its `evaluation` admits the values and
none of its `absent` blocks matches; what BIND computes in the head follows from what the body binds.
What a rule asks of the terms (`rdfs:subClassOf+`, `owl:hasValue` …) is answered once, when it is read: the rule
becomes one clause for each answer. What the rules ask of the terms never changes through the gate: curators may add
concepts, but none that is narrower than one of NARROWER_ASKED.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass
from typing import Protocol

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Store, Triple, Variable

from kg.rdf import graphs, lookup
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, OWL, RDF, RDFS, SKOS
from kg.rules.expressions import Binding, EngineTerm, Evaluation, VarOrTerm

NARROWER_ASKED = ns.VOCABULARY + "membership-role/"
"""The scheme whose narrower concepts the rules ask for."""

_TERM_PREDICATES = {
    one.value
    for one in (
        *(RDFS.subClassOf, RDFS.subPropertyOf, SKOS.broader, CD.objectionKind, CD.inferredOn, RDF.first, RDF.rest),
        *(OWL.inverseOf, OWL.equivalentClass, OWL.intersectionOf, OWL.unionOf, OWL.onProperty, OWL.hasValue),
    )
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
    """One way to draw a triple. A variable of `absent` that `body` does not bind stands in one block only.

    Blocks of `absent` are in the order to match them (`order_atoms`).

    `evaluation` has what BIND computes, and what FILTER asks of the values that the body binds, such as dates. An
    error in computing leaves a variable unbound, and a head with it is not drawn.
    """

    head: Atom
    body: tuple[Atom, ...]
    absent: tuple[tuple[Atom, ...], ...]
    different: tuple[tuple[VarOrTerm, VarOrTerm], ...]
    evaluation: Evaluation | None = None


def is_about_terms(triple: Triple) -> bool:
    """Return True if a triple is read once, as part of the rules."""
    concept = str(getattr(triple.subject, "value", ""))
    if triple.predicate == SKOS.broader and concept.startswith(ns.VOCABULARY):
        return concept.startswith(NARROWER_ASKED)
    return asks_terms(triple.predicate.value, getattr(triple.object, "value", None))


def asks_terms(predicate: str, value: str | None) -> bool:
    """Return True if a pattern with these IRIs as predicate and object asks about terms."""
    return predicate in _TERM_PREDICATES or (predicate == RDF.type.value and value in _TERM_CLASSES)


Pattern = tuple[EngineTerm | None, EngineTerm, EngineTerm | None]

_DEFAULT_GRAPH = DefaultGraph()


class Triples(Protocol):
    """A graph matched by patterns; None in a pattern matches any term."""

    def match(self, pattern: Pattern) -> Iterable[Triple]:
        """Return the triples that fit."""


class TriplesBefore:
    """The default graph of an unchanging store, with a cache."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._answers: dict[Pattern, tuple[Triple, ...]] = {}
        self._terms: dict[EngineTerm, bool] = {}

    def has(self, term: EngineTerm) -> bool:
        """Return True if a term is the subject or object of a triple."""
        if (known := self._terms.get(term)) is None:
            patterns = ((term, None, None, _DEFAULT_GRAPH), (None, None, term, _DEFAULT_GRAPH))
            known = self._terms[term] = any(lookup.match_each(self._store, patterns))
        return known

    def __contains__(self, triple: Triple) -> bool:
        return graphs.quad_in(triple, _DEFAULT_GRAPH) in self._store

    def match(self, pattern: Pattern) -> tuple[Triple, ...]:
        """Return the triples that fit."""
        if (answer := self._answers.get(pattern)) is None:
            found = lookup.match(self._store, *pattern, _DEFAULT_GRAPH)
            answer = self._answers[pattern] = tuple(quad.triple for quad in found)
        return answer


class TriplesAfter:
    """A graph without the triples `gone`, all of which it had, and with `come`, none of which it had."""

    def __init__(self, before: TriplesBefore, come: Iterable[Triple], gone: Iterable[Triple]) -> None:
        self._before = before
        self.come: set[Triple] = set()
        self.gone = set(gone)
        self._come_by: dict[Pattern, set[Triple]] = defaultdict(set)
        for triple in come:
            self.add(triple)

    def __contains__(self, triple: Triple) -> bool:
        return triple in self.come or (triple not in self.gone and triple in self._before)

    def match(self, pattern: Pattern) -> list[Triple]:
        """Return the triples that fit."""
        found = [triple for triple in self._before.match(pattern) if triple not in self.gone]
        return [*found, *self._come_by.get(pattern, ())]

    def add(self, triple: Triple) -> None:
        """Add a triple that is not there."""
        if triple in self.gone:
            self.gone.remove(triple)
            return
        self.come.add(triple)
        for subject in (triple.subject, None):
            for value in (triple.object, None):
                self._come_by[subject, triple.predicate, value].add(triple)  # type: ignore[index]


def match_atom(atom: Atom, triple: Triple, known: Binding) -> Binding | None:
    """Return the binding by which an atom matches a triple, None if there is none."""
    if atom.predicate != triple.predicate:
        return None
    binding = dict(known)
    for term, value in ((atom.subject, triple.subject), (atom.object, triple.object)):
        if isinstance(term, Variable):
            if binding.setdefault(term, value) != value:  # type: ignore[arg-type]
                return None
        elif term != value:
            return None
    return binding


def order_atoms(atoms: Iterable[Atom], bound: Iterable[VarOrTerm]) -> tuple[Atom, ...]:
    """Return atoms in the order to match them, given the bound variables: the narrowest look-up first.

    Narrowest is one by the subject, then one by a bound object, last one by the rule's own terms, which many things
    share. Of two equals the rule's order decides.
    """
    known, left, ordered = set(bound), list(atoms), []
    while left:
        atom = max(left, key=lambda candidate: _narrowness(candidate, known))
        left.remove(atom)
        ordered.append(atom)
        known |= variables([atom])
    return tuple(ordered)


def variables(atoms: Iterable[Atom]) -> set[VarOrTerm]:
    """Return the variables of atoms."""
    return {term for atom in atoms for term in (atom.subject, atom.object) if isinstance(term, Variable)}


def bindings(atoms: tuple[Atom, ...], known: Binding, triples: Triples) -> Iterator[Binding]:
    """Yield each binding by which all atoms, in their order, match the triples."""
    if not atoms:
        yield known
        return
    atom, rest = atoms[0], atoms[1:]
    for triple in triples.match((_value(atom.subject, known), atom.predicate, _value(atom.object, known))):
        if (found := match_atom(atom, triple, known)) is not None:
            yield from bindings(rest, found, triples)


def heads(
    clause: RuleClause, body: tuple[Atom, ...], known: Binding, triples: Triples
) -> Iterator[tuple[Triple, Binding]]:
    """Yield the triples that a clause derives, with their bindings, without a check of its absent blocks.

    `body` is the part of its body that is not matched yet under the binding `known`.
    """
    for matched in bindings(body, known, triples):
        if any(_value(one, matched) == _value(other, matched) for one, other in clause.different):
            continue
        binding = _with_computed(clause, matched)
        if binding is None:
            continue
        subject, value = _value(clause.head.subject, binding), _value(clause.head.object, binding)
        if isinstance(subject, NamedNode | BlankNode) and value is not None:
            yield Triple(subject, clause.head.predicate, value), binding


def _with_computed(clause: RuleClause, matched: Binding) -> Binding | None:
    """Return the binding with what BIND computes.

    None if a condition does not hold, or if the head was matched with other values.
    """
    if clause.evaluation is None:
        return matched
    if (computed := clause.evaluation.solution(matched)) is None:
        return None
    own = clause.evaluation.computes & matched.keys()
    return {**matched, **computed} if all(computed.get(term) == matched[term] for term in own) else None


def is_permitted(clause: RuleClause, binding: Binding, triples: Triples) -> bool:
    """Return True if no absent block of a clause matches the triples."""
    return not any(True for block in clause.absent for _ in bindings(block, binding, triples))


def _value(term: VarOrTerm, known: Binding) -> EngineTerm | None:
    return known.get(term) if isinstance(term, Variable) else term


def _narrowness(atom: Atom, known: Set[VarOrTerm]) -> int:
    value = 2 if atom.object in known else 0 if isinstance(atom.object, Variable) else 1
    by_subject = atom.subject in known or not isinstance(atom.subject, Variable)
    return value + (4 if by_subject else 0)
