"""The gate: what is submitted is checked and validated, then made, proposed, accepted or taken back.

See docs/decisions/gate.md.
"""

from kg.curation.curation import Curation
from kg.curation.draft import Computed, Rationale
from kg.curation.proposals import State
from kg.curation.refusals import NothingToChangeError, RefusedChangeError, RevisionPassedError
from kg.curation.report import SubmissionReport

__all__ = [
    "Computed",
    "Curation",
    "NothingToChangeError",
    "Rationale",
    "RefusedChangeError",
    "RevisionPassedError",
    "State",
    "SubmissionReport",
]
