"""SPARQL: what a query is, what is refused, hints, why there is no answer; texts and evaluation are packages below."""

from kg.sparql.emptiness import Emptiness
from kg.sparql.guard import Query, QueryTooLongError, RefusedQueryError, examine
from kg.sparql.hints import Hint, KnownTerms, names_to_look_up

__all__ = [
    "Emptiness",
    "Hint",
    "KnownTerms",
    "Query",
    "QueryTooLongError",
    "RefusedQueryError",
    "examine",
    "names_to_look_up",
]
