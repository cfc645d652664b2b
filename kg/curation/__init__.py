"""Changes to the graph: submissions are checked and validated, then made, proposed, accepted or undone.

See docs/decisions/gate.md.
"""

from kg.curation.curation import CurationService
from kg.curation.draft import ComputedContent, Rationale
from kg.curation.proposals import ProposalState
from kg.curation.refusals import NothingToChangeError, RefusedChangeError, RevisionPassedError
from kg.curation.report import SubmissionReport
