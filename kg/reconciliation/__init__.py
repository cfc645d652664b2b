"""Decide which thing of the graph a row of a table means, with sentences that explain why that is not clear.

Candidates come from `kg.names`. Tables (`kg.tables`) and the Reconciliation Service API
(`kg.publish.reconciliation_api`) use it.
"""

from kg.reconciliation.description import Match, Outcome, ThingDescription
from kg.reconciliation.reasons import Reason, finding, reason, table_refusal
from kg.reconciliation.reconciler import Reconciler
