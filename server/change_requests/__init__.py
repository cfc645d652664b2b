"""What every request that changes the graph has: what it submits, its key, its preconditions, the answer to it."""

from server.change_requests.change_request import ChangeRequest
from server.change_requests.request_key import (
    RequestKey,
    change_id_for,
    created_response,
    entity_tags,
    expected_revision,
    store_proposal,
)

__all__ = [
    "ChangeRequest",
    "RequestKey",
    "change_id_for",
    "created_response",
    "entity_tags",
    "expected_revision",
    "store_proposal",
]
