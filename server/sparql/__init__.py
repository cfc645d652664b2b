"""The SPARQL 1.1 Protocol: `/sparql` and `/update`; and `/sparql/assist`, for editors."""

from server.sparql import assist, endpoint, update

blueprints = (
    endpoint.blueprint,
    assist.blueprint,
    update.blueprint,
)

__all__ = ["blueprints"]
