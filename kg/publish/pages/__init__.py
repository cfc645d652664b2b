"""The page about a thing: the statements about it in words, each with its sources and with those that contradict it.

A card says in a few words what it is; a comparison has two things side by side.

See docs/decisions/pages.md.
"""

from kg.publish.pages.card import Card, card
from kg.publish.pages.comparison import Comparison, compared_triples, comparison
from kg.publish.pages.page import EntityPage, entity_page, matching_patterns
