"""Which thing of the graph a row of a table means, and the sentences that say why that is not clear."""

from kg.reconciliation.matches import Asked, Match, Outcome
from kg.reconciliation.reasons import Reason, finding, reason, refused
from kg.reconciliation.reconciler import Reconciler

__all__ = ["Asked", "Match", "Outcome", "Reason", "Reconciler", "finding", "reason", "refused"]
