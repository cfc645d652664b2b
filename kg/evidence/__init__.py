"""Who says so: the passages and sources that carry each row of an answer, and those that say otherwise.

`rows` finds what a row rests on, `triples` who states one triple.

See docs/decisions/who-says-so.md.
"""

from kg.evidence.evidence import Evidence, EvidenceFinder, RowEvidence
from kg.evidence.jobs import EvidenceJob, who_says_so
from kg.evidence.probes import Gap

__all__ = [
    "Evidence",
    "EvidenceFinder",
    "EvidenceJob",
    "Gap",
    "RowEvidence",
    "who_says_so",
]
