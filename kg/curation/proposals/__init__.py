"""Proposals: kept until somebody decides on them."""

from kg.curation.proposals.kept import AlreadyDecidedError, NewProposal, Page, Proposal, Proposals, State

__all__ = [
    "AlreadyDecidedError",
    "NewProposal",
    "Page",
    "Proposal",
    "Proposals",
    "State",
]
