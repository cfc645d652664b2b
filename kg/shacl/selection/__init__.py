"""The pairs of target shape and focus node that can have a result, found for all nodes of a graph at once.

See docs/decisions/full-validation.md.
"""

from kg.shacl.selection.constraints import Selection
