"""Which queries an engine answers as the embedded one does: the others stay here, and the answer says why.

An answer is never worse for coming from elsewhere. What engines do otherwise was measured, and a query that may meet
any of it is not sent to them: so this rather keeps a query too many than sends one too many.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from itertools import pairwise, takewhile

from kg.engines.dialects import VIRTUOSO, Dialect
from kg.sparql import Query
from kg.sparql.text import Token

_SAME_IN_VIRTUOSO = frozenset(
    """PREFIX BASE SELECT DISTINCT REDUCED CONSTRUCT ASK WHERE A AS OPTIONAL UNION MINUS VALUES FILTER NOT EXISTS
    IN GROUP BY ORDER ASC DESC LIMIT OFFSET COUNT LANG LANGMATCHES""".split()
)
"""Of these Virtuoso makes what the standard does; of many others, such as MIN, AVG, STR and BOUND, other values."""
_GEOGRAPHY = ("geosparql", "geof:", "geo:")
_ARITHMETIC = ("+", "-", "*", "/")
_REPEATED = ("*", "+", "?")
_COMPARED = ("<", ">", "=", "!")
_JOINED = ("(", "!", "&", "|")


def hindrance(query: Query, dialect: Dialect) -> str:
    """Return why a query on the whole data set is not sent to an engine of a dialect; empty if it is."""
    read = query.tokens
    keywords = {token.keyword for token in read}
    if any(len(token.ends) > 1 for token in read):
        return "its text can be read in two ways"
    if named := keywords & {"FROM", "SERVICE"}:
        return "it asks another endpoint" if "SERVICE" in named else "it names a data set of its own"
    if query.form == "DESCRIBE":
        return "engines describe in ways of their own"
    if not query.lasting:
        return "its answer is not the same each time"
    if "GRAPH" in keywords and not (dialect.own_default_graph and _names_each_graph(read)):
        return "it asks which graph says so"
    what = next(_otherwise_in_virtuoso(query), "") if dialect == VIRTUOSO else ""
    return what and f"the engine has a way of its own with {what}"


def _names_each_graph(read: Sequence[Token]) -> bool:
    """Whether no graph is a variable, which would also stand for the graph in which an engine keeps its revision."""
    return all(behind.kind in ("iri", "name") for token, behind in pairwise(read) if token.keyword == "GRAPH")


def _otherwise_in_virtuoso(query: Query) -> Iterator[str]:
    """Yield what in a query Virtuoso makes something else of."""
    read = query.tokens
    yield from (token.keyword for token in read if token.keyword and token.keyword not in _SAME_IN_VIRTUOSO)
    if any(word in query.text.lower() for word in _GEOGRAPHY):
        yield "points"
    if any(token.keyword == "AS" and not _is_counted(read, place) for place, token in enumerate(read)):
        yield "what is computed"
    for token, behind in pairwise(read):
        if behind.text in _ARITHMETIC and (token.kind == "variable" or token.text.isdigit()):
            yield "numbers"
        if behind.text in _REPEATED and (token.kind in ("iri", "name") or token.text == ")" or token.keyword == "A"):
            yield "paths of any length"
        if token.text == behind.text == "^":
            yield "values of a datatype"
    counts = {behind.text for token, behind in pairwise(read) if token.keyword == "AS"}
    yield from filter(None, (_compared_otherwise(read, place, counts) for place in range(len(read))))


def _compared_otherwise(read: Sequence[Token], place: int, counts: Set[str]) -> str:
    """Return what Virtuoso compares otherwise at a token, with variables that stand for counts; empty for nothing.

    It finds `true` where 1 is asked and gives 5 as the 5.0 that is asked, has an order for values of any two types, and
    sorts by the first characters alone, with what is not bound last.
    """
    token = read[place]
    before = place - 1
    while before > 0 and read[before].kind == "other" and read[before].text in _COMPARED:
        before -= 1
    is_count = read[before].text in counts
    if token.kind == "other" and token.text.isdigit():
        if read[place - 1].end == token.start and read[place - 1].text.isdigit():
            return ""  # a further digit
        is_compared = before < place - 1 and is_count
        return "" if is_compared or read[place - 1].keyword in ("LIMIT", "OFFSET") else "numbers"
    if token.kind == "other" and token.text in ("<", ">"):
        behind = read[place + 1] if read[place + 1].text != "=" else read[place + 2]
        return "" if is_count and (behind.text in counts or behind.text.isdigit()) else "the order of values"
    is_literal = read[before].kind == "string" or read[before].text.startswith("@")
    if token.kind == "string" and before < place - 1 and is_literal:
        return "literals that are compared"
    if token.keyword == "ORDER" and not _sorted_by(read, place) <= counts:
        return "the order of texts"
    return "truth values" if _is_condition(read, place) else ""


def _sorted_by(read: Sequence[Token], place: int) -> set[str]:
    """Return the variables by which a query is sorted from ORDER on, and what else is named there."""
    keys = takewhile(lambda one: one.text != "}" and one.keyword not in ("LIMIT", "OFFSET", "VALUES"), read[place:])
    return {one.text for one in keys if one.kind in ("variable", "name", "iri")}


def _is_condition(read: Sequence[Token], place: int) -> bool:
    """Whether a variable or a text is a condition, or a part of one, by itself."""
    if read[place].kind not in ("variable", "string") or place + 1 == len(read):
        return False
    before, behind = read[place - 1], read[place + 1]
    opens = before.text == "(" and (read[place - 2].keyword == "FILTER" or read[place - 2].text in _JOINED)
    return (opens or before.text in _JOINED[1:]) and (behind.text in _JOINED[2:] or behind.text == ")")


def _is_counted(read: Sequence[Token], place: int) -> bool:
    """Whether what stands before a token is COUNT, with what it counts in brackets."""
    depth = 0
    for at in range(place - 1, 0, -1):
        depth += {")": 1, "(": -1}.get(read[at].text, 0)
        if depth == 0:
            return read[at - 1].keyword == "COUNT"
    return False
