"""Canned questions as a server answers them: their values checked, and what a page names in their answers."""

from kg.publish.questions.names import names_in
from kg.publish.questions.prepare import PreparedQuestion, fitting_values, parameter_values, prepare

__all__ = ["PreparedQuestion", "fitting_values", "names_in", "parameter_values", "prepare"]
