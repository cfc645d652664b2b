"""SHACL validation of facts: what is validated, by which shapes, and the verdict."""

from kg.validation.full import data_quads, validate_quads
from kg.validation.report import Report, Result

__all__ = ["Report", "Result", "data_quads", "validate_quads"]
