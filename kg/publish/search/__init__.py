"""Search over what the graph names and over the canned queries: pages of what is found, and what may be meant."""

from kg.publish.search.found import Found, SearchPage, search
from kg.publish.search.meant import fitting, meant

__all__ = ["Found", "SearchPage", "fitting", "meant", "search"]
