"""Hints on queries that are valid and yet may not do what was meant, and why a query has no answer; none is refused."""

from kg.sparql.hints.clauses import having_hints
from kg.sparql.hints.emptiness import Emptiness, advice
from kg.sparql.hints.known_terms import KnownTerms
from kg.sparql.hints.model import Hint
from kg.sparql.hints.used_names import UsedName, names_to_look_up
from kg.sparql.hints.usual_terms import usual_words
