"""Builds staged beside the current one for a large change, and the writer of changes into a store."""

from kg.store.aside.folder import StagedBuild
from kg.store.aside.writing import StoreWriter

__all__ = ["StagedBuild", "StoreWriter"]
