"""What the forms of the desk send: a submission with a reason, kept as a draft, proposed, or made a change."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property

from flask import request

from kg.accounts import Role
from kg.curation import Rationale, SubmissionReport
from kg.curation.proposals import NewProposal, Proposal
from kg.errors import CityKgError
from kg.rdf import graphs
from kg.rdf.vocabulary import CD
from kg.submissions import Submission, SubmittedText, pack, read, unpack
from kg.tables.forms import FORMS
from server.change_requests import ChangeRequest, RequestKey, keep_proposal
from server.curation import changes
from server.desk.sessions import ROOT
from server.service import Principal, service


@dataclass(frozen=True)
class Sending:
    """Texts that change a graph, why, and the draft that they replace, with the tag that it had when it was read."""

    who: Principal
    texts: Sequence[SubmittedText]
    graph: str
    rationale: Rationale
    draft: int | None = None
    tag: str = ""

    @classmethod
    def of_request(
        cls, who: Principal, texts: Sequence[SubmittedText], graph: str, source: str, summary: str = ""
    ) -> Sending:
        """Return texts with what the current request says beside them; else their summary. Raises BadValueError."""
        said = request.form
        rationale = Rationale.parse_unfinished(said.get("summary", "").strip() or summary, source)
        acknowledged = ChangeRequest.parse_yes("acknowledge", said.get("acknowledge"))
        number = said.get("draft", "")
        draft = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
        return cls(who, texts, graph, replace(rationale, acknowledged=acknowledged), draft, said.get("tag", ""))

    def with_source(self, otherwise: str = "") -> Sending:
        """Return it with a source if none is given: the only one that its statements name, else `otherwise`.

        A text that cannot be read names none; it can be kept as a draft.
        """
        stated = set()
        with suppress(CityKgError):
            change = self.submission.change
            stated = {quad.object for quad in (*change.added, *change.removed) if quad.predicate == CD.statedIn}
        found = str(getattr(stated.pop(), "value", "")) if len(stated) == 1 else otherwise
        return replace(self, rationale=replace(self.rationale, source=self.rationale.source or found))

    @classmethod
    def of_draft(cls, number: int, who: Principal) -> Sending:
        """Return a draft of one's own as it was kept. Raises NoSuchProposalError."""
        proposals = service.curation.proposals
        draft, tag = proposals.draft(number, who.name), proposals.tag(number, who.name)
        texts = unpack(draft.media_type, proposals.body(number, who.name))
        return cls(who, texts, draft.graph, Rationale(draft.summary, draft.source), number, tag)

    @cached_property
    def submission(self) -> Submission:
        """The change that the texts are. Raises what reading them does."""
        return read(self.texts, self.written_graph, store=service.revisions.newest_snapshot().store)

    @cached_property
    def report(self) -> SubmissionReport:
        """What is found in them. Raises as `submission` does, ConflictError."""
        return service.curation.validation.report(self.submission)

    def compared_report(self) -> SubmissionReport:
        """Return the report with the answers that the change alters: all, if the request asks for them."""
        all_answers = service.questions.asks_all(request.form.get("answers"))
        return service.questions.with_answers(self.report, all_of_them=all_answers)

    @property
    def written_graph(self) -> str:
        """The IRI of the graph, whose name may be given. Raises BadValueError for one that cannot be written."""
        return graphs.writable_graph(self.graph)

    def written(self) -> tuple[str, dict[str, list[str]]] | None:
        """Return the name of the form that they come from, and what is written in it; None if they are of none."""
        form, given = SubmittedText.written_form(self.texts)
        return (form, given) if form in FORMS else None

    def act(self, action: str, key: RequestKey | None = None) -> str:
        """Do what a button says by its value, and return the page of what came of it; empty where it only looks."""
        match action:
            case "keep":
                return f"{ROOT}/text?draft={self.keep().number}"
            case "propose":
                return self.propose(key)
            case "submit":
                return self.submit(key)
            case "discard":
                self.discard()
                return f"{ROOT}/mine"
        return ""

    def keep(self) -> Proposal:
        """Keep them as a draft, instead of what the draft held before. Raises DraftChangedError."""
        said = self.rationale
        new = NewProposal(self.who.name, said.summary, said.source, self.written_graph, *pack(self.texts))
        return service.curation.keep_draft(new, self.draft, self.tag if self.draft is not None else None)

    def propose(self, key: RequestKey | None = None) -> str:
        """Propose them, and return the page of the proposal. A draft is kept first, so that nothing is lost."""
        said = self._finished()
        if self.draft is None:
            of_key = key or RequestKey(self.who)
            made = keep_proposal(self.who, self.texts, self.written_graph, said, report=self.report, key=of_key)
            return proposal_page(made.number)
        _ = self.submission
        kept = self.keep()
        tag = service.curation.proposals.tag(kept.number, self.who.name)
        return proposal_page(service.curation.propose_draft(kept.number, self.who.name, tag).number)

    def submit(self, key: RequestKey | None = None) -> str:
        """Make the change, forget the draft, and return the page; what withdraws something is proposed instead."""
        self.who.refuse_without(Role.CURATOR)
        made = changes.make(self.who, self._finished(), self.submission, key)
        if made is None:
            return self.propose(key)
        with suppress(CityKgError):  # it was discarded, or changed, meanwhile; the change is made
            self.discard()
        return ROOT + made.address

    def discard(self) -> None:
        """Forget the draft. Raises DraftChangedError."""
        if self.draft is not None:
            service.curation.proposals.discard_draft(self.draft, self.who.name, self.tag)

    def _finished(self) -> Rationale:
        """Return the rationale. Raises BadValueError for one that is not complete."""
        return Rationale.parse(self.rationale.summary, self.rationale.source, self.rationale.acknowledged)


def proposal_page(number: int) -> str:
    """Return the page of a proposal at the desk."""
    return f"{ROOT}/proposals/{number}"
