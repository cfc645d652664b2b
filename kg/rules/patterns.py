"""Patterns of rules, read from their text as unions of conjunctions.

Those parts of SPARQL are supported that have a plain meaning in a clause: triple patterns, UNION, subselects, MINUS,
OPTIONAL with FILTER(!BOUND), which means the same as MINUS, VALUES, and FILTER and BIND whose outcome the values of
their variables decide. Any other is refused.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import count, product
from typing import TypeAlias

from pyoxigraph import NamedNode, Variable

from kg.rdf.vocabulary import RDF
from kg.rules.expressions import conjuncts, follows_from_variables, pieces, unbound_variable, variables_of
from kg.sparql.text import Prologue, Scanner, tokens
from kg.sparql.text.groups import Block, GroupPattern, Pattern, Select, UnexpectedTokenError

NO_OTHER_TERMS = "IRIs and variables, and no path but p+ in the rule that draws p"


def require(holds: object, what: str) -> None:
    """Raise UnexpectedTokenError with a description of what is expected, unless `holds`."""
    if not holds:
        raise UnexpectedTokenError(what)


@dataclass(frozen=True)
class RepeatedStep:
    """A path `p+`, `p*` or `p?`."""

    property: NamedNode
    sign: str

    def __str__(self) -> str:
        return f"{self.property}{self.sign}"


QueryTerm: TypeAlias = NamedNode | Variable
QueryAtom: TypeAlias = tuple[QueryTerm, QueryTerm | RepeatedStep, QueryTerm]
QueryBlock: TypeAlias = tuple[QueryAtom, ...]
Values: TypeAlias = Mapping[Variable, QueryTerm]


@dataclass(frozen=True)
class OptionalBlock:
    """A block of OPTIONAL, with the variables that it alone may bind."""

    binds: frozenset[Variable]
    atoms: QueryBlock


@dataclass(frozen=True)
class Conjunction:
    """Triple patterns that must match, blocks none of which may match, filters, and what BIND computes, in its order.

    Optional blocks and values stay until a filter, or what is around them, uses them.
    """

    atoms: QueryBlock = ()
    absent: tuple[QueryBlock, ...] = ()
    filters: tuple[str, ...] = ()
    optional: tuple[OptionalBlock, ...] = ()
    values: Values = field(default_factory=dict)
    computed: tuple[tuple[Variable, str], ...] = ()

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
        """Return the conjunction with the values put in. Raises UnexpectedTokenError if an expression reads one."""
        expressions = [*self.filters, *(expression for _, expression in self.computed)]
        read = {variable for expression in expressions for variable in variables_of(expression)}
        require(not read & self.values.keys(), "no FILTER or BIND of what VALUES binds")
        absent = tuple(_substitute_all(block, self.values) for block in self.absent)
        return replace(self, atoms=_substitute_all(self.atoms, self.values), absent=absent, values={})

    def as_block(self) -> QueryBlock:
        """Return the triple patterns, with the values put in. Raises UnexpectedTokenError if there is more."""
        is_plain = not (self.absent or self.optional or self.filters or self.computed)
        require(is_plain, "plain patterns in MINUS and OPTIONAL")
        return _substitute_all(self.atoms, self.values)

    def bound(self) -> set[Variable]:
        """Return the variables that patterns and values bind."""
        return query_variables(self.atoms) | self.values.keys()


def substitute(atom: QueryAtom, values: Values) -> QueryAtom:
    """Return a triple pattern with values in the place of variables."""
    subject, predicate, value = atom
    predicate = values.get(predicate, predicate) if isinstance(predicate, Variable) else predicate
    return _value(subject, values), predicate, _value(value, values)


def query_variables(atoms: Iterable[QueryAtom]) -> set[Variable]:
    """Return the variables of triple patterns."""
    return {term for atom in atoms for term in atom if isinstance(term, Variable)}


class PatternReader:
    """Reads the groups of one rule, whose names `prologue` declares. All of it raises UnexpectedTokenError."""

    def __init__(self, prologue: Prologue) -> None:
        self._prologue = prologue
        self._numbers = count()

    def alternatives(self, group: GroupPattern) -> list[Conjunction]:
        """Return the conjunctions of a group. Its filters apply to all of it, wherever they stand."""
        if group.select:
            return self._subselect(group.select)
        found, conditions = [Conjunction()], []
        for part in group.parts:
            if isinstance(part, Block) and part.keyword == "FILTER":
                conditions += conjuncts(part.text[len(part.keyword) :])
            else:
                found = self._with_part(found, part)
        return [_apply_conditions(one, conditions) for one in found]

    def atom(self, pattern: Pattern) -> QueryAtom:
        """Return a triple pattern."""
        return self._term(pattern.subject), self._predicate(pattern), self._term(pattern.value)

    def _with_part(self, found: list[Conjunction], part: Pattern | Block) -> list[Conjunction]:
        if isinstance(part, Pattern):
            return [replace(one, atoms=(*one.atoms, self.atom(part))) for one in found]
        if part.keyword == "BIND":
            return [replace(one, computed=(*one.computed, _bound_expression(part.text))) for one in found]
        if part.keyword in ("MINUS", "OPTIONAL"):
            others = self.alternatives(part.groups[0])
            return [self._subtract(one, part, others) for one in found]
        require(part.keyword in ("UNION", "VALUES"), f"no {part.keyword}")
        joined = [way for group in part.groups for way in self.alternatives(group)] or self._values(part.text)
        return [one.join(other) for one, other in product(found, joined)]

    def _subselect(self, select: Select) -> list[Conjunction]:
        is_plain = select.keys is None and not (select.values or select.slice)
        columns = select.columns
        require(is_plain and not any(c.expression for c in columns or ()), "variables alone in a subselect")
        found = self.alternatives(select.group)
        if columns is None:
            return found
        return [self._hide_variables(inner, {Variable(column.name) for column in columns}) for inner in found]

    def _hide_variables(self, inner: Conjunction, projected: set[Variable]) -> Conjunction:
        """Rename the variables that a subselect does not return, so that none outside has the same name."""
        is_plain = not (inner.optional or inner.filters or inner.values or inner.computed)
        require(is_plain, "only FILTER(!BOUND) in a subselect, one an OPTIONAL")
        names = self._new_names(query_variables(inner.atoms) - projected)
        return Conjunction(
            _substitute_all(inner.atoms, names), tuple(_substitute_all(block, names) for block in inner.absent)
        )

    def _subtract(self, inner: Conjunction, part: Block, others: list[Conjunction]) -> Conjunction:
        """Add a block of MINUS or OPTIONAL; its own variables are renamed, since they differ from later ones."""
        blocks = [other.as_block() for other in others]
        bound = inner.bound() | {variable for variable, _ in inner.computed}
        is_joined = all(query_variables(block) & bound for block in blocks)
        require(is_joined, "MINUS and OPTIONAL joined to what precedes them")
        binds = frozenset(query_variables(atom for other in others for atom in other.atoms) - bound)
        apart = [_substitute_all(block, self._new_names(query_variables(block) - bound)) for block in blocks]
        if part.keyword == "MINUS":
            return replace(inner, absent=(*inner.absent, *apart))
        require(not any(binds & earlier.binds for earlier in inner.optional), "OPTIONALs that share no variable")
        return replace(inner, optional=(*inner.optional, *(OptionalBlock(binds, block) for block in apart)))

    def _new_names(self, variables: Iterable[Variable]) -> dict[Variable, QueryTerm]:
        return {variable: Variable(f"{variable.value}_{next(self._numbers)}") for variable in variables}

    def _values(self, text: str) -> list[Conjunction]:
        """Return a conjunction for each row of a block of VALUES."""
        scan = Scanner(text)
        scan.expect("VALUES")
        has_brackets = scan.peek().text == "("
        names = self._row(scan, has_brackets=has_brackets)
        scan.expect("{")
        rows = []
        while scan.peek().text != "}":
            row = zip(names, self._row(scan, has_brackets=has_brackets), strict=True)
            rows.append(Conjunction(values={name: value for name, value in row if isinstance(name, Variable)}))
        return rows

    def _row(self, scan: Scanner, *, has_brackets: bool) -> list[QueryTerm]:
        return [self._term(text) for text in (_terms_in_brackets(scan) if has_brackets else [scan.take_term()])]

    def _predicate(self, pattern: Pattern) -> QueryTerm | RepeatedStep:
        if pattern.predicate == "a":
            return RDF.type
        if not pattern.is_path:
            return self._term(pattern.predicate)
        step = self._term(pattern.predicate[:-1])
        require(isinstance(step, NamedNode) and pattern.predicate[-1] in "+*?", NO_OTHER_TERMS)
        assert isinstance(step, NamedNode)
        return RepeatedStep(step, pattern.predicate[-1])

    def _term(self, text: str) -> QueryTerm:
        if text[0] in "?$":
            return Variable(text[1:])
        [token, *others] = tokens(text)
        iri = self._prologue.iri(token)
        require(iri is not None and not others, NO_OTHER_TERMS)
        return NamedNode(iri or "")


def _bound_expression(text: str) -> tuple[Variable, str]:
    """Return the variable and the expression of `BIND(expression AS ?variable)`."""
    inside = pieces(text)[1][1][1:-1]
    (start, _), (_, variable) = pieces(inside)[-2:]
    expression = inside[:start]
    require(follows_from_variables(expression), "a BIND of its variables alone")
    return Variable(variable[1:]), expression


def _apply_conditions(inner: Conjunction, conditions: list[str]) -> Conjunction:
    unbound = {variable for condition in conditions if (variable := unbound_variable(condition))}
    others = tuple(condition for condition in conditions if not unbound_variable(condition))
    require(all(any(v in block.binds for block in inner.optional) for v in unbound), "!BOUND of what is optional")
    require(not unbound & query_variables(inner.atoms), "!BOUND of what nothing else binds")
    require(all(map(follows_from_variables, others)), "a FILTER of its variables alone")
    bound = inner.bound() | {variable for variable, _ in inner.computed}
    require(all(variables_of(condition) <= bound for condition in others), "a FILTER of what its group binds")
    refused = tuple(block.atoms for block in inner.optional if block.binds & unbound)
    kept = tuple(block for block in inner.optional if not block.binds & unbound)
    return replace(inner, absent=inner.absent + refused, optional=kept, filters=inner.filters + others)


def _terms_in_brackets(scan: Scanner) -> list[str]:
    scan.expect("(")
    found = []
    while scan.peek().text != ")":
        found.append(scan.take_term())
    scan.take()
    return found


def _value(term: QueryTerm, values: Values) -> QueryTerm:
    return values.get(term, term) if isinstance(term, Variable) else term


def _substitute_all(block: QueryBlock, values: Values) -> QueryBlock:
    return tuple(substitute(atom, values) for atom in block)
