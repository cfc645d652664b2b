"""Validating and changing the graph over HTTP: `/validate`, `/changes`, `/proposals`, `/imports`, `/measures`."""

from server.curation import changes, check_page, imports, measures, own_work, proposals, validate

blueprints = tuple(module.blueprint for module in (validate, changes, proposals, imports, measures))

__all__ = ["blueprints", "changes", "check_page", "imports", "own_work", "proposals"]
