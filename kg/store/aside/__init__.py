"""Builds made aside for a large change, and what writes changes into a store."""

from kg.store.aside.folder import StagedBuild
from kg.store.aside.writing import StoreWriter

__all__ = ["StagedBuild", "StoreWriter"]
