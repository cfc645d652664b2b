"""Linked data: `/id`, `/doc` with its lists, `/ontology`, `/vocabulary`, `/shapes`; `/compare`; and `/card`."""

from server.linked_data import cards, comparison, entities, lists, terms
from server.linked_data.warming import warm_documents

blueprints = (
    cards.blueprint,
    comparison.blueprint,
    entities.blueprint,
    lists.blueprint,
    terms.blueprint,
)

__all__ = ["blueprints", "warm_documents"]
