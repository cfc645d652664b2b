"""The expressions of FILTER and BIND in rules: read as text, evaluated by the engine, as a build evaluates them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TypeAlias

from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store, Variable

from kg.sparql.text import Prologue, Scanner, Token

EngineTerm: TypeAlias = NamedNode | BlankNode | Literal
VarOrTerm: TypeAlias = EngineTerm | Variable
Binding: TypeAlias = Mapping[VarOrTerm, EngineTerm]

_DEPENDING = frozenset({"EXISTS", "NOW", "RAND", "UUID", "STRUUID", "BNODE"})


@lru_cache(512)  # each is read for every alternative of the group around
def expression_tokens(expression: str) -> tuple[Token, ...]:
    """Return the tokens of an expression."""
    return tuple(token for _, token in Scanner.read(expression, Scanner.take))


def variables_of(expression: str) -> frozenset[Variable]:
    """Return the variables that an expression reads."""
    found = (token.text for token in expression_tokens(expression) if token.kind == "variable")
    return frozenset(Variable(text[1:]) for text in found if not text.startswith("@"))  # that is a language


def follows_from_variables(expression: str) -> bool:
    """Return True if the values of its variables decide the value of an expression: not the graph, nor the moment."""
    return not any(token.keyword in _DEPENDING for token in expression_tokens(expression))


@lru_cache(512)
def pieces(expression: str) -> tuple[tuple[int, str], ...]:
    """Return the tokens of an expression, one in brackets as one text, each with the offset where it begins."""
    return tuple(Scanner.read(expression, Scanner.take_balanced))


def conjuncts(condition: str) -> list[str]:
    """Return the conditions that all have to hold: the parts between `&&`."""
    found = pieces(condition)
    signs = {sign: start for start, sign in reversed(found)}  # the first of each
    if len(found) == 1 and found[0][1].startswith("("):
        return conjuncts(found[0][1][1:-1])
    if "&" not in signs or "|" in signs:  # `||` binds less than `&&`
        return [condition]
    return [*conjuncts(condition[: signs["&"]]), *conjuncts(condition[signs["&"] + 2 :])]


def unbound_variable(condition: str) -> Variable | None:
    """Return the variable of `!BOUND(?x)`, None for another condition."""
    match [text for _, text in pieces(condition)]:
        case ["!", bound, inside] if bound.upper() == "BOUND":
            return Variable(inside[1:-1].strip()[1:])
    return None


def unequal_variables(condition: str) -> tuple[Variable, Variable] | None:
    """Return the variables of `?x != ?y`, None for another condition."""
    match [text for _, text in pieces(condition)]:
        case [one, "!", "=", other] if one.startswith("?") and other.startswith("?"):
            return Variable(one[1:]), Variable(other[1:])
    return None


def declarations_of(expressions: Iterable[str], prologue: Prologue) -> str:
    """Return declarations of the prefixes in expressions."""
    names = {token.text for text in expressions for token in expression_tokens(text) if token.kind == "name"}
    prefixes = sorted({name.partition(":")[0] for name in names} & prologue.prefixes.keys())
    return "".join(f"PREFIX {prefix}: <{prologue.prefixes[prefix]}> " for prefix in prefixes)


@dataclass(frozen=True)
class Evaluation:
    """What BIND computes, and FILTER asks, of the values of what a pattern binds.

    `query` selects the variables that it reads and computes, from the group of all BIND and FILTER. `fixed` are values
    of variables that are the same for all matches.
    """

    query: str
    reads: frozenset[Variable]
    computes: frozenset[Variable]
    fixed: tuple[tuple[Variable, EngineTerm], ...] = ()

    @classmethod
    def of(
        cls, computed: Iterable[tuple[Variable, str]], conditions: Iterable[str], prologue: Prologue
    ) -> Evaluation | None:
        """Return the evaluation of what is computed, in its order, and of conditions; None where there are none."""
        computed, conditions = list(computed), list(conditions)
        expressions = [*(expression for _, expression in computed), *conditions]
        if not expressions:
            return None
        computes = frozenset(variable for variable, _ in computed)
        reads = frozenset[Variable]().union(*map(variables_of, expressions)) - computes
        selected = " ".join(sorted(map(str, reads | computes)))
        bound = [f"BIND({expression} AS {variable})" for variable, expression in computed]
        group = " ".join([*bound, *(f"FILTER({condition})" for condition in conditions)])
        query = f"{declarations_of(expressions, prologue)}SELECT {selected} {{ {group} }}"
        return cls(query, reads, computes)

    def with_fixed(self, values: Mapping[Variable, EngineTerm]) -> Evaluation:
        """Return the evaluation where variables have values."""
        return replace(self, fixed=tuple((name, value) for name, value in values.items() if name in self.reads))

    def solution(self, binding: Binding) -> Binding | None:
        """Return what is computed for a binding, without what is an error; None if a condition does not hold."""
        read = {variable: binding[variable] for variable in self.reads if variable in binding}
        found = _solve(self.query, frozenset({**read, **dict(self.fixed)}.items()))
        return None if found is None else {variable: value for variable, value in found if variable in self.computes}


_NOTHING = Store()


@lru_cache(1 << 13)
def _solve(
    query: str, values: frozenset[tuple[Variable, EngineTerm]]
) -> tuple[tuple[Variable, EngineTerm], ...] | None:
    """Return the one solution of a query with values, cached, since few dates and numbers occur; None without one.

    The values stand in VALUES, since the engine takes `?x < ?y || true` for an error where both are substituted and
    cannot be compared. A blank node cannot stand there.
    """
    stated = {name: value for name, value in values if not isinstance(value, BlankNode)}
    table = f"{{ VALUES ({' '.join(map(str, stated))}) {{ ({' '.join(map(str, stated.values()))}) }} "
    solutions = _NOTHING.query(
        query.replace("{", table, 1),
        substitutions={name: value for name, value in values if isinstance(value, BlankNode)},
    )
    assert isinstance(solutions, QuerySolutions)
    for solution in solutions:
        return tuple(
            (variable, value)
            for variable, value in zip(solutions.variables, solution, strict=True)
            if value is not None
        )
    return None
