"""The page about a thing: the statements about it in words, each with its sources and with those that contradict it.

See docs/decisions/pages.md.
"""

from kg.publish.pages.page import EntityPage, entity_page, matching_patterns

__all__ = ["EntityPage", "entity_page", "matching_patterns"]
