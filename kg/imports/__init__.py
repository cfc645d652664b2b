"""Imports as jobs: a folder for each table that was sent, and what makes a change, or a proposal, of each.

See docs/decisions/imports.md.
"""

from kg.imports.folder import NoSuchImportError
from kg.imports.importer import Importer
from kg.imports.job import Import, ImportLimits, ImportRequest, ImportState

__all__ = ["Import", "ImportLimits", "ImportRequest", "ImportState", "Importer", "NoSuchImportError"]
