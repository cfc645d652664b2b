"""Search over what the graph names and over the canned queries: pages of what is found, and what may be meant."""

from kg.publish.search.did_you_mean import fitting, meant
from kg.publish.search.found import Beside, Found, SearchPage, search, search_of

__all__ = ["Beside", "Found", "SearchPage", "fitting", "meant", "search", "search_of"]
