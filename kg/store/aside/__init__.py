"""Builds made aside for a large change, and what writes changes into a store."""

from kg.store.aside.folder import Aside
from kg.store.aside.writing import Writer

__all__ = ["Aside", "Writer"]
