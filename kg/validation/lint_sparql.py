"""What the query of a SPARQL constraint may not hold: anything that is not joined to `$this` by fixed predicates.

The query is judged as algebra, so that a join inside UNION, OPTIONAL or EXISTS is judged in its place.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from rdflib import BNode, URIRef, Variable
from rdflib.paths import Path
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery
from rdflib.plugins.sparql.parserutils import CompValue

_THIS = Variable("this")
_EXISTS = ("Builtin_EXISTS", "Builtin_NOTEXISTS")


@dataclass(frozen=True)
class Fault:
    """One thing that a query may not hold; `rule` names it, `message` says what to do."""

    rule: str
    message: str


@dataclass(frozen=True)
class _Joined:
    """The variables that surely are joined to $this, those that may be bound, and what is wrong so far."""

    sure: frozenset[Variable] = frozenset((_THIS,))
    maybe: frozenset[Variable] = frozenset()
    faults: frozenset[Fault] = frozenset()

    def with_faults(self, *faults: Fault) -> _Joined:
        return _Joined(self.sure, self.maybe, self.faults.union(faults))


_FORBIDDEN = {
    "Graph": Fault("graph", "The data graph has no named graphs: take GRAPH out."),
    "ServiceGraphPattern": Fault("service", "A shape asks no other server: take SERVICE out."),
    "ToMultiSet": Fault("subselect", "Write subselects and VALUES as plain patterns and filters."),
    "Minus": Fault("minus", "Write FILTER NOT EXISTS instead of MINUS: $this is not visible in it."),
    "AggregateJoin": Fault("aggregate", "Take GROUP BY and aggregates out; sh:minCount and sh:maxCount count."),
}
_PATH = Fault("path-variable", "$PATH belongs to custom components: write the predicate.")


def query_faults(text: str, prefixes: dict[str, str]) -> list[Fault]:
    """Return what the text of a sh:select may not hold."""
    try:
        query = translateQuery(parseQuery(text), initNs=prefixes).algebra
    except Exception as error:  # the parser raises whatever its parts raise
        return [Fault("syntax", f"The query cannot be read: {error}")]
    if query.name != "SelectQuery":
        return [Fault("syntax", "Write a SELECT query that returns $this.")]
    return sorted({*_judge(query.p, _Joined()).faults, *_projection(query)}, key=lambda fault: fault.message)


def _projection(query: CompValue) -> Iterator[Fault]:
    if _THIS not in (query.PV or ()):
        yield Fault("projection", "SELECT must return $this.")


def _judge(pattern: CompValue, known: _Joined) -> _Joined:
    """Return what is joined once the pattern has been matched, given what is joined around it."""
    if pattern.name in _FORBIDDEN:
        return known.with_faults(_FORBIDDEN[pattern.name])
    judge = _JUDGES.get(pattern.name)
    if judge is None:
        return known.with_faults(Fault("syntax", f"{pattern.name} is nothing that our validation can trace."))
    return judge(pattern, known)


def _inside(pattern: CompValue, known: _Joined) -> _Joined:
    return _judge(pattern.p, known)


def _triples(pattern: CompValue, known: _Joined) -> _Joined:
    sure, pending = set(known.sure), list(pattern.triples)
    while joined := [triple for triple in pending if sure & _variables_of(triple)]:
        sure.update(*map(_variables_of, joined))
        pending = [triple for triple in pending if triple not in joined]
    faults = {fault for triple in pattern.triples for fault in _predicate_faults(triple[1])}
    faults |= {Fault("not-joined", f"Join {_shown(triple)} to $this by fixed predicates.") for triple in pending}
    return _Joined(frozenset(sure), known.maybe, known.faults | faults)


def _join(pattern: CompValue, known: _Joined) -> _Joined:
    """The order in which the two parts are written does not matter."""
    first = _judge(pattern.p2, _judge(pattern.p1, known))
    return first if first.faults == known.faults else _fewer(first, _judge(pattern.p1, _judge(pattern.p2, known)))


def _optional(pattern: CompValue, known: _Joined) -> _Joined:
    left = _judge(pattern.p1, known)
    right = _expression(pattern.expr, _judge(pattern.p2, left))
    return _Joined(left.sure, left.maybe | right.sure | right.maybe, right.faults)


def _union(pattern: CompValue, known: _Joined) -> _Joined:
    one, two = _judge(pattern.p1, known), _judge(pattern.p2, known)
    either = one.sure | one.maybe | two.sure | two.maybe
    return _Joined(one.sure & two.sure, either, one.faults | two.faults)


def _filter(pattern: CompValue, known: _Joined) -> _Joined:
    return _expression(pattern.expr, _judge(pattern.p, known))


def _bind(pattern: CompValue, known: _Joined) -> _Joined:
    inner = _expression(pattern.expr, _judge(pattern.p, known))
    return _Joined(inner.sure, inner.maybe | {pattern.var}, inner.faults)


def _ordered(pattern: CompValue, known: _Joined) -> _Joined:
    return _expression([condition.expr for condition in pattern.expr], _judge(pattern.p, known))


_JUDGES: dict[str, Callable[[CompValue, _Joined], _Joined]] = {
    **dict.fromkeys(("Project", "Distinct", "Reduced", "Slice"), _inside),
    "BGP": _triples,
    "Join": _join,
    "LeftJoin": _optional,
    "Union": _union,
    "Filter": _filter,
    "Extend": _bind,
    "OrderBy": _ordered,
}


def _expression(expression: Any, known: _Joined) -> _Joined:
    """Judge the EXISTS patterns of an expression, and its variables: they must be bound by a joined pattern."""
    faults = set(known.faults)
    for part in _parts(expression):
        if isinstance(part, Variable):
            faults |= _variable_faults(part, known)
        else:
            faults |= _judge(part.graph, known).faults
    return _Joined(known.sure, known.maybe, frozenset(faults))


def _variable_faults(variable: Variable, known: _Joined) -> set[Fault]:
    if variable == Variable("PATH"):
        return {_PATH}
    if variable in known.sure or variable in known.maybe:
        return set()
    return {Fault("not-joined", f"Join ?{variable} to $this by a pattern with fixed predicates.")}


def _parts(expression: Any) -> Iterator[Any]:
    """Yield the variables of an expression and its EXISTS parts, whose own variables are not yielded."""
    if isinstance(expression, Variable) or (isinstance(expression, CompValue) and expression.name in _EXISTS):
        yield expression
    elif isinstance(expression, CompValue):
        for key, value in expression.items():
            if key != "_vars":
                yield from _parts(value)
    elif isinstance(expression, list | tuple):
        for value in expression:
            yield from _parts(value)


def _predicate_faults(predicate: Any) -> Iterator[Fault]:
    if predicate == Variable("PATH"):
        yield _PATH
    elif isinstance(predicate, Path):
        yield Fault("not-joined", f"Write the path {predicate} as single patterns.")
    elif not isinstance(predicate, URIRef):
        yield Fault("not-joined", f"Name the predicate instead of {_term(predicate)}.")


def _variables_of(triple: tuple[Any, Any, Any]) -> set[Any]:
    """Return what a triple joins: the variables and blank nodes that are its subject and object."""
    return {term for term in (triple[0], triple[2]) if isinstance(term, Variable | BNode)}


def _fewer(one: _Joined, two: _Joined) -> _Joined:
    return one if len(one.faults) <= len(two.faults) else two


def _shown(triple: tuple[Any, Any, Any]) -> str:
    return " ".join(map(_term, triple))


def _term(term: Any) -> str:
    return f"?{term}" if isinstance(term, Variable) else str(term.n3()) if hasattr(term, "n3") else str(term)
