"""Large changes: prepared by a process of their own on a copy of the store, while others make their changes."""

from kg.curation.large.preparation import OvertakenError
from kg.curation.large.process import PreparingProcess

__all__ = ["OvertakenError", "PreparingProcess"]
