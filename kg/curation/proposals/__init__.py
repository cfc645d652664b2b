"""Proposals of changes, stored until a curator decides on them."""

from kg.curation.proposals.imported import ImportedChange
from kg.curation.proposals.store import (
    AlreadyDecidedError,
    NewProposal,
    Note,
    Proposal,
    Proposals,
    ProposalState,
    Settling,
)
