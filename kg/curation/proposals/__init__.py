"""Proposals: kept until somebody decides on them."""

from kg.curation.proposals.kept import AlreadyDecidedError, NewProposal, Page, Proposal, Proposals, State
from kg.curation.proposals.settling import Settling

__all__ = [
    "AlreadyDecidedError",
    "NewProposal",
    "Page",
    "Proposal",
    "Proposals",
    "Settling",
    "State",
]
