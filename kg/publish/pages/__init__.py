"""The page about a thing: what the graph says of it, in words, each with who says so and who says otherwise.

See docs/decisions/pages.md.
"""

from kg.publish.pages.page import EntityPage, entity_page, matching_patterns

__all__ = ["EntityPage", "entity_page", "matching_patterns"]
