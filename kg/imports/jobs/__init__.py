"""Imports as jobs: what was sent, how far it has come, and what became of the rows, in a folder each."""

from kg.imports.jobs.folder import Imports, NoSuchImportError
from kg.imports.jobs.job import Import, ImportLimits, ImportRequest, ImportState, Standing

__all__ = [
    "Import",
    "ImportLimits",
    "ImportRequest",
    "ImportState",
    "Imports",
    "NoSuchImportError",
    "Standing",
]
