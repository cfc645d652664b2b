"""Validating and changing the graph over HTTP: `/validate`, `/changes`, `/proposals`, `/imports`, `/measures`."""

from server.curation import changes, imports, measures, proposals, validate
from server.curation.imports import TABLE_TYPES
from server.curation.validate import REPORT_TYPES

blueprints = (validate.blueprint, changes.blueprint, proposals.blueprint, imports.blueprint, measures.blueprint)

__all__ = ["REPORT_TYPES", "TABLE_TYPES", "blueprints"]
