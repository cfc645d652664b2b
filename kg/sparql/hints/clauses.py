"""Hints by the text of a query alone: clauses that do not do what they seem to, whatever the graph holds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

from kg.nearest import did_you_mean, nearest
from kg.sparql.hints.model import GUIDE, MOST, Hint, abbreviate, enumerate_variables
from kg.sparql.text import QuerySyntaxError, Token, form_of, tokens
from kg.sparql.text.groups import (
    AliasedHaving,
    Block,
    ParsedQuery,
    Select,
    UnexpectedTokenError,
    parse_query,
)

_LONGEST = 20_000  # characters of a query whose clauses are looked at
_MINUS = "keeps every row: MINUS takes away rows only by variables that both sides have"
_ABOUT_GRAPHS = "docs/evidence"


def clause_hints(text: str) -> list[Hint]:
    """Return hints on HAVING, MINUS, COUNT over GRAPH, and variables that nothing binds."""
    return [*having_hints(text), *_pattern_hints(text)]


def having_hints(text: str) -> list[Hint]:
    """Return a hint if HAVING names columns of SELECT, with the query corrected where possible."""
    found = next(AliasedHaving.find_all(text), None)
    if found is None:
        return []
    start, end = found.at
    one = len(found.names) == 1
    sentence = (
        f"In HAVING {abbreviate(text[start:end])} the variable{'' if one else 's'} {have_no_value(found.names)}: "
        "SPARQL 1.1 chooses the groups before SELECT names its columns. A comparison with "
        f"{'it' if one else 'them'} is an error, which leaves the group out."
    )
    sentence += f" Write HAVING {abbreviate(found.rewritten)}." if found.rewritten else ""
    return [Hint(sentence, GUIDE, "alias", AliasedHaving.rewrite(text))]


def have_no_value(names: Sequence[str]) -> str:
    """Return a clause such as "?a and ?b have no value"."""
    return f"{enumerate_variables(names)} {'has' if len(names) == 1 else 'have'} no value"


def _pattern_hints(text: str) -> list[Hint]:
    if len(text) > _LONGEST:
        return []
    try:
        query = parse_query(text, form_of(text))
    except (UnexpectedTokenError, QuerySyntaxError):
        return []
    sentences = (*_unbound(query, text), *_idle_minus(query.select), *_counts_by_graph(query.select, text))
    return list(islice(sentences, MOST))


def _unbound(query: ParsedQuery, text: str) -> Iterator[Hint]:
    """Yield a hint on the variables that SELECT, GROUP BY or FILTER name and nothing in the query binds."""
    bound = {*_bound_by(query.select)}
    lacking = [name for name in dict.fromkeys(_used_by(query.select)) if name not in bound]
    if not lacking or not bound:
        return
    near = nearest(lacking[0], sorted(bound))
    never = "it never has a value" if len(lacking) == 1 else "they never have a value"
    which = enumerate_variables(lacking[:MOST], "or")
    mended = _with_variable(text, lacking[0], near) if near and len(lacking) == 1 else ""
    message = f"No pattern of the query binds {which}, so {never}."
    yield Hint(did_you_mean(near and f"?{near}", message=message), GUIDE, "clause", mended)


def _with_variable(text: str, name: str, instead: str) -> str:
    for token in reversed(tokens(text)):
        if token.kind == "variable" and token.text[0] in "?$" and token.text[1:] == name:
            text = f"{text[: token.start]}?{instead}{text[token.end :]}"
    return text


def _idle_minus(select: Select) -> Iterator[Hint]:
    for group in select.groups():
        before: set[str] = set()
        for part in group.parts:
            names = {*_variables(tokens(part.text))}
            if isinstance(part, Block) and part.keyword == "MINUS" and before and before.isdisjoint(names):
                yield Hint(
                    f"{abbreviate(part.text)} {_MINUS}, and here there are none. Name the same variable on both sides.",
                    GUIDE,
                    "clause",
                )
            before |= names


def _counts_by_graph(select: Select, text: str) -> Iterator[Hint]:
    """Yield a hint for each COUNT of what only GRAPH with a variable binds: it counts once for each graph."""
    graph_of = {
        name: part.graph[1:]
        for group in select.groups()
        for part in group.parts
        if isinstance(part, Block) and part.graph.startswith(("?", "$"))
        for name in _variables(tokens(part.groups[0].text))
    }
    for one in select.selects():
        keys = {key.name for key in one.keys or ()}
        outside = {
            name
            for part in one.group.parts
            if not (isinstance(part, Block) and part.graph)
            for name in _variables(tokens(part.text))
        }
        for column in one.columns or ():
            counted = _counted(column.expression)
            graph = graph_of.get(counted, "")
            if graph and graph not in (counted, *keys) and not {counted, graph} & outside:
                sentence = (
                    f"COUNT(?{counted}) counts ?{counted} once for each graph ?{graph} that states it. "
                    f"COUNT(DISTINCT ?{counted}) counts each once."
                )
                yield Hint(sentence, _ABOUT_GRAPHS, "clause", _with_distinct(text, counted))


def _counted(expression: str) -> str:
    """Return the variable of an expression that is COUNT of one; empty for any other."""
    read = [token.text.upper() for token in islice(tokens(expression), 5)]
    variable = next(iter(_variables(tokens(expression))), "")
    return variable if [*read[:2], *read[3:]] == ["COUNT", "(", ")"] else ""


def _with_distinct(text: str, counted: str) -> str:
    read = tokens(text)
    for first, second, third in zip(read, read[1:], read[2:], strict=False):
        if (first.keyword, second.text, third.text[1:]) == ("COUNT", "(", counted):
            return f"{text[: third.start]}DISTINCT {text[third.start :]}"
    return ""


def _used_by(select: Select) -> Iterator[str]:
    """Yield the variables that are selected, grouped by or filtered; in other expressions one may be left unbound."""
    for one in select.selects():
        yield from (column.name for column in (*(one.columns or ()), *(one.keys or ())) if not column.expression)
    for group in select.groups():
        filters = (part for part in group.parts if isinstance(part, Block) and part.keyword == "FILTER")
        yield from (name for part in filters for name in _variables(tokens(part.text)))


def _bound_by(select: Select) -> Iterator[str]:
    """Yield the variables that patterns, GRAPH, VALUES, BIND and AS bind; all that EXISTS names count among them."""
    for one in select.selects():
        yield from (column.name for column in (*(one.columns or ()), *(one.keys or ())) if column.expression)
        yield from _variables(tokens(one.values))
    for group in select.groups():
        for part in group.parts:
            if not isinstance(part, Block):
                yield from _variables(tokens(f"{part.subject} {part.predicate} {part.value}"))
            elif part.keyword == "VALUES" or part.has_exists:
                yield from _variables(tokens(part.text))
            elif part.keyword == "BIND":
                yield from list(_variables(tokens(part.text)))[-1:]
            elif part.graph:
                yield from _variables(tokens(part.graph))


def _variables(read: Iterable[Token]) -> Iterator[str]:
    return (token.text[1:] for token in read if token.kind == "variable" and token.text[0] in "?$")
