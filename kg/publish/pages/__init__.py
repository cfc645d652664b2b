"""The page about a thing: what the graph says of it, in words, each with who says so and who says otherwise."""

from kg.publish.pages.countries_known import countries_known
from kg.publish.pages.page import EntityPage, entity_page

__all__ = ["EntityPage", "countries_known", "entity_page"]
