"""Search over what the graph names and over the canned queries: pages of what is found, and what may be meant."""

from kg.publish.search.did_you_mean import did_you_mean, fitting_choices
from kg.publish.search.found import SearchExtras, SearchPage, SearchResult, search, search_of

__all__ = ["SearchExtras", "SearchPage", "SearchResult", "did_you_mean", "fitting_choices", "search", "search_of"]
