"""The data set and the state of the service: `/dataset`, `/dumps`, `/healthz`, `/readyz`, `/metrics`."""

from server.dataset import description, dumps, status

blueprints = (
    description.blueprint,
    dumps.blueprint,
    status.blueprint,
)

__all__ = ["blueprints"]
