"""Which things of the graph the cells of a table mean, and what the graph says of them (Reconciliation API 0.2)."""

from kg.publish.reconcile.candidates import TYPES, candidates, find_candidate, suggest
from kg.publish.reconcile.properties import PROPERTIES, extend

__all__ = ["PROPERTIES", "TYPES", "candidates", "extend", "find_candidate", "suggest"]
