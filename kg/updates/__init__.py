"""SPARQL 1.1 Update, turned into the quads that it adds and removes without being run on the graph.

See docs/decisions/updates.md.
"""

from kg.updates.errors import DefaultGraphUpdateError, RefusedUpdateError, UpdateError, UpdateSyntaxError
from kg.updates.evaluation import first_fault, operation_effect
from kg.updates.to_change import change_of
