"""Builds made aside while others make their changes, each by a job of its own: large changes, and measures."""

from kg.curation.large.measuring import MeasuresJob
from kg.curation.large.preparation import LargeChangeJob

__all__ = ["LargeChangeJob", "MeasuresJob"]
