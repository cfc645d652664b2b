"""Linked data: `/id`, `/doc` with its lists, `/ontology`, `/vocabulary`, `/shapes`."""

from server.linked_data import entities, lists, terms
from server.linked_data.warming import warm_documents

blueprints = (
    entities.blueprint,
    lists.blueprint,
    terms.blueprint,
)

__all__ = ["blueprints", "warm_documents"]
