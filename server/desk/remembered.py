"""The source of the last change or proposal of an author: most add several things from one."""

from __future__ import annotations

from kg.curation import ProposalState
from kg.history import Record
from kg.submissions import SubmittedText, unpack
from server.service import service

_MOST_CHANGES = 50
"""Changes among which the last one of an author is sought."""


def last_source(name: str) -> dict[str, list[str]]:
    """Return the fields of the source of an author's last change or proposal, which the graph may not have any longer.

    Of a proposal that is open they are as they were written, since the source may be new; else its address or IRI.
    """
    proposals, change = service.curation.proposals, _last_change(name)
    found = proposals.page(None, 1, author=name).proposals
    if not found or (change is not None and change.at >= found[0].submitted):
        return {"source": [change.source]} if change is not None else {}
    last, written = found[0], dict[str, list[str]]()
    if last.state is ProposalState.OPEN:
        _, fields = SubmittedText.written_form(unpack(last.media_type, proposals.body(last.number)))
        written = {name: texts for name, texts in fields.items() if name.startswith("source")}
    return written or {"source": [last.source]}


def _last_change(name: str) -> Record | None:
    history = service.curation.history
    count = history.count()
    records = (history.get(number) for number in range(count, max(0, count - _MOST_CHANGES), -1))
    return next((record for record in records if record is not None and record.agent == name), None)
