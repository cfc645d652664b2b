"""Builds made aside while others make their changes, each by a job of its own: large changes, and measures."""

from kg.curation.large.measuring import Measuring
from kg.curation.large.preparation import OvertakenError, Preparation
from kg.curation.large.process import placed, portable, prepare

__all__ = ["Measuring", "OvertakenError", "Preparation", "placed", "portable", "prepare"]
