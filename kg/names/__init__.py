"""What things are called: plain forms, names that are nearly the same, identifiers, and things by all of these."""

from kg.names.identifiers import LINKS, Identifier, identifier
from kg.names.index import Names, names_of
from kg.names.plain import idle_words_left_out
from kg.names.slips import Similar, near_keys

__all__ = ["LINKS", "Identifier", "Names", "Similar", "identifier", "idle_words_left_out", "names_of", "near_keys"]
