"""Provenance of answers: the passages and sources behind each row, and those that contradict it.

`witnesses` finds what a row rests on, `triple_sources` who states a single triple.

See docs/decisions/who-says-so.md.
"""

from kg.evidence.evidence import COLUMN_MEANINGS, Evidence, EvidenceFinder, RowEvidence, added_columns
from kg.evidence.probes import Gap
