"""What every request that changes the graph has: what it submits, its key, its preconditions, the answer to it."""

from server.gate.attempt import Attempt, RequestKey, created, earlier, entity_tags, wanted_revision
from server.gate.submitted import Submitted

__all__ = ["Attempt", "RequestKey", "Submitted", "created", "earlier", "entity_tags", "wanted_revision"]
