"""Checks of a submission before SHACL is asked: of its words, of what it may say, and of what it would leave behind."""

from kg.submissions.checks.graph_after import GraphAfter
from kg.submissions.checks.run import check, violations, violations_of_files
from kg.submissions.checks.withdrawals import withdraws

__all__ = ["GraphAfter", "check", "violations", "violations_of_files", "withdraws"]
