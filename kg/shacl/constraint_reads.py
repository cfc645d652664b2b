"""Trace how the patterns of a SPARQL constraint are joined to `$this`: its reads, and what cannot be traced.

The query is judged as algebra, so that a join inside UNION, OPTIONAL or EXISTS is judged in its place. Each variable
that a pattern surely binds gets the way that leads to it from `$this`; a pattern that shares such a variable is read at
the end of that way. Linter and footprints use the same judgement, so what the one lets pass the other can trace.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any

from rdflib import BNode, Literal, URIRef, Variable
from rdflib.namespace import XSD
from rdflib.paths import InvPath, Path
from rdflib.plugins.sparql.parserutils import CompValue

from kg.findings import Finding
from kg.rdf.rdflib_bridge import prepare_query
from kg.shacl.paths import TripleRead, Way, either, join

_THIS = Variable("this")
_EXISTS = ("Builtin_EXISTS", "Builtin_NOTEXISTS")


@dataclass(frozen=True)
class _JoinState:
    """The ways to variables joined to $this, variables that may be bound, the reads, and the findings so far."""

    ways: Mapping[Any, Way] = field(default_factory=lambda: {_THIS: None})
    maybe: frozenset[Any] = frozenset()
    reads: frozenset[TripleRead] = frozenset()
    findings: frozenset[Finding] = frozenset()

    def with_findings(self, *findings: Finding) -> _JoinState:
        return replace(self, findings=self.findings.union(findings))


def _finding(rule: str, message: str) -> Finding:
    """Return a finding on a query; `rule` names it, `message` says what to do."""
    return Finding("lint", "Violation", message, component=rule)


_FORBIDDEN = {
    "Graph": _finding("graph", "The data graph has no named graphs: take GRAPH out."),
    "ServiceGraphPattern": _finding("service", "A shape asks no other server: take SERVICE out."),
    "ToMultiSet": _finding("subselect", "Write subselects and VALUES as plain patterns and filters."),
    "Minus": _finding("minus", "Write FILTER NOT EXISTS instead of MINUS: $this is not visible in it."),
    "AggregateJoin": _finding("aggregate", "Take GROUP BY and aggregates out; sh:minCount and sh:maxCount count."),
    "Slice": _finding("limit", "Take LIMIT and OFFSET out: which solutions they keep is left to chance."),
}
_PATH = _finding("path-variable", "$PATH belongs to custom components: write the predicate.")
_LITERAL = _finding("literal", "Compare with a literal in a FILTER: engines store some literals in another form.")
_CHANCE = _finding("chance", "Take RAND, NOW, UUID, STRUUID and BNODE out: a verdict depends on triples alone.")
_FUNCTION = _finding("function", "Use the functions of SPARQL 1.1 and the casts of xsd only.")
_CHANCE_NAMES = {f"Builtin_{name}" for name in ("RAND", "NOW", "UUID", "STRUUID", "BNODE")}


def query_findings(text: str, prefixes: dict[str, str]) -> list[Finding]:
    """Return the findings on the text of a sh:select."""
    return sorted(_analyse(text, tuple(prefixes.items())).findings, key=lambda finding: finding.message)


def query_reads(text: str, prefixes: dict[str, str]) -> frozenset[TripleRead]:
    """Return the reads of a sh:select, seen from $this; only for a query without findings."""
    return _analyse(text, tuple(prefixes.items())).reads


@lru_cache(256)
def algebra_of(text: str, prefixes: tuple[tuple[str, str], ...]) -> CompValue:
    """Return the algebra of a query, which must not be changed. Raises any exception of rdflib's parser."""
    algebra: CompValue = prepare_query(text, dict(prefixes)).algebra
    return algebra


@lru_cache(256)
def _analyse(text: str, prefixes: tuple[tuple[str, str], ...]) -> _JoinState:
    try:
        query = algebra_of(text, prefixes)
    except Exception as error:  # the parser raises whatever its parts raise
        return _JoinState().with_findings(_finding("syntax", f"The query cannot be read: {error}"))
    if query.name != "SelectQuery":
        return _JoinState().with_findings(_finding("syntax", "Write a SELECT query that returns $this."))
    return _judge(query.p, _JoinState()).with_findings(*_projection(query))


def _projection(query: CompValue) -> Iterator[Finding]:
    if _THIS not in (query.PV or ()):
        yield _finding("projection", "SELECT must return $this.")


def _judge(pattern: CompValue, known: _JoinState) -> _JoinState:
    """Return the state after a pattern, given the state around it."""
    if pattern.name in _FORBIDDEN:
        return known.with_findings(_FORBIDDEN[pattern.name])
    judge = _JUDGES.get(pattern.name)
    if judge is None:
        return known.with_findings(_finding("syntax", f"{pattern.name} is nothing that our validation can trace."))
    return judge(pattern, known)


def _inside(pattern: CompValue, known: _JoinState) -> _JoinState:
    return _judge(pattern.p, known)


def _triples(pattern: CompValue, known: _JoinState) -> _JoinState:
    ways, reads, pending = dict(known.ways), set(known.reads), list(pattern.triples)
    while found := next((triple for triple in pending if _is_anchored(triple, ways) is not None), None):
        pending.remove(found)
        reads.add(_follow(found, ways))
    findings = {finding for triple in pattern.triples for finding in _term_findings(triple)}
    findings |= {_finding("not-joined", f"Join {_display(triple)} to $this by fixed predicates.") for triple in pending}
    return _JoinState(ways, known.maybe, frozenset(reads), known.findings | findings)


