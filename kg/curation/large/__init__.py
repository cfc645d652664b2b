"""Large changes: prepared by a process of their own on a copy of the store, while others make their changes."""

from kg.curation.large.process import Made, OvertakenError, PreparingProcess

__all__ = ["Made", "OvertakenError", "PreparingProcess"]
