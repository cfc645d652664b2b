"""Builds staged beside the current one for a large change, and the writer of changes into a store."""

from kg.store.staging.build import StagedBuild
from kg.store.staging.writer import StoreWriter

__all__ = ["StagedBuild", "StoreWriter"]
