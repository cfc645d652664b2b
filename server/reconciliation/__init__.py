"""`/reconcile`: which things of the graph the cells of a table mean, for OpenRefine and other clients of that API."""

from server.reconciliation import endpoint

blueprints = (endpoint.blueprint,)

__all__ = ["blueprints"]
