"""Imports as jobs: a folder for each table that was sent, and what makes a change, or a proposal, of each.

See docs/decisions/imports.md.
"""

from kg.import_jobs.folder import NoSuchImportError
from kg.import_jobs.importer import Importer
from kg.import_jobs.job import Import, ImportLimits, ImportRequest, ImportState

__all__ = ["Import", "ImportLimits", "ImportRequest", "ImportState", "Importer", "NoSuchImportError"]
