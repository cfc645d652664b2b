"""Canned questions as a server answers them: their values checked, and what a page names in their answers."""

from kg.publish.questions.names import names_in
from kg.publish.questions.prepare import Fitting, Prepared, fit, prepare, values_of

__all__ = ["Fitting", "Prepared", "fit", "names_in", "prepare", "values_of"]
