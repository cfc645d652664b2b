"""SHACL validation of facts: the data graph, the shapes, and the verdict on a graph or on a change to it.

See docs/decisions/full-validation.md and docs/decisions/incremental-validation.md.
"""

from kg.shacl.full import project_shapes, validate_quads
from kg.shacl.incremental import ChangeValidation, Verdict
from kg.shacl.ledger import Ledger, ValidationResult
from kg.shacl.report import Report, to_findings
