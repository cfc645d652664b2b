"""Which thing of the graph a row of a table means, and the sentences that say why that is not clear."""

from kg.reconciliation.reasons import Reason, finding, reason, table_refusal
from kg.reconciliation.reconciler import Match, Outcome, Reconciler, ThingDescription

__all__ = ["Match", "Outcome", "Reason", "Reconciler", "ThingDescription", "finding", "reason", "table_refusal"]
