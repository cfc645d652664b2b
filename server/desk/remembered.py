"""The source of the last change or proposal of an author: most add several things from one."""

from __future__ import annotations

from contextlib import suppress

from kg.curation.proposals import ImportedChange
from kg.errors import CityKgError
from kg.history import Record
from kg.submissions import read, unpack
from kg.tables.forms import source_fields
from server.service import service

_MOST_CHANGES = 50
"""Changes among which the last one of an author is sought."""
_MOST_QUADS = 500


def last_source(name: str) -> dict[str, list[str]]:
    """Return the fields of the source of an author's last change or proposal, as a form has them; none without one."""
    proposals, change = service.curation.proposals, _last_change(name)
    found = proposals.page(None, 1, author=name).proposals
    if found and found[0].media_type != ImportedChange.MEDIA_TYPE and (not change or found[0].submitted > change.at):
        with suppress(CityKgError):  # what it names may be gone by now
            texts = unpack(found[0].media_type, proposals.body(found[0].number))
            store = service.revisions.newest_snapshot().store
            return source_fields(read(texts, found[0].graph, store=store).change.added)
    return source_fields(quad for quad, is_added in change.first_quads(_MOST_QUADS) if is_added) if change else {}


def _last_change(name: str) -> Record | None:
    history = service.curation.history
    count = history.count()
    records = (history.get(number) for number in range(count, max(0, count - _MOST_CHANGES), -1))
    return next((record for record in records if record is not None and record.agent == name), None)
