"""Rules of `ontology/rules/` read by rdflib: as clauses for the terms of a graph.

The pattern of a rule is taken as a union of conjunctions. Those parts of SPARQL are supported that have a plain meaning
in a clause: triple patterns, UNION, subselects, FILTER, MINUS, OPTIONAL with FILTER(!BOUND), which means the same as
MINUS, VALUES, and BIND. Any other is refused.

rdflib takes long to be loaded, and no answer needs it: this module is imported where rules are first read.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from itertools import product
from typing import Any

from pyoxigraph import DefaultGraph, NamedNode, QuerySolutions, Store, Variable
from rdflib import BNode, URIRef
from rdflib import Variable as QueryVariable
from rdflib.paths import MulPath
from rdflib.plugins.sparql.operators import EBV
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.plugins.sparql.sparql import FrozenBindings, QueryContext, SPARQLError

from kg.errors import CityKgError
from kg.rdf import namespaces as ns
from kg.rdf.lookup import match
from kg.rdf.rdflib_bridge import prepare_query, to_engine, to_rdflib
from kg.rdf.vocabulary import OWL, RDF, RDFS
from kg.rules.clauses import (
    Atom,
    Binding,
    Compute,
    EngineTerm,
    RuleClause,
    VarOrTerm,
    asks_terms,
    order_atoms,
    variables,
)

_NO_CONTEXT = QueryContext(initBindings={})
QueryAtom = tuple[Any, Any, Any]
Block = tuple[QueryAtom, ...]


class UnsupportedRuleError(Exception):
    """The rule holds something other than what the message names."""


def require(holds: object, what: str) -> None:
    """Raise UnsupportedRuleError with a description of what is expected, unless `holds`."""
    if not holds:
        raise UnsupportedRuleError(what)


@dataclass(frozen=True)
class Optional:
    """A block of OPTIONAL, with the variables that it alone may bind."""

    binds: frozenset[Any]
    atoms: Block


@dataclass(frozen=True)
class Conjunction:
    """Triple patterns that must match, blocks none of which may match, filters, and what BIND computes, in its order.

    Optional blocks and values stay until a filter, or what is around them, uses them.
    """

    atoms: Block = ()
    absent: tuple[Block, ...] = ()
    filters: tuple[Any, ...] = ()
    optional: tuple[Optional, ...] = ()
    values: Mapping[Any, Any] = field(default_factory=dict)
    computed: tuple[tuple[Any, Any], ...] = ()

    def join(self, other: Conjunction) -> Conjunction:
        """Return the conjunction of both."""
        require(not self.values.keys() & other.values.keys(), "one VALUES for each variable")
        return Conjunction(
            self.atoms + other.atoms,
            self.absent + other.absent,
            self.filters + other.filters,
            self.optional + other.optional,
            {**self.values, **other.values},
            self.computed + other.computed,
        )

    def with_values(self) -> Conjunction:
        """Return the conjunction with the values put in. Raises UnsupportedRuleError if an expression reads one."""
        expressions = [*self.filters, *(expression for _, expression in self.computed)]
        read = {variable for expression in expressions for variable in _variables_of(expression)}
        require(not read & self.values.keys(), "no FILTER or BIND of what VALUES binds")
        absent = tuple(_substitute_all(block, self.values) for block in self.absent)
        return replace(self, atoms=_substitute_all(self.atoms, self.values), absent=absent, values={})

    def as_block(self) -> Block:
        """Return the triple patterns, with the values put in. Raises UnsupportedRuleError if there is more."""
        is_plain = not (self.absent or self.optional or self.filters or self.computed)
        require(is_plain, "plain patterns in MINUS and OPTIONAL")
        return _substitute_all(self.atoms, self.values)


def alternatives(pattern: CompValue) -> list[Conjunction]:
    """Return the conjunctions of a pattern of the SPARQL algebra. Raises UnsupportedRuleError."""
    understood = _UNDERSTOOD.get(pattern.name)
    require(understood, f"no {pattern.name}")
    assert understood
    return understood(pattern)


def _substitute(atom: QueryAtom, values: Mapping[Any, Any]) -> QueryAtom:
    """Return a triple pattern with values in the place of variables."""
    subject, predicate, value = (values.get(term, term) for term in atom)
    return subject, predicate, value


def query_variables(atoms: Iterable[QueryAtom]) -> set[Any]:
    """Return the variables of triple patterns."""
    return {term for atom in atoms for term in atom if isinstance(term, QueryVariable)}


def _union(pattern: CompValue) -> list[Conjunction]:
    return alternatives(pattern.p1) + alternatives(pattern.p2)


def _join(pattern: CompValue) -> list[Conjunction]:
    return [one.join(other) for one, other in product(alternatives(pattern.p1), alternatives(pattern.p2))]


def _project(pattern: CompValue) -> list[Conjunction]:
    return [_hide_variables(inner, set(pattern.PV)) for inner in alternatives(pattern.p)]


def _hide_variables(inner: Conjunction, projected: set[Any]) -> Conjunction:
    """Rename the variables that a subselect does not return, so that none outside has the same name."""
    is_plain = not (inner.optional or inner.filters or inner.values or inner.computed)
    require(is_plain, "only FILTER(!BOUND) in a subselect, one an OPTIONAL")
    names = _new_names(query_variables(inner.atoms) - projected)
    return Conjunction(
        _substitute_all(inner.atoms, names), tuple(_substitute_all(block, names) for block in inner.absent)
    )


def _bind(pattern: CompValue) -> list[Conjunction]:
    """Add what BIND computes from what precedes it."""
    computed = ((pattern.var, pattern.expr),)
    return [replace(inner, computed=inner.computed + computed) for inner in alternatives(pattern.p)]


def _new_names(variables: set[Any]) -> dict[Any, Any]:
    return {variable: QueryVariable(f"{variable}_{BNode()}") for variable in variables}


def _substitute_all(block: Block, values: Mapping[Any, Any]) -> Block:
    return tuple(_substitute(atom, values) for atom in block)


def _filter(pattern: CompValue) -> list[Conjunction]:
    conditions = list(_conjuncts(pattern.expr))
    return [_apply_conditions(inner, conditions) for inner in alternatives(pattern.p)]


def _apply_conditions(inner: Conjunction, conditions: list[Any]) -> Conjunction:
    unbound = {condition.expr.arg for condition in conditions if _is_unbound(condition)}
    others = tuple(condition for condition in conditions if not _is_unbound(condition))
    require(all(any(v in block.binds for block in inner.optional) for v in unbound), "!BOUND of what is optional")
    require(not unbound & query_variables(inner.atoms), "!BOUND of what nothing else binds")
    refused = tuple(block.atoms for block in inner.optional if block.binds & unbound)
    kept = tuple(block for block in inner.optional if not block.binds & unbound)
    return replace(inner, absent=inner.absent + refused, optional=kept, filters=inner.filters + others)


def _is_unbound(condition: Any) -> bool:
    return bool(condition.name == "UnaryNot" and condition.expr.name == "Builtin_BOUND")


def _conjuncts(condition: Any) -> Iterator[Any]:
    if condition.name == "ConditionalAndExpression":
        for part in (condition.expr, *condition.other):
            yield from _conjuncts(part)
    else:
        yield condition


def _without(pattern: CompValue) -> list[Conjunction]:
    others = alternatives(pattern.p2)
    blocks = tuple(other.as_block() for other in others)
    mentioned = {variable for other in others for variable in query_variables(other.atoms)}
    return [_subtract(inner, pattern, blocks, frozenset(mentioned)) for inner in alternatives(pattern.p1)]


def _subtract(
    inner: Conjunction, pattern: CompValue, blocks: tuple[Block, ...], mentioned: frozenset[Any]
) -> Conjunction:
    """Add a block of MINUS or OPTIONAL; its own variables are renamed, since they differ from later ones."""
    bound = query_variables(inner.atoms) | inner.values.keys() | {variable for variable, _ in inner.computed}
    require(all(query_variables(block) & bound for block in blocks), "MINUS and OPTIONAL joined to what precedes them")
    binds = mentioned - bound
    apart = tuple(_substitute_all(block, _new_names(query_variables(block) - bound)) for block in blocks)
    if pattern.name == "Minus":
        return replace(inner, absent=inner.absent + apart)
    require(pattern.expr.name == "TrueFilter", "no FILTER in OPTIONAL")
    require(not any(binds & earlier.binds for earlier in inner.optional), "OPTIONALs that share no variable")
    return replace(inner, optional=inner.optional + tuple(Optional(binds, block) for block in apart))


_UNDERSTOOD: dict[str, Callable[[CompValue], list[Conjunction]]] = {
    "BGP": lambda pattern: [Conjunction(tuple(pattern.triples))],
    "Join": _join,
    "Union": _union,
    "Distinct": lambda pattern: alternatives(pattern.p),
    "Project": _project,
    "ToMultiSet": lambda pattern: alternatives(pattern.p),
    "values": lambda pattern: [Conjunction(values=row) for row in pattern.res],
    "Filter": _filter,
    "Extend": _bind,
    "Minus": _without,
    "LeftJoin": _without,
}


Answer = tuple[tuple[Any, EngineTerm], ...]
"""The values of variables."""
Values = Mapping[Any, EngineTerm]


def clauses_of(rules: Mapping[str, str], store: Store) -> list[RuleClause]:
    """Return the clauses of rules, given by name, for the terms in the default graph of `store`.

    Raises CityKgError for a rule that holds what has no meaning in a clause, that draws terms, or that asks for the
    absence of what a rule draws: then it would depend on the order of the rules what follows.
    """
    clauses = {clause: name for name, text in rules.items() for clause in _clauses(name, text, store)}
    classes = _Classes(store)
    drawing = defaultdict[NamedNode, list[RuleClause]](list)  # by predicate: there are hundreds of clauses
    for clause in clauses:
        drawing[clause.head.predicate].append(clause)
    for clause, name in clauses.items():
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
    return list(clauses)


def _clauses(name: str, text: str, store: Store) -> Iterator[RuleClause]:
    try:
        for number, way in enumerate(_ways(text)):
            yield from _specialise(text, number, frozenset(_answers(way.asked, store)))
    except UnsupportedRuleError as error:
        raise CityKgError(
            f"The rule {name} cannot be followed change by change: expected {error}.",
            "See ontology/rules/ for the form.",
        ) from error


@dataclass(frozen=True)
class _Way:
    """One way in which a rule draws a head: `asked` are the atoms about terms, `body` the others."""

    head: QueryAtom
    asked: Block
    body: Block
    absent: tuple[Block, ...]
    fixed: tuple[Any, ...]
    """The filters of terms alone."""
    different: tuple[tuple[Any, Any], ...]
    computed: tuple[tuple[Any, Any], ...]


@lru_cache(64)
def _ways(text: str) -> tuple[_Way, ...]:
    """Return the ways of a rule, cached, since parsing it takes longest."""
    query = prepare_query(text, ns.PREFIXES).algebra
    require(query.name == "ConstructQuery", "CONSTRUCT")
    return tuple(
        _way(conjunction.with_values(), _substitute(template, conjunction.values))
        for conjunction in alternatives(query.p.p)
        for template in query.template
    )


def _way(whole: Conjunction, head: QueryAtom) -> _Way:
    whole = _stepwise(whole, head)
    require(not whole.optional, "FILTER(!BOUND) for each OPTIONAL")
    asked = tuple(atom for atom in whole.atoms if _asks_terms(atom))
    body = tuple(atom for atom in whole.atoms if not _asks_terms(atom))
    fixed = [condition for condition in whole.filters if _variables_of(condition) <= query_variables(asked)]
    different = [(c.expr, c.other) for c in whole.filters if c not in fixed and _differ(c, [head, *body])]
    require(len(fixed) + len(different) == len(whole.filters), "?a != ?b, one of them a subject")
    computed = {variable for variable, _ in whole.computed}
    matched = query_variables(whole.atoms) | query_variables(atom for block in whole.absent for atom in block)
    require(not computed & matched, "no pattern of what BIND computes")
    require(query_variables([head]) <= query_variables(whole.atoms) | computed, "a head that the pattern binds")
    return _Way(head, asked, body, whole.absent, tuple(fixed), tuple(different), whole.computed)


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


@lru_cache(256)
def _specialise(text: str, number: int, answers: frozenset[Answer]) -> tuple[RuleClause, ...]:
    """Return a clause for each answer to what one of the ways of a rule asks of terms.

    They are kept: each store that is opened gives the same answers until terms change.
    """
    way, clauses = _ways(text)[number], []
    for each in answers:
        answer = dict(each)
        if all(_holds(condition, answer) for condition in way.fixed):
            body = tuple(_atom(atom, answer) for atom in way.body)
            bound = variables(body)
            clauses.append(
                RuleClause(
                    _instantiate(way.head, answer),
                    body,
                    tuple(order_atoms((_atom(atom, answer) for atom in block), bound) for block in way.absent),
                    tuple((_term(one, answer), _term(other, answer)) for one, other in way.different),
                    tuple((Variable(str(name)), _compute(expression, answer)) for name, expression in way.computed),
                )
            )
    return tuple(clauses)


def _differ(condition: Any, atoms: list[QueryAtom]) -> bool:
    """Return True if a condition is `!=` with a subject, which is never a literal, so that terms can be compared."""
    is_unequal = condition.name == "RelationalExpression" and condition.op == "!="
    return bool(is_unequal and any(atom[0] in (condition.expr, condition.other) for atom in atoms))


def _asks_terms(atom: QueryAtom) -> bool:
    _, predicate, value = atom
    return asks_terms(str(predicate.path if isinstance(predicate, MulPath) else predicate), str(value))


def _answers(asked: Block, store: Store) -> Iterator[Answer]:
    if not asked:
        yield ()
        return
    patterns = " . ".join(" ".join(term.n3() for term in atom) for atom in asked)
    result = store.query(f"SELECT DISTINCT * {{ {patterns} }}")
    assert isinstance(result, QuerySolutions)
    names = [QueryVariable(variable.value) for variable in result.variables]
    for solution in result:
        yield tuple(zip(names, solution, strict=True))


def _holds(condition: Any, answer: Values) -> bool:
    bound = {variable: to_rdflib(term) for variable, term in answer.items()}
    try:
        return bool(EBV(condition.eval(FrozenBindings(_NO_CONTEXT, bound))))
    except SPARQLError:  # SPARQL 1.1, section 17.2: a filter whose condition raises an error does not hold
        return False


def _compute(expression: Any, answer: Values) -> Compute:
    """Return the function that computes an expression, None where that is an error."""
    fixed = {variable: to_rdflib(term) for variable, term in answer.items()}
    read = {Variable(str(variable)): variable for variable in _variables_of(expression)}

    def compute(binding: Binding) -> EngineTerm | None:
        bound = {name: to_rdflib(binding[term]) for term, name in read.items() if term in binding}
        value = expression.eval(FrozenBindings(_NO_CONTEXT, fixed | bound))
        return None if isinstance(value, SPARQLError) else to_engine(value)  # an error leaves the variable unbound

    return compute


def _variables_of(condition: Any) -> set[Any]:
    if isinstance(condition, QueryVariable):
        return {condition}
    parts = condition.values() if isinstance(condition, CompValue) else condition
    return set().union(*(_variables_of(part) for part in parts if isinstance(part, QueryVariable | CompValue | list)))


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


def _term(term: Any, answer: Values) -> VarOrTerm:
    if isinstance(term, QueryVariable):
        return answer.get(term) or Variable(str(term))
    require(isinstance(term, URIRef), "IRIs and variables, and no path but p+ in the rule that draws p")
    return to_engine(term)


class _Classes:
    """The classes of what patterns match, as far as types, domains and disjointness in the ontology say."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def exclude(self, one: VarOrTerm, among: Iterable[Atom], other: VarOrTerm, others: Iterable[Atom]) -> bool:
        """Return True if nothing can match both terms, each in its patterns, as their classes are disjoint."""
        return any(self._are_disjoint(a, b) for a in self._of(one, among) for b in self._of(other, others))

    def _of(self, term: VarOrTerm, atoms: Iterable[Atom]) -> set[NamedNode]:
        found = set[NamedNode]()
        for atom in (atom for atom in atoms if atom.subject == term):
            named = [atom.object] if atom.predicate == RDF.type else self._values(atom.predicate, RDFS.domain)
            found |= {above for one in named if isinstance(one, NamedNode) for above in self._with_all_above(one)}
        return found

    def _with_all_above(self, one: NamedNode) -> set[NamedNode]:
        found, pending = {one}, [one]
        while pending:
            above = {value for value in self._values(pending.pop(), RDFS.subClassOf) if isinstance(value, NamedNode)}
            pending += above - found
            found |= above
        return found

    def _are_disjoint(self, one: NamedNode, other: NamedNode) -> bool:
        return other in self._values(one, OWL.disjointWith) or one in self._values(other, OWL.disjointWith)

    def _values(self, subject: NamedNode, predicate: NamedNode) -> list[object]:
        return [quad.object for quad in match(self._store, subject, predicate, None, DefaultGraph())]


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
