"""Proposals of changes, stored until a curator decides on them."""

from kg.curation.proposals.imported import ImportedChange
from kg.curation.proposals.store import (
    AlreadyDecidedError,
    NewProposal,
    Proposal,
    ProposalPage,
    Proposals,
    ProposalState,
    Settling,
)

__all__ = [
    "AlreadyDecidedError",
    "ImportedChange",
    "NewProposal",
    "Proposal",
    "ProposalPage",
    "ProposalState",
    "Proposals",
    "Settling",
]
