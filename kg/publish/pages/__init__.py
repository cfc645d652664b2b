"""The page about a thing: the statements about it in words, each with its sources and with those that contradict it.

A card says in a few words what it is.

See docs/decisions/pages.md.
"""

from kg.publish.pages.card import Card, card
from kg.publish.pages.page import EntityPage, entity_page, matching_patterns

__all__ = ["Card", "EntityPage", "card", "entity_page", "matching_patterns"]
