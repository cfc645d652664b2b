"""SHACL validation of facts: what is validated, by which shapes, and the verdict on a graph or on a change to it.

See docs/decisions/full-validation.md and docs/decisions/incremental-validation.md.
"""

from kg.shacl.findings import Result
from kg.shacl.full import project_shapes, validate_quads
from kg.shacl.incremental import ChangeValidation, Verdict
from kg.shacl.ledger import Ledger
from kg.shacl.report import Report, in_words

__all__ = ["ChangeValidation", "Ledger", "Report", "Result", "Verdict", "in_words", "project_shapes", "validate_quads"]
