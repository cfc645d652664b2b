"""Proposals: kept until somebody decides on them."""

from kg.curation.proposals.imported import ImportedChange
from kg.curation.proposals.kept import AlreadyDecidedError, NewProposal, Page, Proposal, Proposals, State
from kg.curation.proposals.settling import Settling

__all__ = [
    "AlreadyDecidedError",
    "ImportedChange",
    "NewProposal",
    "Page",
    "Proposal",
    "Proposals",
    "Settling",
    "State",
]
