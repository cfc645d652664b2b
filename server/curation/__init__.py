"""Validating and changing the graph over HTTP: `/validate`, `/changes`, `/proposals`."""

from server.curation import changes, proposals, validate
from server.curation.validate import REPORT_TYPES

blueprints = (validate.blueprint, changes.blueprint, proposals.blueprint)

__all__ = ["REPORT_TYPES", "blueprints"]
