"""The history of changes: a file each, in a chain of hashes; written as PROV-O, RDF Patch or a feed, or folded.

See docs/decisions/history.md.
"""

from kg.history.chain import ConflictError, History, Record
from kg.history.fold import FoldedHistory
from kg.history.formats import FeedEntry, serialise_record
from kg.history.provenance import HistoryGraph, provenance_of
