"""Jobs that import tables: a folder for each table sent, and the importer that makes a change or a proposal of it.

See docs/decisions/imports.md.
"""

from kg.import_jobs.folder import NoSuchImportError
from kg.import_jobs.importer import Importer
from kg.import_jobs.job import Import, ImportLimits, ImportRequest, ImportState
