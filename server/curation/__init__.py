"""Validating and changing the graph over HTTP: `/validate`, `/changes`, `/proposals`, `/imports`."""

from server.curation import changes, imports, proposals, validate
from server.curation.imports import TABLE_TYPES
from server.curation.validate import REPORT_TYPES

blueprints = (validate.blueprint, changes.blueprint, proposals.blueprint, imports.blueprint)

__all__ = ["REPORT_TYPES", "TABLE_TYPES", "blueprints"]
