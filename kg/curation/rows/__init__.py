"""The rows of a proposal, which a reviewer accepts one by one."""

from kg.curation.rows.reviewed import ReviewedRow, reviewed_rows
from kg.curation.rows.splitting import ProposalRow, rows_of, whole_change, with_needed, with_needing
