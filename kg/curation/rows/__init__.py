"""The rows of a proposal, which a reviewer accepts one by one."""

from kg.curation.rows.splitting import ProposalRow, rows_of, under_heads, whole_change, with_needed, with_needing

__all__ = ["ProposalRow", "rows_of", "under_heads", "whole_change", "with_needed", "with_needing"]
