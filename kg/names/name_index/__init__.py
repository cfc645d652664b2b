"""One index of what things are called, at the revision that is asked for: it follows changes, and their undos.

See docs/decisions/search.md.
"""

from kg.names.name_index.entries import ChangedIris, NameEntry
from kg.names.name_index.index import IndexChange, NameIndex, Revision, index_at, reading_revision, revision_of

__all__ = [
    "ChangedIris",
    "IndexChange",
    "NameEntry",
    "NameIndex",
    "Revision",
    "index_at",
    "reading_revision",
    "revision_of",
]
