"""What things are called: plain forms, names that are nearly the same, identifiers, and things by all of these."""

from kg.names.identifiers import LINKS, Identifier, identifier_of
from kg.names.names import Names, names_of
from kg.names.plain import without_idle_words
from kg.names.slips import SlipFilter, slip_keys

__all__ = ["LINKS", "Identifier", "Names", "SlipFilter", "identifier_of", "names_of", "slip_keys", "without_idle_words"]
