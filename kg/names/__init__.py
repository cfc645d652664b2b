"""The names of things: plain forms, similar names, identifiers, and look-ups of things by all of these.

This package finds what a text may mean. Which of the things found a row of a table means is decided by
`kg.reconciliation`; `kg.publish.reconciliation_api` answers clients of the Reconciliation Service API.
"""

from kg.names.identifiers import Identifier, identifier_of
from kg.names.names import Names, names_of
from kg.names.plain import plain, without_idle_words
from kg.names.slips import SlipFilter, slip_keys
