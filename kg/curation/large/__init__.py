"""Builds made aside while others make their changes, each by a process of its own: large changes, and measures."""

from kg.curation.large.preparation import OvertakenError
from kg.curation.large.process import AsideProcess, MeasuringProcess, PreparingProcess
from kg.curation.large.turn import Turn

__all__ = ["AsideProcess", "MeasuringProcess", "OvertakenError", "PreparingProcess", "Turn"]
