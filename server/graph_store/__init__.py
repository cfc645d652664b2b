"""The SPARQL 1.1 Graph Store HTTP Protocol: `/graphs` and `/graph/…`."""

from server.graph_store import read, write

blueprints = (
    read.blueprint,
    write.blueprint,
)

__all__ = ["blueprints"]
