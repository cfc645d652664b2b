"""One index of what things are called, at the revision that is asked for: it follows changes, and their undos.

See docs/decisions/search.md.
"""

from kg.names.following.entries import ChangedIris, NameEntry
from kg.names.following.index import IndexChange, NameIndex
from kg.names.following.revisions import Revision, index_at, reading_revision, revision_of

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
