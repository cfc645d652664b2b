"""The form of the desk for statements as a text: checked, kept as a draft, proposed, or made a change."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from http import HTTPStatus

from flask import Response, redirect, request
from werkzeug.wrappers import Response as AnyResponse

from kg.accounts import Role
from kg.curation import Rationale, RefusedChangeError, SubmissionReport
from kg.curation.proposals import NewProposal, Proposal
from kg.errors import CityKgError
from kg.findings import RefusedSubmissionError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.serialise import lines_of
from kg.submissions import SubmittedText, pack, read, unpack
from server.change_requests import ChangeRequest
from server.curation import changes, check_page
from server.desk.sessions import ROOT, desk_blueprint, signed_in
from server.errors import kind_of
from server.service import Principal, service

blueprint = desk_blueprint("desk_texts")

TEXT = f"{ROOT}/text"


@dataclass(frozen=True)
class _Form:
    """What is in the form: the text, why, and the draft that it changes, with the tag that it had when it was read."""

    checked: check_page.CheckedText
    rationale: Rationale = field(default_factory=lambda: Rationale("", ""))
    draft: int | None = None
    tag: str = ""

    @classmethod
    def of_request(cls) -> _Form:
        """Return what the current request sends. Raises BadValueError."""
        said = request.form
        rationale = Rationale.parse_unfinished(said.get("summary", ""), said.get("source", ""))
        acknowledged = ChangeRequest.parse_yes("acknowledge", said.get("acknowledge"))
        number = said.get("draft", "")
        draft = int(number) if number.isascii() and number.isdigit() and len(number) < 10 else None
        return cls(
            check_page.CheckedText.of_request(),
            replace(rationale, acknowledged=acknowledged),
            draft,
            said.get("tag", ""),
        )

    @classmethod
    def of_draft(cls, draft: Proposal) -> _Form:
        """Return the form of a draft; several texts are one patch in it. Raises what reading them does."""
        texts = _texts_of(draft)
        if [text.part for text in texts] != ["added"]:
            change = read(texts, draft.graph, store=service.revisions.newest_snapshot().store).change
            parts = zip("DA", map(lines_of, (change.removed, change.added)), strict=True)
            patch = "".join(f"{code} {line}\n" for code, lines in parts for line in lines)
            texts = [SubmittedText(patch.encode(), "application/rdf-patch")]
        return cls.of_texts(draft, texts)

    @classmethod
    def of_texts(cls, draft: Proposal, texts: Sequence[SubmittedText]) -> _Form:
        """Return the form of a draft with texts one below the other, as they are."""
        checked = check_page.CheckedText(
            "\n".join(text.body.decode(errors="replace") for text in texts),
            texts[0].media_type.partition(";")[0].strip().lower(),
            draft.graph.removeprefix(ns.GRAPH),
        )
        return cls(checked, Rationale(draft.summary, draft.source)).kept(draft)

    def keep(self, who: Principal) -> Proposal:
        """Keep it as a draft, instead of what the draft held before. Raises BadValueError, DraftChangedError."""
        text = SubmittedText(self.checked.raw or self.checked.text.encode(), self.checked.media_type)
        graph = graphs.writable_graph(self.checked.graph)
        new = NewProposal(who.name, self.rationale.summary, self.rationale.source, graph, *pack([text]))
        return service.curation.keep_draft(new, self.draft, self.tag if self.draft is not None else None)

    def kept(self, draft: Proposal) -> _Form:
        """Return the form of the draft that it was kept as."""
        return replace(self, draft=draft.number, tag=service.curation.proposals.tag(draft.number, draft.proposer))


@blueprint.get(TEXT)
def show() -> Response:
    """Show the form, with a draft of one's own (`draft`) or empty."""
    who, number = signed_in(Role.CONTRIBUTOR), request.args.get("draft", type=int)
    if number is None:
        return _respond(who, _Form(check_page.CheckedText(graph=request.args.get("graph", ""))))
    draft = service.curation.proposals.draft(number, who.name)
    try:
        return _respond(who, _Form.of_draft(draft))
    except CityKgError as error:
        return _respond(who, _Form.of_texts(draft, _texts_of(draft)), wrong=error)


def _texts_of(draft: Proposal) -> list[SubmittedText]:
    return unpack(draft.media_type, service.curation.proposals.body(draft.number, draft.proposer))


@blueprint.post(TEXT)
def send() -> AnyResponse:
    """Check the text of the form, keep it as a draft, propose it, or make it a change, by the button that was pressed.

    What cannot be done comes back in the form, with the reason.
    """
    who = signed_in(Role.CONTRIBUTOR)
    form, act = _Form.of_request(), _ACTS.get(request.form.get("do", ""), _check)
    try:
        with service.clients.charging():
            return act(who, form)
    except RefusedSubmissionError as error:
        return _respond(who, form, error=error)
    except RefusedChangeError as error:
        return _respond(who, form, error.report, wrong=error)
    except CityKgError as error:
        is_changed = kind_of(error).status == HTTPStatus.PRECONDITION_FAILED
        return _respond(who, replace(form, draft=None) if is_changed else form, wrong=error)


def _check(who: Principal, form: _Form) -> AnyResponse:
    return _respond(who, form, service.curation.validation.report(form.checked.submission()))


def _keep(who: Principal, form: _Form) -> AnyResponse:
    return redirect(f"{TEXT}?draft={form.keep(who).number}", 303)


def _propose(who: Principal, form: _Form) -> AnyResponse:
    """Keep the text first, so that it is not lost if it cannot be proposed."""
    Rationale.parse(form.rationale.summary, form.rationale.source)
    form.checked.submission()
    draft = form.kept(form.keep(who))
    made = service.curation.propose_draft(draft.draft or 0, who.name, draft.tag)
    return redirect(f"{ROOT}/proposals/{made.number}", 303)


def _submit(who: Principal, form: _Form) -> AnyResponse:
    """Make the change, and discard the draft that it was; what withdraws something is proposed instead."""
    who.refuse_without(Role.CURATOR)
    rationale = Rationale.parse(form.rationale.summary, form.rationale.source, form.rationale.acknowledged)
    made = changes.make(who, rationale, form.checked.submission())
    if made is None:
        return _propose(who, form)
    if form.draft is not None:
        with suppress(CityKgError):  # it was discarded, or changed, meanwhile; the change is made
            service.curation.proposals.discard_draft(form.draft, who.name, form.tag)
    return redirect(made.address, 303)


def _discard(who: Principal, form: _Form) -> AnyResponse:
    if form.draft is not None:
        service.curation.proposals.discard_draft(form.draft, who.name, form.tag)
    return redirect(f"{ROOT}/proposals?state=draft", 303)


_ACTS: dict[str, Callable[[Principal, _Form], AnyResponse]] = {
    "keep": _keep,
    "propose": _propose,
    "submit": _submit,
    "discard": _discard,
}
"""What the buttons of the form do, by their values; any other one checks the text."""


def _respond(
    who: Principal,
    form: _Form,
    report: SubmissionReport | None = None,
    error: RefusedSubmissionError | None = None,
    wrong: CityKgError | None = None,
) -> Response:
    fault = wrong or error
    response = check_page.respond(
        form.checked,
        report,
        error,
        "desk/text.html",
        action=TEXT,
        form=form,
        wrong=wrong,
        submits=who.role is Role.CURATOR,
    )
    response.status_code = kind_of(fault).status if fault is not None else 200
    return response
