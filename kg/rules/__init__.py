"""The inference rules of `ontology/rules/`: what follows, what a change does to it, and what a triple follows from.

See docs/decisions/following-changes.md.
"""

from kg.rules.derivations import Derivations
from kg.rules.derived_graphs import UnionChanges
from kg.rules.inference import infer

__all__ = ["Derivations", "UnionChanges", "infer"]
