"""Validating and changing the graph over HTTP: `/validate`, `/changes`, `/proposals`, `/imports`, `/measures`."""

from server.curation import change_page, changes, check_page, imports, measures, own_work, proposals, validate

blueprints = tuple(module.blueprint for module in (validate, changes, proposals, imports, measures))

__all__ = ["blueprints", "change_page", "changes", "check_page", "imports", "own_work", "proposals"]
