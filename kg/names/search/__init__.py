"""Search for everything that has a name in a graph, by any part of its names, best matches first.

See docs/decisions/search.md.
"""

from kg.names.names import LONGEST_QUERY
from kg.names.search.find import Hit, Search
from kg.names.search.findable import DESCRIPTIONS, KINDS, PLACES, Extra, Findable