def _is_anchored(triple: tuple[Any, Any, Any], ways: Mapping[Any, Way]) -> Any:
    return next((term for term in (triple[0], triple[2]) if _is_open(term) and term in ways), None)


def _follow(triple: tuple[Any, Any, Any], ways: dict[Any, Way]) -> TripleRead:
    """Return the reads of a pattern, and add the way to its other end if there was none."""
    subject, predicate, value = triple
    anchor = _is_anchored(triple, ways)
    backwards = anchor != subject
    other = subject if backwards else value
    if _is_open(other) and isinstance(predicate, URIRef):
        ways.setdefault(other, join(ways[anchor], InvPath(predicate) if backwards else predicate))
    elif _is_open(other):
        ways.setdefault(other, ways[anchor])  # a finding in any case; here only so that it is reported once
    return TripleRead(ways[anchor], predicate, backwards)


def _join(pattern: CompValue, known: _JoinState) -> _JoinState:
    """Return the state after both parts, whatever their order."""
    first = _judge(pattern.p2, _judge(pattern.p1, known))
    return first if first.findings == known.findings else _fewer(first, _judge(pattern.p1, _judge(pattern.p2, known)))


def _optional(pattern: CompValue, known: _JoinState) -> _JoinState:
    left = _judge(pattern.p1, known)
    right = _expression(pattern.expr, _judge(pattern.p2, left))
    return replace(right, ways=left.ways, maybe=left.maybe | right.ways.keys() | right.maybe)


def _union(pattern: CompValue, known: _JoinState) -> _JoinState:
    one, two = _judge(pattern.p1, known), _judge(pattern.p2, known)
    ways = {term: either(one.ways[term], two.ways[term]) for term in one.ways.keys() & two.ways.keys()}
    either_bound = one.ways.keys() | one.maybe | two.ways.keys() | two.maybe
    return _JoinState(ways, frozenset(either_bound), one.reads | two.reads, one.findings | two.findings)


def _filter(pattern: CompValue, known: _JoinState) -> _JoinState:
    return _expression(pattern.expr, _judge(pattern.p, known))


def _bind(pattern: CompValue, known: _JoinState) -> _JoinState:
    inner = _expression(pattern.expr, _judge(pattern.p, known))
    return replace(inner, maybe=inner.maybe | {pattern.var})


def _order_by(pattern: CompValue, known: _JoinState) -> _JoinState:
    return _expression([condition.expr for condition in pattern.expr], _judge(pattern.p, known))


_JUDGES: dict[str, Callable[[CompValue, _JoinState], _JoinState]] = {
    **dict.fromkeys(("Project", "Distinct", "Reduced"), _inside),
    "BGP": _triples,
    "Join": _join,
    "LeftJoin": _optional,
    "Union": _union,
    "Filter": _filter,
    "Extend": _bind,
    "OrderBy": _order_by,
}


def _expression(expression: Any, known: _JoinState) -> _JoinState:
    """Check an expression: its EXISTS patterns, functions, and variables, which a joined pattern must bind."""
    reads, findings = set(known.reads), set(known.findings)
    for part in _parts(expression):
        if isinstance(part, Variable):
            findings |= _variable_findings(part, known)
        elif part.name in _EXISTS:
            inner = _judge(part.graph, known)
            reads |= inner.reads
            findings |= inner.findings
        else:
            findings |= _function_findings(part)
    return replace(known, reads=frozenset(reads), findings=frozenset(findings))


def _variable_findings(variable: Variable, known: _JoinState) -> set[Finding]:
    if variable == Variable("PATH"):
        return {_PATH}
    if variable in known.ways or variable in known.maybe:
        return set()
    return {_finding("not-joined", f"Join ?{variable} to $this by a pattern with fixed predicates.")}


def _function_findings(call: CompValue) -> set[Finding]:
    if call.name in _CHANCE_NAMES:
        return {_CHANCE}
    if call.name == "Function" and not str(call.iri).startswith(str(XSD)):
        return {_FUNCTION}
    return set()


def _parts(expression: Any) -> Iterator[Any]:
    """Yield the variables of an expression, its calls, and its EXISTS parts, without the variables of these."""
    if isinstance(expression, Variable):
        yield expression
    elif isinstance(expression, CompValue):
        yield expression
        if expression.name not in _EXISTS:
            for key, value in expression.items():
                if key != "_vars":
                    yield from _parts(value)
    elif isinstance(expression, list | tuple):
        for value in expression:
            yield from _parts(value)


def _term_findings(triple: tuple[Any, Any, Any]) -> Iterator[Finding]:
    predicate = triple[1]
    if predicate == Variable("PATH"):
        yield _PATH
    elif isinstance(predicate, Path):
        yield _finding("not-joined", f"Write the path {predicate} as single patterns.")
    elif not isinstance(predicate, URIRef):
        yield _finding("not-joined", f"Name the predicate instead of {_term(predicate)}.")
    if isinstance(triple[2], Literal):
        yield _LITERAL


def _is_open(term: Any) -> bool:
    """Return True if a term is a variable or a blank node, which is one in a query."""
    return isinstance(term, Variable | BNode)


def _fewer(one: _JoinState, two: _JoinState) -> _JoinState:
    return one if len(one.findings) <= len(two.findings) else two


def _display(triple: tuple[Any, Any, Any]) -> str:
    return " ".join(map(_term, triple))


def _term(term: Any) -> str:
    return f"?{term}" if isinstance(term, Variable) else str(term.n3()) if hasattr(term, "n3") else str(term)
