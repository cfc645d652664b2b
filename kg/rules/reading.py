"""Rules of `ontology/rules/` read by rdflib: as clauses for the terms of a graph, and what each rule reads.

rdflib takes long to be loaded, and no answer needs it: this module is imported where rules are first read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache
from typing import Any

from pyoxigraph import NamedNode, QuerySolutions, Store, Variable
from pyparsing import ParseException
from rdflib import URIRef
from rdflib import Variable as QueryVariable
from rdflib.paths import MulPath
from rdflib.plugins.sparql import prepareQuery
from rdflib.plugins.sparql.operators import EBV
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import FrozenBindings, QueryContext, SPARQLError

from kg.errors import CityKgError
from kg.rdf import namespaces as ns
from kg.rdf.rdflib_algebra import algebra_nodes
from kg.rdf.rdflib_terms import to_engine, to_rdflib
from kg.rdf.vocabulary import RDF
from kg.rules.algebra import (
    Conjunction,
    QueryAtom,
    UnsupportedRuleError,
    alternatives,
    query_variables,
    require,
)
from kg.rules.clauses import Atom, EngineTerm, RuleClause, VarOrTerm, asks_terms

Answer = Mapping[Any, EngineTerm]


def clauses_of(rules: Mapping[str, str], store: Store) -> list[RuleClause]:
    """Return the clauses of rules, given by name, for the terms in the default graph of `store`.

    Raises CityKgError for a rule that holds what has no meaning in a clause, that draws terms, or that asks for the
    absence of what a rule draws: then it would depend on the order of the rules what follows.
    """
    clauses = {clause: name for name, text in rules.items() for clause in _clauses(name, text, store)}
    for clause, name in clauses.items():
        for atom in (atom for block in clause.absent for atom in block):
            if any(_overlap(atom, other.head) for other in clauses):
                raise CityKgError(
                    f"The rule {name} asks for the absence of {ns.compact(atom.predicate.value)}, which a rule draws.",
                    "Ask for the absence of stated properties only.",
                )
    return list(clauses)


def _clauses(name: str, text: str, store: Store) -> Iterator[RuleClause]:
    try:
        conjunctions, heads = _read(text)
        for conjunction in conjunctions:
            for head in heads:
                yield from _specialise(_stepwise(conjunction, head), head, store)
    except UnsupportedRuleError as error:
        raise CityKgError(
            f"The rule {name} cannot be followed change by change: expected {error}.",
            "See ontology/rules/ for the form.",
        ) from error


@lru_cache(64)
def _read(text: str) -> tuple[tuple[Conjunction, ...], tuple[QueryAtom, ...]]:
    """Return the bodies and heads of a rule; rdflib takes longer to parse it than all else, and it does not change."""
    query = prepareQuery(text, initNs=ns.PREFIXES).algebra
    require(query.name == "ConstructQuery", "CONSTRUCT")
    return tuple(alternatives(query.p.p)), tuple(query.template)


def _stepwise(whole: Conjunction, head: QueryAtom) -> Conjunction:
    """Write `?x p+ ?y` as two steps in a rule that draws `?x p ?y`.

    Repeated, two steps lead along every path that visits no node twice, and so to each end that any path leads to; with
    or without FILTER(?x != ?y), as no two nodes of such a path are the same.
    """
    for subject, path, value in whole.atoms:
        if isinstance(path, MulPath) and path.path == head[1]:
            require(len(whole.atoms) == 1 and not whole.absent and path.mod == "+", "a path p+ on its own")
            require(head == (subject, path.path, value), "the ends of the path in the head")
            between = QueryVariable("between")
            return replace(whole, atoms=((subject, path.path, between), (between, path.path, value)))
    return whole


def _specialise(whole: Conjunction, head: QueryAtom, store: Store) -> Iterator[RuleClause]:
    """Yield a clause for each answer of the terms to what the rule asks of them."""
    require(not (whole.optional or whole.values), "FILTER(!BOUND) for each OPTIONAL, VALUES only inside it")
    asked = [atom for atom in whole.atoms if _asks_terms(atom)]
    body = [atom for atom in whole.atoms if not _asks_terms(atom)]
    fixed = [condition for condition in whole.filters if _variables_of(condition) <= query_variables(asked)]
    different = [(c.expr, c.other) for c in whole.filters if c not in fixed and _differ(c, [head, *body])]
    require(len(fixed) + len(different) == len(whole.filters), "?a != ?b, one of them a subject")
    require(query_variables([head]) <= query_variables(whole.atoms), "a head that the pattern binds")
    for answer in _answers(asked, store):
        if all(_holds(condition, answer) for condition in fixed):
            yield RuleClause(
                _instantiate(head, answer),
                tuple(_atom(atom, answer) for atom in body),
                tuple(tuple(_atom(atom, answer) for atom in block) for block in whole.absent),
                tuple((_term(one, answer), _term(other, answer)) for one, other in different),
            )


def _differ(condition: Any, atoms: list[QueryAtom]) -> bool:
    """Tell a comparison for which it is enough to compare terms: subjects are never literals, whose values count."""
    is_unequal = condition.name == "RelationalExpression" and condition.op == "!="
    return bool(is_unequal and any(atom[0] in (condition.expr, condition.other) for atom in atoms))


def _asks_terms(atom: QueryAtom) -> bool:
    _, predicate, value = atom
    return asks_terms(str(predicate.path if isinstance(predicate, MulPath) else predicate), str(value))


def _answers(asked: list[QueryAtom], store: Store) -> Iterator[Answer]:
    if not asked:
        yield {}
        return
    patterns = " . ".join(" ".join(term.n3() for term in atom) for atom in asked)
    result = store.query(f"SELECT DISTINCT * {{ {patterns} }}")
    assert isinstance(result, QuerySolutions)
    names = [QueryVariable(variable.value) for variable in result.variables]
    for solution in result:
        yield dict(zip(names, solution, strict=True))


def _holds(condition: Any, answer: Answer) -> bool:
    bound = {variable: to_rdflib(term) for variable, term in answer.items()}
    try:
        return bool(EBV(condition.eval(FrozenBindings(QueryContext(), bound))))
    except SPARQLError:  # SPARQL 1.1, section 17.2: a filter whose condition raises an error does not hold
        return False


def _variables_of(condition: Any) -> set[Any]:
    if isinstance(condition, QueryVariable):
        return {condition}
    parts = condition.values() if isinstance(condition, CompValue) else condition
    return set().union(*(_variables_of(part) for part in parts if isinstance(part, QueryVariable | CompValue | list)))


def _instantiate(head: QueryAtom, answer: Answer) -> Atom:
    atom = _atom(head, answer)
    require(not asks_terms(atom.predicate.value, atom.object.value), "a head that is not about terms")
    return atom


def _atom(atom: QueryAtom, answer: Answer) -> Atom:
    subject, predicate, value = (_term(term, answer) for term in atom)
    require(isinstance(predicate, NamedNode), "predicates that are fixed, or that the terms fix")
    assert isinstance(predicate, NamedNode)
    require(predicate != RDF.type or isinstance(value, NamedNode), "classes that are fixed, or that the terms fix")
    return Atom(subject, predicate, value)


def _term(term: Any, answer: Answer) -> VarOrTerm:
    if isinstance(term, QueryVariable):
        return answer.get(term) or Variable(str(term))
    require(isinstance(term, URIRef), "IRIs and variables, and no path but p+ in the rule that draws p")
    return to_engine(term)


def _overlap(one: Atom, other: Atom) -> bool:
    pairs = ((one.subject, other.subject), (one.predicate, other.predicate), (one.object, other.object))
    return all(a == b or isinstance(a, Variable) or isinstance(b, Variable) for a, b in pairs)


@lru_cache(64)
def terms_of_rule(rule: str) -> frozenset[NamedNode] | None:
    """Return the predicates that a rule reads, and the classes in place of rdf:type; None if it may read any.

    Only new triples of these can make it draw more.
    """
    try:
        algebra = prepareQuery(rule, initNs=ns.PREFIXES).algebra
    except ParseException:
        return None  # the engine says what is wrong
    read = {
        _term_of_pattern(*triple) for part in algebra_nodes(algebra) if part.name == "BGP" for triple in part.triples
    }
    return None if None in read else frozenset(NamedNode(str(term)) for term in read)


def _term_of_pattern(subject: Any, predicate: Any, value: Any) -> Any:
    """Return the predicate or class that a triple pattern reads, None if it is not fixed."""
    term = value if predicate == URIRef(RDF.type.value) else getattr(predicate, "path", predicate)
    return term if isinstance(term, URIRef) else None
