"""Lists of the things of a kind, with the columns that matter for it: for people, as a collection, and as a table."""

from kg.publish.lists.called import kinds_called
from kg.publish.lists.columns import TITLES
from kg.publish.lists.listing import Listed, labelled_things, list_graph, list_page, listed, things_of

__all__ = ["TITLES", "Listed", "kinds_called", "labelled_things", "list_graph", "list_page", "listed", "things_of"]
