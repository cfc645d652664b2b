"""Proposals: kept until somebody decides on them; accepted at length, where they are large."""

from kg.curation.proposals.acceptances import Acceptance, Acceptances
from kg.curation.proposals.kept import AlreadyDecidedError, NewProposal, Page, Proposal, Proposals, State

__all__ = [
    "Acceptance",
    "Acceptances",
    "AlreadyDecidedError",
    "NewProposal",
    "Page",
    "Proposal",
    "Proposals",
    "State",
]
