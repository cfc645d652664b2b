"""Rules of `ontology/rules/`, read as clauses for the terms of a graph."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache

from pyoxigraph import DefaultGraph, NamedNode, QuerySolutions, Store, Triple, Variable

from kg.errors import CityKgError
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.vocabulary import OWL, RDF, RDFS
from kg.rules.clauses import (
    Atom,
    RuleClause,
    asks_terms,
    order_atoms,
    variables,
)
from kg.rules.expressions import EngineTerm, Evaluation, VarOrTerm, declarations_of, unequal_variables, variables_of
from kg.rules.patterns import (
    NO_OTHER_TERMS,
    Conjunction,
    PatternReader,
    QueryAtom,
    QueryBlock,
    RepeatedStep,
    query_variables,
    require,
    substitute,
)
from kg.sparql.text import Prologue
from kg.sparql.text.groups import Pattern, UnexpectedTokenError, parse_query

Answer = tuple[tuple[Variable, EngineTerm], ...]
"""The values of variables."""
Values = Mapping[Variable, EngineTerm]
_OF_CLASSES = (RDFS.domain, RDFS.subClassOf, OWL.disjointWith)


def clauses_of(rules: Mapping[str, str], store: Store) -> list[RuleClause]:
    """Return the clauses of rules, given by name, for the terms in the default graph of `store`.

    Raises CityKgError for a rule that holds what has no meaning in a clause, that draws terms, or that asks for the
    absence of what a rule draws: then it would depend on the order of the rules what follows.
    """
    clauses = {clause: name for name, text in rules.items() for clause in _clauses(name, text, store)}
    said = (quad.triple for term in _OF_CLASSES for quad in match(store, None, term, None, DefaultGraph()))
    _check_absences(tuple(clauses.items()), frozenset(said))
    return list(clauses)


@lru_cache(4)
def _check_absences(clauses: tuple[tuple[RuleClause, str], ...], said: frozenset[Triple]) -> None:
    """Raise CityKgError for a clause that asks for the absence of what one draws; `said` is of classes.

    Cached, since the clauses of one store after the other are the same.
    """
    classes = _Classes(said)
    drawing = defaultdict[NamedNode, list[RuleClause]](list)  # by predicate: there are hundreds of clauses
    for clause, _ in clauses:
        drawing[clause.head.predicate].append(clause)
    for clause, name in clauses:
        for block in clause.absent:
            around = (*clause.body, *block)
            drawn = (
                atom for atom in block for other in drawing[atom.predicate] if _may_draw(other, atom, around, classes)
            )
            if (atom := next(drawn, None)) is not None:
                raise CityKgError(
                    f"The rule {name} asks for the absence of {ns.compact(atom.predicate.value)}, which a rule infers.",
                    "Ask for the absence of stated properties only.",
                )


def _clauses(name: str, text: str, store: Store) -> Iterator[RuleClause]:
    try:
        for number, way in enumerate(_ways(text)):
            yield from _specialise(text, number, frozenset(_answers(way, store)))
    except UnexpectedTokenError as error:
        raise CityKgError(
            f"The rule {name} cannot be followed change by change: expected {error}.",
            "See ontology/rules/ for the form.",
        ) from error


@dataclass(frozen=True)
class _Way:
    """One way in which a rule draws a head: `asked` are the atoms about terms, `body` the others."""

    head: QueryAtom
    asked: QueryBlock
    body: QueryBlock
    absent: tuple[QueryBlock, ...]
    asking: str
    """The query for the terms that `asked` matches and the filters of them alone admit."""
    different: tuple[tuple[Variable, Variable], ...]
    evaluation: Evaluation | None
    """The other filters, and what BIND computes."""


@lru_cache(64)
def _ways(text: str) -> tuple[_Way, ...]:
    """Return the ways of a rule, cached, since each store that is opened needs the same."""
    query = parse_query(text, "CONSTRUCT")
    require(query.template, "a template behind CONSTRUCT")
    assert query.template
    reader = PatternReader(query.prologue)
    heads = [reader.atom(part) for part in query.template.parts if isinstance(part, Pattern)]
    require(len(heads) == len(query.template.parts), "triples in the head")
    return tuple(
        _way(conjunction.with_values(), substitute(head, conjunction.values), query.prologue)
        for conjunction in reader.alternatives(query.select.group)
        for head in heads
    )


def _way(whole: Conjunction, head: QueryAtom, prologue: Prologue) -> _Way:
    whole = _stepwise(whole, head)
    require(not whole.optional, "FILTER(!BOUND) for each OPTIONAL")
    asked = tuple(atom for atom in whole.atoms if _asks_terms(atom))
    body = tuple(atom for atom in whole.atoms if not _asks_terms(atom))
    fixed = [condition for condition in whole.filters if variables_of(condition) <= query_variables(asked)]
    different = {c: pair for c in whole.filters if c not in fixed and (pair := _different_things(c, [head, *body]))}
    conditions = [c for c in whole.filters if c not in fixed and c not in different]
    computed = {variable for variable, _ in whole.computed}
    matched = query_variables(whole.atoms) | query_variables(atom for block in whole.absent for atom in block)
    require(not computed & matched, "no pattern of what BIND computes")
    require(query_variables([head]) <= query_variables(whole.atoms) | computed, "a head that the pattern binds")
    evaluation = Evaluation.of(whole.computed, conditions, prologue)
    asking = _query_of_terms(asked, fixed, prologue)
    return _Way(head, asked, body, whole.absent, asking, tuple(different.values()), evaluation)


def _query_of_terms(asked: QueryBlock, conditions: list[str], prologue: Prologue) -> str:
    patterns = " . ".join(" ".join(map(str, atom)) for atom in asked)
    filters = " ".join(f"FILTER({condition})" for condition in conditions)
    return f"{declarations_of(conditions, prologue)}SELECT DISTINCT * {{ {patterns} {filters} }}"


def _stepwise(whole: Conjunction, head: QueryAtom) -> Conjunction:
    """Write `?x p+ ?y` as two steps in a rule that draws `?x p ?y`.

    Repeated, two steps lead along every path that visits no node twice, and so to each end that any path leads to; with
    or without FILTER(?x != ?y), as no two nodes of such a path are the same.
    """
    for subject, path, value in whole.atoms:
        if isinstance(path, RepeatedStep) and path.property == head[1]:
            require(len(whole.atoms) == 1 and not whole.absent and path.sign == "+", "a path p+ on its own")
            require(head == (subject, path.property, value), "the ends of the path in the head")
            between = Variable("between")
            return replace(whole, atoms=((subject, path.property, between), (between, path.property, value)))
    return whole


@lru_cache(2048)
def _specialise(text: str, number: int, answers: frozenset[Answer]) -> tuple[RuleClause, ...]:
    """Return a clause for each answer to what one of the ways of a rule asks of terms.

    They are kept: each store that is opened gives the same answers until terms change.
    """
    way = _ways(text)[number]
    return tuple(_clause(way, dict(each)) for each in answers)


def _clause(way: _Way, answer: Values) -> RuleClause:
    body = tuple(dict.fromkeys(_atom(atom, answer) for atom in way.body))  # parts of a rule repeat some
    bound = variables(body)
    return RuleClause(
        _instantiate(way.head, answer),
        body,
        tuple(order_atoms((_atom(atom, answer) for atom in block), bound) for block in way.absent),
        tuple((answer.get(one, one), answer.get(other, other)) for one, other in way.different),
        way.evaluation and way.evaluation.with_fixed(answer),
    )


def _different_things(condition: str, atoms: list[QueryAtom]) -> tuple[Variable, Variable] | None:
    """Return the variables of `!=` with a subject, which is never a literal, so that terms can be compared."""
    pair = unequal_variables(condition)
    return pair if pair and any(atom[0] in pair for atom in atoms) else None


def _asks_terms(atom: QueryAtom) -> bool:
    _, predicate, value = atom
    step = predicate.property if isinstance(predicate, RepeatedStep) else predicate
    return asks_terms(step.value, value.value)


def _answers(way: _Way, store: Store) -> Iterator[Answer]:
    if not way.asked:
        yield ()
        return
    result = store.query(way.asking)
    assert isinstance(result, QuerySolutions)
    for solution in result:
        yield tuple(zip(result.variables, solution, strict=True))


def _instantiate(head: QueryAtom, answer: Values) -> Atom:
    atom = _atom(head, answer)
    require(not asks_terms(atom.predicate.value, atom.object.value), "a head that is not about terms")
    return atom


def _atom(atom: QueryAtom, answer: Values) -> Atom:
    subject, predicate, value = (_term(term, answer) for term in atom)
    require(isinstance(predicate, NamedNode), "predicates that are fixed, or that the terms fix")
    assert isinstance(predicate, NamedNode)
    require(predicate != RDF.type or isinstance(value, NamedNode), "classes that are fixed, or that the terms fix")
    return Atom(subject, predicate, value)


def _term(term: NamedNode | Variable | RepeatedStep, answer: Values) -> VarOrTerm:
    require(not isinstance(term, RepeatedStep), NO_OTHER_TERMS)
    assert not isinstance(term, RepeatedStep)
    return answer.get(term, term) if isinstance(term, Variable) else term


class _Classes:
    """The classes of what patterns match, as far as types, domains and disjointness in the ontology say."""

    def __init__(self, said: Iterable[Triple]) -> None:
        self._said = defaultdict[tuple[object, NamedNode], list[object]](list)
        for triple in said:
            self._said[triple.subject, triple.predicate].append(triple.object)
        self._above: dict[NamedNode, set[NamedNode]] = {}

    def exclude(self, one: VarOrTerm, among: Iterable[Atom], other: VarOrTerm, others: Iterable[Atom]) -> bool:
        """Return True if nothing can match both terms, each in its patterns, as their classes are disjoint."""
        classes = self._of(other, others)
        return any(self._are_disjoint(a, b) for a in self._of(one, among) for b in classes)

    def _of(self, term: VarOrTerm, atoms: Iterable[Atom]) -> set[NamedNode]:
        found = set[NamedNode]()
        for atom in (atom for atom in atoms if atom.subject == term):
            named = [atom.object] if atom.predicate == RDF.type else self._values(atom.predicate, RDFS.domain)
            found |= {above for one in named if isinstance(one, NamedNode) for above in self._with_all_above(one)}
        return found

    def _with_all_above(self, one: NamedNode) -> set[NamedNode]:
        """Return a class and its superclasses, cached, since the same few are asked for again and again."""
        if one in self._above:
            return self._above[one]
        found, pending = {one}, [one]
        while pending:
            above = {value for value in self._values(pending.pop(), RDFS.subClassOf) if isinstance(value, NamedNode)}
            pending += above - found
            found |= above
        self._above[one] = found
        return found

    def _are_disjoint(self, one: NamedNode, other: NamedNode) -> bool:
        return other in self._values(one, OWL.disjointWith) or one in self._values(other, OWL.disjointWith)

    def _values(self, subject: NamedNode, predicate: NamedNode) -> list[object]:
        return self._said.get((subject, predicate), [])


def _may_draw(clause: RuleClause, atom: Atom, around: Iterable[Atom], classes: _Classes) -> bool:
    """Return True if a clause may draw what matches a pattern, which stands with those `around` it.

    What a rule draws on activities never meets a pattern of accounts: no account is an activity, and the gate refuses
    one that is.
    """
    return _overlap(atom, clause.head) and not classes.exclude(atom.subject, around, clause.head.subject, clause.body)


def _overlap(one: Atom, other: Atom) -> bool:
    """Return True if a triple may match two patterns of one predicate."""
    pairs = ((one.subject, other.subject), (one.object, other.object))
    return all(a == b or isinstance(a, Variable) or isinstance(b, Variable) for a, b in pairs)
