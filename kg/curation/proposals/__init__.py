"""Proposals of changes, stored until a curator decides on them."""

from kg.curation.proposals.imported import ImportedChange
from kg.curation.proposals.store import (
    AlreadyDecidedError,
    DraftChangedError,
    NewProposal,
    Proposal,
    Proposals,
    ProposalState,
    Settling,
)

__all__ = [
    "AlreadyDecidedError",
    "DraftChangedError",
    "ImportedChange",
    "NewProposal",
    "Proposal",
    "ProposalState",
    "Proposals",
    "Settling",
]
