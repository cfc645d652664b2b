"""One's own work: drafts, proposals with what was asked about them, and changes, as a page and as a feed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from flask import render_template, request

from kg.curation import ProposalState
from kg.curation.proposals import Note, Proposal
from kg.history import FeedEntry
from kg.rdf import namespaces as ns
from server.curation import change_list, drafts
from server.curation.proposal_page import WORDS, changes_of, last_word, turned_pages, undone_by, why_fallen
from server.service import Principal, service

FEED = "/proposals.atom"
_MOST_CHANGES = 10
"""Changes on the page; all are in the list of changes."""


@dataclass(frozen=True)
class OwnProposal:
    """A proposal, or a draft, of one's own, and what was said of it by now."""

    proposal: Proposal
    notes: Sequence[Note]
    changes: Mapping[int, int | None]
    """The changes that it became, or parts of it did, each with the one that undid it."""
    fallen: str = ""

    @property
    def address(self) -> str:
        """Where it is read, and a draft is changed."""
        number = self.proposal.number
        is_draft = self.proposal.state is ProposalState.DRAFT
        return drafts.page_address(number) if is_draft else f"/proposals/{number}"

    @property
    def words(self) -> str:
        """Its state, with who decided and why."""
        one = self.proposal
        by = f" by {one.reviewer}" if one.reviewer and one.reviewer != one.proposer else ""
        undone = "".join(
            f" {'It' if len(self.changes) == 1 else f'Change {number}'} was undone by change {by}."
            for number, by in self.changes.items()
            if by
        )
        if self.fallen:
            return f"It can no longer be accepted: {self.fallen} Withdraw it; its page says more."
        return f"{_STATES[one.state]}{by}." + (f" {one.reason}" if one.reason else "") + undone

    @property
    def is_asked(self) -> bool:
        """True if the last word on an open proposal is a question of another person."""
        return self.proposal.state is ProposalState.OPEN and last_word(self.notes) not in ("", self.proposal.proposer)

    def feed_entry(self) -> FeedEntry:
        """Return it as an entry of a feed, as new as the last that was said of it."""
        one = self.proposal
        moments = [one.submitted, one.decided or "", *(note.at for note in self.notes)]
        said = [f"{note.author}: {note.in_words}" for note in self.notes]
        title = one.summary or f"Draft {one.number}"
        iri = f"{ns.BASE}proposals/{one.number}"
        return FeedEntry(iri, title, max(moments), one.proposer, self.address, one.source, self.words, said)


_STATES = WORDS | {ProposalState.DRAFT: "A draft"}


def render_page(who: Principal) -> str:
    """Return the page that the current request asks for."""
    page = change_list.page_number(request.args)
    proposed, total = _find(who, None, page)
    own = change_list.ChangeListRequest({"agent": who.name})
    changes = change_list.find_page(service.curation.history, service.revisions.current().changes, own)
    return render_template(
        "desk/mine.html",
        drafts=_find(who, ProposalState.DRAFT)[0] if page == 1 else [],
        proposed=proposed,
        changes=changes.records[:_MOST_CHANGES],
        undone_by=undone_by([record.number for record in changes.records[:_MOST_CHANGES]]),
        all_changes=own.page_address("/changes", 1),
        turned=turned_pages("", page, total),
        feed=FEED,
    )


def asked_of(who: Principal) -> int:
    """Return how many open proposals of an author have a question that waits for an answer."""
    store = service.curation.proposals
    found = store.page(ProposalState.OPEN, change_list.PAGE, 0, author=who.name).proposals
    return sum(OwnProposal(one, store.notes(one.number), {}).is_asked for one in found)


def render_feed(who: Principal) -> bytes:
    """Return the feed of one's drafts and proposals, of which something was said last first."""
    found = [*_find(who, ProposalState.DRAFT)[0], *_find(who, None)[0]]
    entries = sorted((one.feed_entry() for one in found), key=lambda entry: entry.updated, reverse=True)
    updated = service.revisions.current().changed
    return FeedEntry.atom_feed(FEED[1:], f"Drafts and proposals of {who.name}", entries, {"self": FEED}, updated)


def _find(who: Principal, state: ProposalState | None, page: int = 1) -> tuple[list[OwnProposal], int]:
    """Return one's proposals on a page, or drafts, newest first, and how many there are in all."""
    store = service.curation.proposals
    found = store.page(state, change_list.PAGE, (page - 1) * change_list.PAGE, author=who.name)
    notes = {one.number: store.notes(one.number) for one in found.proposals}
    changes = {one.number: changes_of(one, notes[one.number]) for one in found.proposals}
    undone = undone_by([number for numbers in changes.values() for number in numbers])
    return [
        OwnProposal(one, notes[one.number], {each: undone[each] for each in changes[one.number]}, why_fallen(one))
        for one in found.proposals
    ], found.total
