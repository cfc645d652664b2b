"""The inference rules of `ontology/rules/`: inferences, their changes, and derivations of a triple.

See docs/decisions/following-changes.md.
"""

from kg.rules.derivations import Derivations
from kg.rules.derived_graphs import UnionChanges
from kg.rules.inference import infer
from kg.rules.past_inferences import inferred_between
