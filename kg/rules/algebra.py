"""The pattern of an inference rule, as the conjunctions of which it is the union; terms are those of rdflib.

Those parts of SPARQL are understood that have a plain meaning in a clause: triple patterns, UNION, subselects, FILTER,
MINUS, and OPTIONAL with FILTER(!BOUND), which means the same as MINUS. Any other is refused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import product
from typing import Any

from rdflib import BNode, Variable
from rdflib.plugins.sparql.parserutils import CompValue

QueryAtom = tuple[Any, Any, Any]
Block = tuple[QueryAtom, ...]


class UnsupportedRuleError(Exception):
    """The rule holds something else than what the message says."""


def require(holds: object, what: str) -> None:
    """Raise NotUnderstoodError with what is expected unless it holds."""
    if not holds:
        raise UnsupportedRuleError(what)


@dataclass(frozen=True)
class Optional:
    """A block of OPTIONAL, with the variables that it alone may bind."""

    binds: frozenset[Any]
    atoms: Block


@dataclass(frozen=True)
class Conjunction:
    """Triple patterns that must match, blocks none of which may match, and filters.

    Optional blocks and values stay until a filter or the block that they stand in takes them up.
    """

    atoms: Block = ()
    absent: tuple[Block, ...] = ()
    filters: tuple[Any, ...] = ()
    optional: tuple[Optional, ...] = ()
    values: Mapping[Any, Any] = field(default_factory=dict)

    def join(self, other: Conjunction) -> Conjunction:
        """Return what holds when both do."""
        require(not self.values.keys() & other.values.keys(), "one VALUES for each variable")
        return Conjunction(
            self.atoms + other.atoms,
            self.absent + other.absent,
            self.filters + other.filters,
            self.optional + other.optional,
            {**self.values, **other.values},
        )

    def as_block(self) -> Block:
        """Return the triple patterns alone, with the values put in."""
        require(not (self.absent or self.optional or self.filters), "plain patterns in MINUS and OPTIONAL")
        return _substitute_all(self.atoms, self.values)


def alternatives(pattern: CompValue) -> list[Conjunction]:
    """Return the conjunctions of a pattern of the SPARQL algebra. Raises NotUnderstoodError."""
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
    return {term for atom in atoms for term in atom if isinstance(term, Variable)}


def _union(pattern: CompValue) -> list[Conjunction]:
    return alternatives(pattern.p1) + alternatives(pattern.p2)


def _join(pattern: CompValue) -> list[Conjunction]:
    return [one.join(other) for one, other in product(alternatives(pattern.p1), alternatives(pattern.p2))]


def _project(pattern: CompValue) -> list[Conjunction]:
    return [_hide_variables(inner, set(pattern.PV)) for inner in alternatives(pattern.p)]


def _hide_variables(inner: Conjunction, projected: set[Any]) -> Conjunction:
    """Rename what a subselect does not return, so that nothing outside meets it by name."""
    require(
        not (inner.optional or inner.filters or inner.values), "only FILTER(!BOUND) in a subselect, one an OPTIONAL"
    )
    names = _new_names(query_variables(inner.atoms) - projected)
    return Conjunction(
        _substitute_all(inner.atoms, names), tuple(_substitute_all(block, names) for block in inner.absent)
    )


def _new_names(variables: set[Any]) -> dict[Any, Any]:
    return {variable: Variable(f"{variable}_{BNode()}") for variable in variables}


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
    """Add what MINUS takes away, or what OPTIONAL may bind; its own variables have nothing to do with later ones."""
    bound = query_variables(inner.atoms)
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
    "Minus": _without,
    "LeftJoin": _without,
}
