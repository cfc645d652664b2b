"""Requests that change the graph: the content submitted, idempotency key, preconditions, and the answer."""

from server.change_requests.change_request import ChangeRequest
from server.change_requests.request_key import (
    RequestKey,
    change_id_for,
    created_response,
    entity_tags,
    expected_revision,
    keep_proposal,
    store_proposal,
)
