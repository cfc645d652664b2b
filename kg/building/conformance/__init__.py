"""Changes of the history that no longer conform, as rules or files have changed: which, and which of them may stand."""

from kg.building.conformance.broken import Broken, broken_in, broken_of, conformance_of, uncurated
from kg.building.conformance.exemptions import Exemptions

__all__ = ["Broken", "Exemptions", "broken_in", "broken_of", "conformance_of", "uncurated"]
