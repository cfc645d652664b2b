"""One index of what things are called, at the revision that is asked for: it follows changes, and their undos.

See docs/decisions/search.md.
"""

from kg.names.following.entries import Entry, Touched
from kg.names.following.index import Index, Moved
from kg.names.following.revisions import Revision, index_at, reading, revision_of

__all__ = ["Entry", "Index", "Moved", "Revision", "Touched", "index_at", "reading", "revision_of"]
