"""Changes of the history that no longer conform, as rules or files have changed: which, and which of them count."""

from kg.building.conformance.broken import Broken, broken_of, conformance_of, uncurated
from kg.building.conformance.exemptions import Exemptions
from kg.building.conformance.withholding import broken_in, settled

__all__ = ["Broken", "Exemptions", "broken_in", "broken_of", "conformance_of", "settled", "uncurated"]
