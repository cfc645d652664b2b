"""Lists of the things of a kind, with the columns that matter for it: for people, as a collection, and as a table."""

from kg.publish.lists.columns import TITLES, find_kinds
from kg.publish.lists.listing import (
    KindList,
    ListTable,
    kind_counts,
    list_graph,
    list_table,
    things_of_kind,
)
