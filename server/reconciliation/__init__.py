"""`/reconcile`: which things of the graph the cells of a table mean, for OpenRefine and other clients of that API."""

from server.reconciliation import service

blueprints = (service.blueprint,)

__all__ = ["blueprints"]
