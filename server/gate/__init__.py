"""What every request that changes the graph has: what it submits, its key, its preconditions, the answer to it."""

from server.gate.attempt import RequestKey, change_id_of, created, entity_tags, wanted_revision
from server.gate.submitted import Submitted

__all__ = ["RequestKey", "Submitted", "change_id_of", "created", "entity_tags", "wanted_revision"]
