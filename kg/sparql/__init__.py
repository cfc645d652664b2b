"""SPARQL: what a query is, what is refused, hints, why there is no answer; texts and evaluation are packages below."""

from kg.sparql.guard import Query, RefusedQueryError, examine
from kg.sparql.hints import Emptiness, Hint, KnownTerms, advice, names_to_look_up
