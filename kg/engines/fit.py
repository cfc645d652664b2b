"""Which queries an engine answers as the embedded one does: the others stay here, and the answer says why.

An answer is never worse for coming from elsewhere. What engines do otherwise was measured, and a query that may meet
any of it is not sent to them: so this rather keeps a query too many than sends one too many.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from kg.engines.dialects import VIRTUOSO, Dialect
from kg.sparql import Query
from kg.sparql.text import Token

_COUNTED = ("COUNT", "MIN", "MAX")
_SAME_IN_VIRTUOSO = frozenset(
    """PREFIX BASE SELECT DISTINCT REDUCED CONSTRUCT ASK WHERE A AS OPTIONAL UNION MINUS VALUES FILTER NOT EXISTS
    IN GROUP BY ORDER ASC DESC LIMIT OFFSET COUNT MIN MAX LANG LANGMATCHES""".split()
)
"""Of these Virtuoso makes what the standard does; of many others, such as AVG, STR and BOUND, other values."""
_GEOGRAPHY = ("geosparql", "geof:", "geo:")
_ARITHMETIC = ("+", "-", "*", "/")
_REPEATED = ("*", "+", "?")


def hindrance(query: Query, dialect: Dialect) -> str:
    """Return why a query on the whole data set is not sent to an engine of a dialect; empty if it is."""
    read = query.tokens
    keywords = {token.keyword for token in read}
    if any(len(token.ends) > 1 for token in read):
        return "its text can be read in two ways"
    if "FROM" in keywords:
        return "it names a data set of its own"
    if query.form == "DESCRIBE":
        return "engines describe in ways of their own"
    if not query.lasting:
        return "its answer is not the same each time"
    if "GRAPH" in keywords and not (dialect.own_default_graph and _names_each_graph(read)):
        return "it asks which graph says so"
    return _otherwise_in_virtuoso(query) if dialect == VIRTUOSO else ""


def _names_each_graph(read: Sequence[Token]) -> bool:
    """Whether no graph is a variable, which would also stand for the graph in which an engine keeps its revision."""
    return all(behind.kind in ("iri", "name") for token, behind in pairwise(read) if token.keyword == "GRAPH")


def _otherwise_in_virtuoso(query: Query) -> str:
    read = query.tokens
    for token in read:
        if token.keyword and token.keyword not in _SAME_IN_VIRTUOSO:
            return f"the engine has a way of its own with {token.keyword}"
    if any(word in query.text.lower() for word in _GEOGRAPHY):
        return "the engine has a way of its own with points"
    for token, behind in pairwise(read):
        if behind.text in _ARITHMETIC and (token.kind == "variable" or token.text.isdigit()):
            return "the engine has a way of its own with numbers"
        if behind.text in _REPEATED and (token.kind in ("iri", "name") or token.text == ")" or token.keyword == "A"):
            return "the engine has a way of its own with paths of any length"
    if any(token.keyword == "AS" and not _is_counted(read, place) for place, token in enumerate(read)):
        return "the engine has a way of its own with what is computed"
    return ""


def _is_counted(read: Sequence[Token], place: int) -> bool:
    """Whether what stands before a token is one of _COUNTED, with what it counts in brackets."""
    depth = 0
    for at in range(place - 1, 0, -1):
        depth += {")": 1, "(": -1}.get(read[at].text, 0)
        if depth == 0:
            return read[at - 1].keyword in _COUNTED
    return False
