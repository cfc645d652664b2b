"""SHACL validation of facts: what is validated, by which shapes, and the verdict on a graph or on a change to it."""

from kg.validation.change import Change
from kg.validation.full import data_quads, project_shapes, validate_quads
from kg.validation.incremental import ChangeValidation, Verdict
from kg.validation.ledger import Ledger
from kg.validation.report import Report, in_words

__all__ = [
    "Change",
    "ChangeValidation",
    "Ledger",
    "Report",
    "Verdict",
    "data_quads",
    "in_words",
    "project_shapes",
    "validate_quads",
]
