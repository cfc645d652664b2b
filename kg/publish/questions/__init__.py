"""Canned questions as a server answers them: their values checked, and what a page names in their answers."""

from kg.publish.questions.names import names_in
from kg.publish.questions.prepare import Prepared, fit, prepare, values_of

__all__ = ["Prepared", "fit", "names_in", "prepare", "values_of"]
