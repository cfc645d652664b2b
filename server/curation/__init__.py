"""Validating and changing the graph over HTTP: `/validate`, `/changes`, `/proposals`, `/imports`, `/measures`."""

from server.curation import changes, imports, measures, proposals, validate

blueprints = (validate.blueprint, changes.blueprint, proposals.blueprint, imports.blueprint, measures.blueprint)

__all__ = ["blueprints", "changes", "imports", "proposals"]
