"""The index of names of a graph, which follows changes, and undos of them, from revision to revision.

See docs/decisions/search.md.
"""

from kg.names.name_index.entries import ChangedIris, NameEntry
from kg.names.name_index.index import IndexChange, NameIndex, Revision, index_at, reading_revision, revision_of
