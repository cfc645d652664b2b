"""Changes of the history that no longer conform, since rules or files have changed, and which of them still count."""

from kg.building.conformance.broken import BrokenChange, broken_changes, check_conformance, store_without_curated
from kg.building.conformance.exemptions import Exemptions
from kg.building.conformance.withholding import all_broken_changes, choose_withheld
