"""Forms that add to the graph: `/desk/add/<form>`. What is written stays in the form until it is proposed or made."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from http import HTTPStatus
from itertools import groupby
from operator import itemgetter
from uuid import NAMESPACE_OID, uuid4, uuid5

from flask import Response, jsonify, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from kg.accounts import Role
from kg.curation import RefusedChangeError, SubmissionReport
from kg.errors import CityKgError, UnknownNameError
from kg.findings import Finding
from kg.publish.changes import changes_in_words
from kg.rdf import namespaces as ns
from kg.rdf.serialise import lines_of
from kg.sentences import ChangedThing
from kg.submissions import SubmittedText
from kg.tables.forms import FORMS, FilledForm, Form, about_thing, fill_form
from server.change_requests import RequestKey
from server.desk.remembered import last_source
from server.desk.sending import Sending, proposal_page
from server.desk.sessions import ROOT, desk_blueprint, signed_in
from server.desk.texts import TEXT
from server.errors import kind_of
from server.figures import Spot
from server.service import Principal, service
from server.web import AnswerType, LinkedText

blueprint = desk_blueprint("desk_add")

_PAGE = f"{ROOT}/add/<form>"
_LOOK = "look"
_OF_PAGE = ("do", "key", "summary", "acknowledge", "draft", "tag", "answers")
"""Fields of the page itself."""


@dataclass(frozen=True)
class _Sent:
    """A form as it was sent, the statements that it comes to, if any, and what was found in them."""

    form: Form
    given: Mapping[str, Sequence[str]]
    filled: FilledForm
    language: str
    sending: Sending
    report: SubmissionReport | None = None
    problem: CityKgError | None = None
    is_source_remembered: bool = False


@blueprint.get(_PAGE)
def show_form(form: str) -> AnyResponse:
    """Show a form, with what the address says of its fields filled in: itself, by what is edited, or by a draft."""
    who, wanted = signed_in(Role.CONTRIBUTOR), _find(form)
    draft, tag, reason = request.args.get("draft", type=int), "", ""
    about = request.args.get("edits")  # what no curator states is filled in without a source: another is to be named
    given = {name: [text] for name, text in wanted.preset.items()}
    given |= {key: request.args.getlist(key) for key in request.args if key not in _OF_PAGE}
    if draft is not None:
        sending = Sending.of_draft(draft, who)
        name, given = sending.written() or ("", {})
        if name != form:
            return redirect(f"{TEXT}?draft={draft}", 303)
        tag, reason = sending.tag, sending.rationale.summary
    elif about:
        found = service.workers.read(about_thing, ns.expand(about) or about)["said"]
        given = next((one["given"] for one in found if one["form"] == form), {})
        kept_back = ("edits", "source") if "beside" in request.args else ()
        given = {name: texts for name, texts in given.items() if name not in kept_back}
    sent = _fill(who, wanted, given)
    if not about and not given.keys() & {"source", "source_title"} and (last := last_source(who.name)):
        with_last = _fill(who, wanted, given | last)
        is_there = not with_last.filled["source"]["problem"]
        sent = replace(with_last, is_source_remembered=True) if is_there else sent
    own = reason if reason != sent.sending.rationale.summary else ""
    return _respond(who, sent, draft=draft, tag=tag, summary=own)


@blueprint.post(_PAGE)
def send_form(form: str) -> AnyResponse:
    """Look at what a form comes to, keep it, propose it, or make the change."""
    who = signed_in(Role.CONTRIBUTOR)
    wanted, action = _find(form), request.form.get("do", _LOOK)
    if action != _LOOK and (done := _done_before(who)):
        return redirect(done, 303)
    given = {key: request.form.getlist(key) for key in request.form if key not in _OF_PAGE}
    sent = _fill(who, wanted, given)
    if action == _LOOK and request.accept_mimetypes.best == "application/json":
        said = [one["text"] for thing in _sentences(sent) for one in thing["added"]]
        return jsonify({"sentences": [*said, *_choices(sent)] if said else []})
    try:
        with service.clients.charging():
            return _act(who, action, sent)
    except RefusedChangeError as error:
        return _respond(who, replace(sent, problem=error, report=error.report), kind_of(error).status)
    except CityKgError as error:
        status = kind_of(error).status
        of_draft = {"draft": None} if status == HTTPStatus.PRECONDITION_FAILED else {}
        return _respond(who, replace(sent, problem=error), status, **of_draft)


def _act(who: Principal, action: str, sent: _Sent) -> AnyResponse:
    """Do what a button of the form says, and lead to what came of it; or return the form with what is wrong."""
    is_complete, sending = bool(sent.filled["turtle"]), sent.sending
    if not is_complete and action not in ("keep", "discard"):
        return _respond(who, sent, 200 if action == _LOOK else 422)
    if action == "propose" and not sending.report.conforms:
        return _respond(who, replace(sent, report=sending.report), 422)
    address = sending.act(action, _key(who))
    return redirect(address, 303) if address else _respond(who, replace(sent, report=sending.compared_report()))


def _find(name: str) -> Form:
    if name not in FORMS:
        raise UnknownNameError("form", name, list(FORMS))
    return FORMS[name]


def _fill(who: Principal, form: Form, given: Mapping[str, Sequence[str]]) -> _Sent:
    language = AnswerType.reader_language()
    filled = service.workers.read(fill_form, form.name, given, language, service.gazetteer_path())
    texts = [SubmittedText.of_form(form.name, given)]
    if filled["turtle"]:
        texts.append(SubmittedText(filled["turtle"].encode(), "text/turtle"))
    if filled["removed"]:
        texts.append(SubmittedText(filled["removed"].encode(), "application/n-quads", "removed"))
    summary = filled["summary"] or f"{form.title}, not complete"
    sending = Sending.of_request(who, texts, filled["graph"], filled["stated_by"], summary)
    return _Sent(form, given, filled, language, sending)


def _key(who: Principal) -> RequestKey:
    """Return the key of the form: what is sent twice is done once, and with another content it is another request."""
    fields = sorted((name, value) for name, value in request.form.items(multi=True) if name != "key")
    content = hashlib.sha256(repr(fields).encode()).hexdigest()
    return RequestKey(who, content, f"{uuid5(NAMESPACE_OID, request.form.get('key', ''))}-{content}")


def _done_before(who: Principal) -> str:
    """Return the page of what the same form has done before, empty if it has done nothing."""
    outcome = _key(who).outcome()
    if outcome is None or outcome.isdecimal():
        return proposal_page(int(outcome)) if outcome else ""
    made = service.curation.gate.find_change(outcome)
    return ROOT + made.address if made is not None else ""


def _sentences(sent: _Sent) -> Sequence[ChangedThing]:
    """Return what the form says in sentences, by thing: those of the report, if there is one."""
    if sent.report is not None and sent.report.effects is not None:
        return sent.report.effects.sentences
    if not sent.filled["turtle"]:
        return []
    change = sent.sending.submission.change.remaining_in(service.revisions.newest_snapshot().store)
    return service.workers.read(changes_in_words, [(lines_of(change.added), lines_of(change.removed))])[0]


def _choices(sent: _Sent) -> list[str]:
    """Return what is chosen from lists, since sentences leave out what they imply: that a tie is current."""
    if not sent.filled["turtle"]:
        return []
    chosen = []
    for field in sent.filled["fields"]:
        names, texts = dict(field["choices"]), [one["text"] for one in field["values"]]
        if (
            field["kind"] == "choice"
            and field["path"] != "rdf:type"
            and (said := [names[one] for one in texts if one in names])
        ):
            chosen.append(f"{field['label']}: {', '.join(said)}")
    return chosen


def _respond(who: Principal, sent: _Sent, status: int = 200, **of_draft: object) -> Response:
    by_path, others = _findings(sent)
    folded = [field for field in sent.filled["fields"] if not field["is_open"]]
    page = render_template(
        "desk/add.html",
        who=who,
        sent=sent,
        folded=[(group, [*fields]) for group, fields in groupby(folded, key=itemgetter("group"))],
        is_more_open=any(field["path"] in by_path or field["values"][0]["text"] for field in folded),
        by_path=by_path,
        others=others,
        told=LinkedText.throughout(_sentences(sent)),
        choices=_choices(sent),
        is_sent=request.method == "POST",
        key=request.form.get("key") or uuid4().hex,
        world=Spot.WORLD,
        lang="zh-Hans" if sent.language == "zh" else "en",
        **{**{name: request.form.get(name, "") for name in ("draft", "tag", "summary")}, **of_draft},
    )
    response = Response(page, status)
    response.vary.update(("Accept-Language",))
    return response


def _findings(sent: _Sent) -> tuple[dict[str, list[Finding]], list[Finding]]:
    """Return the findings of each field, by its property, and those of none."""
    paths = {field["path"] for field in sent.filled["fields"]}
    by_path: dict[str, list[Finding]] = defaultdict(list)
    others = []
    for finding in sent.report.findings if sent.report is not None else ():
        if finding.path in paths:
            by_path[str(finding.path)].append(finding)
        else:
            others.append(finding)
    return by_path, others
