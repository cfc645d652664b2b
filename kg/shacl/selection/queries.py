"""The focus nodes that a SPARQL constraint may report, found by one query of the engine.

rdflib, with which pyshacl asks for one focus node after the other, and the engine have to agree on it. They do where a
query joins triples, and compares text: other constructs are not asked of the engine at all. Where they read certain
literals in different ways, the focus nodes from which the query reaches such a literal are selected as well.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Set
from functools import lru_cache
from typing import Any

from rdflib import BNode, Literal, Variable
from rdflib.namespace import XSD, Namespace
from rdflib.plugins.sparql.parserutils import CompValue
from rdflib.term import Node

from kg.rdf.rdflib_bridge import algebra_nodes, to_rdflib
from kg.shacl.constraint_reads import algebra_of, query_findings, query_reads
from kg.shacl.paths import TripleRead
from kg.shacl.selection.index import TripleIndex

Bound = Set[Any]
"""Variables that have a value where an expression is evaluated."""

_WKT = Namespace("http://www.opengis.net/ont/geosparql#").wktLiteral
_NUMBER = r"-?[0-9]{1,15}(\.[0-9]{1,15})?"
_PLAIN = {
    XSD.decimal: re.compile(_NUMBER),
    XSD.integer: re.compile(_NUMBER),
    _WKT: re.compile(rf"POINT\({_NUMBER} {_NUMBER}\)"),
}
"""The literals that both cast to the same numbers, and compare alike."""


def reportable_nodes(text: str, prefixes: dict[str, str], index: TripleIndex) -> set[Node] | None:
    """Return the nodes that a sh:select may report, None if each has to be checked by pyshacl."""
    reads, casts = _analyse(text, tuple(prefixes.items()))
    if reads is None:
        return None
    found = {to_rdflib(row["this"]) for row in index.data.query(text, prefixes=prefixes)}  # type: ignore[union-attr]
    for read in reads:
        said = ((node, value) for node, values in index.forward(read.predicate).items() for value in values)
        odd = {read.anchor(*ends) for ends in said if any(_is_odd(end, casts) for end in ends)}
        found |= index.graph.origins(read.way, odd)
    return found


def _is_odd(node: Node, casts: bool) -> bool:
    """Return True if rdflib and the engine may read a node in different ways.

    rdflib makes a text of a blank node as well. In Python, `$` matches before the line break at the end of a text, too,
    and Decimal reads more than xsd:decimal has.
    """
    if not isinstance(node, Literal):
        return isinstance(node, BNode)
    if casts:
        return node.datatype not in _PLAIN or _PLAIN[node.datatype].fullmatch(node) is None
    return "\n" in node


@lru_cache(256)
def _analyse(text: str, prefixes: tuple[tuple[str, str], ...]) -> tuple[frozenset[TripleRead] | None, bool]:
    """Return the reads of a query if the engine may evaluate it, and whether it casts."""
    if query_findings(text, dict(prefixes)):
        return None, False
    algebra = algebra_of(text, prefixes)
    if not _joins(algebra, frozenset()):
        return None, False
    return query_reads(text, dict(prefixes)), "Function" in {part.name for part in algebra_nodes(algebra)}


def _joins(pattern: CompValue, outside: Bound) -> bool:
    """Return True if both match a pattern alike; variables of `outside` are bound before it."""
    check = _PATTERNS.get(pattern.name)
    return check is not None and check(pattern, outside)


def _filter(pattern: CompValue, outside: Bound) -> bool:
    """Return True if a filter uses bound variables only: else it matters that pyshacl binds $this first."""
    triples = (triple for part in algebra_nodes(pattern.p) if part.name == "BGP" for triple in part.triples)
    bound = outside | {term for triple in triples for term in triple}
    return _joins(pattern.p, outside) and _holds(pattern.expr, bound)


_PATTERNS: dict[str, Callable[[CompValue, Bound], bool]] = {
    **dict.fromkeys(
        ("SelectQuery", "Project", "Distinct", "Reduced"), lambda pattern, outside: _joins(pattern.p, outside)
    ),
    **dict.fromkeys(
        ("Join", "Union"), lambda pattern, outside: _joins(pattern.p1, outside) and _joins(pattern.p2, outside)
    ),
    "BGP": lambda pattern, outside: True,
    "Extend": lambda pattern, outside: isinstance(pattern.expr, Variable) and _joins(pattern.p, outside),
    "Filter": _filter,
}


def _holds(expression: Any, bound: Bound) -> bool:
    """Return True if both evaluate a condition alike."""
    check = _CONDITIONS.get(getattr(expression, "name", ""))
    return check is not None and check(expression, bound)


def _each_holds(expression: CompValue, bound: Bound) -> bool:
    return all(_holds(part, bound) for part in (expression.expr, *expression.other))


def _compares(expression: CompValue, bound: Bound) -> bool:
    sides = expression.expr, expression.other
    if expression.op not in ("=", "!=", "<", ">", "<=", ">="):
        return False
    return all(_is_text(side, bound) for side in sides) or (
        all(_is_decimal(side, bound) or _is_bound(side, bound) for side in sides)
        and any(_is_decimal(side, bound) for side in sides)
    )


def _is_bound(expression: Any, bound: Bound) -> bool:
    return isinstance(expression, Variable) and expression in bound


def _is_decimal(expression: Any, bound: Bound) -> bool:
    return (
        isinstance(expression, CompValue)
        and expression.name == "Function"
        and expression.iri == XSD.decimal
        and _is_text(expression.expr[0], bound)
    )


_EXISTS = ("Builtin_EXISTS", "Builtin_NOTEXISTS")
_CONDITIONS: dict[str, Callable[[CompValue, Bound], bool]] = {
    **dict.fromkeys(("ConditionalAndExpression", "ConditionalOrExpression"), _each_holds),
    **dict.fromkeys(_EXISTS, lambda exists, bound: _joins(exists.graph, bound)),
    **dict.fromkeys(
        ("Builtin_STRSTARTS", "Builtin_STRENDS", "Builtin_CONTAINS"),
        lambda call, bound: _is_text(call.arg1, bound) and _is_text(call.arg2, bound),
    ),
    "UnaryNot": lambda negated, bound: _holds(negated.expr, bound),
    "RelationalExpression": _compares,
    "Builtin_REGEX": lambda call, bound: _is_text(call.text, bound) and _has_plain_pattern(call),
}


def _is_text(expression: Any, bound: Bound) -> bool:
    """Return True if an expression makes the same text, without a language, in both."""
    if isinstance(expression, Literal):
        return expression.language is None and expression.datatype in (None, XSD.string)
    check = _TEXTS.get(getattr(expression, "name", ""))
    return check is not None and check(expression, bound)


def _part_of_text(call: CompValue, bound: Bound) -> bool:
    length = call.length
    is_cut = length is None or _is_count(length) or (length.name == "Builtin_STRLEN" and _is_text(length.arg, bound))
    return _is_text(call.arg, bound) and _is_count(call.start) and is_cut


def _is_replace(call: CompValue, bound: Bound) -> bool:
    is_plain = isinstance(call.replacement, Literal) and not {"$", "\\"}.intersection(call.replacement)
    return _is_text(call.arg, bound) and _has_plain_pattern(call) and is_plain and not re.search(call.pattern, "")


_TEXTS: dict[str, Callable[[CompValue, Bound], bool]] = {
    **dict.fromkeys(
        ("Builtin_STRBEFORE", "Builtin_STRAFTER"),
        lambda call, bound: _is_text(call.arg1, bound) and _is_text(call.arg2, bound),
    ),
    "Builtin_STR": lambda call, bound: _is_bound(call.arg, bound),
    "Builtin_SUBSTR": _part_of_text,
    "Builtin_REPLACE": _is_replace,
}


def _is_count(expression: Any) -> bool:
    return isinstance(expression, Literal) and expression.datatype == XSD.integer and int(expression) > 0


def _has_plain_pattern(call: CompValue) -> bool:
    """Return True if a call has a regular expression that all dialects read alike."""
    return not call.flags and isinstance(call.pattern, Literal) and _PLAIN_PATTERN.fullmatch(call.pattern) is not None


_PLAIN_PATTERN = re.compile(
    r"""(?!.*(\(\?|[*+?}]\+|--|\[\^?[\[\]]|\{(?![0-9]{1,2}(,[0-9]{1,2})?\})))[A-Za-z0-9 ^$.,:/#\[\](){}|*+?-]*"""
)
"""No extensions, possessive quantifiers, set operations or stray braces."""
