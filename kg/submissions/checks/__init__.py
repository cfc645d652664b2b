"""Checks of a submission before SHACL: vocabulary, policy, duplicates, sources, and what removals leave behind."""

from kg.submissions.checks.mends import Mend
from kg.submissions.checks.run import check, violations, violations_of_files
from kg.submissions.checks.withdrawals import withdraws
