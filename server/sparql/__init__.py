"""The SPARQL 1.1 Protocol: `/sparql` and `/update`."""

from server.sparql import endpoint, update

blueprints = (
    endpoint.blueprint,
    update.blueprint,
)

__all__ = ["blueprints"]
