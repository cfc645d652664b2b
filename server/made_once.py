"""A request with an Idempotency-Key that comes again, since its answer was lost, is the same request."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from flask import request

from kg.history import Record
from kg.idempotency import IdempotencyKeys, digest
from kg.proposals import Proposal
from server import graph
from server.access import Principal


def change(who: Principal, make: Callable[[str], Record], change_id: str = "") -> Record:
    """Make a change under an id that is the same for the same request, so that it is made once.

    Without a `change_id` it gets a new one. The id is noted before the change is made: whoever dies in between makes it
    under that id when asked again. Raises KeyReusedError, and what `make` raises.
    """
    if (key := _key()) is None:
        return make(change_id or uuid4().hex)
    keys, sent = IdempotencyKeys(graph.curation().desk), _digest()
    with graph.curation().desk.writing():
        noted = keys.recall(who.token_id, key, sent) or change_id or uuid4().hex
        keys.remember(who.token_id, key, sent, noted)
    return graph.curation().gate().made(noted) or make(noted)


def earlier(who: Principal) -> Record | None:
    """Return the change that the same request has made before, None if it has no key, or has made none."""
    if (key := _key()) is None:
        return None
    noted = IdempotencyKeys(graph.curation().desk).recall(who.token_id, key, _digest())
    return graph.curation().gate().made(noted) if noted is not None else None


def proposal(who: Principal, make: Callable[[], Proposal], get: Callable[[int], Proposal]) -> Proposal:
    """Make a proposal and note it in one transaction, or get the one that the same request has made before."""
    if (key := _key()) is None:
        return make()
    keys, sent = IdempotencyKeys(graph.curation().desk), _digest()
    with graph.curation().desk.writing():
        number = keys.recall(who.token_id, key, sent)
        if number is not None:
            return get(int(number))
        made = make()
        keys.remember(who.token_id, key, sent, str(made.number))
        return made


def _key() -> str | None:
    return request.headers.get("Idempotency-Key")


def _digest() -> str:
    return digest(
        request.method.encode(),
        request.full_path.encode(),
        request.headers.get("Content-Type", "").encode(),
        request.get_data(cache=True),
    )
