"""Linked data: `/id`, `/doc` with its lists, `/ontology`, `/vocabulary`, `/shapes`."""

from server.linked_data import entities, lists, terms

blueprints = (
    entities.blueprint,
    lists.blueprint,
    terms.blueprint,
)

__all__ = ["blueprints"]
