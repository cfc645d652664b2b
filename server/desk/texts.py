"""The form of the desk for statements as a text: checked, kept as a draft, proposed, or made a change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from http import HTTPStatus

from flask import Response, redirect, request
from pyoxigraph import Literal, NamedNode, Quad
from werkzeug.wrappers import Response as AnyResponse

from kg.accounts import Role
from kg.curation import Rationale, RefusedChangeError, SubmissionReport
from kg.errors import BadValueError, CityKgError, shorten
from kg.findings import RefusedSubmissionError
from kg.history import History
from kg.rdf import namespaces as ns
from kg.rdf.lookup import parse_iri
from kg.rdf.ontology import TRUE
from kg.rdf.serialise import lines_of
from kg.rdf.vocabulary import CD, DCTERMS, OWL, SKOS
from kg.submissions import SubmittedText
from kg.tables.forms import about_thing
from server.curation import check_page
from server.desk.sending import Sending
from server.desk.sessions import ROOT, desk_blueprint, signed_in
from server.errors import kind_of
from server.service import service
from server.web import Labels

blueprint = desk_blueprint("desk_texts")

TEXT = f"{ROOT}/text"


class UnknownSuccessorError(BadValueError):
    """What is to take the place of a withdrawn thing names no thing."""

    field = "successor"
    """The field of the form that has it."""


@blueprint.get(TEXT)
def show() -> AnyResponse:
    """Show the form, with a draft of one's own (`draft`) or empty; lead to the form of a kind of thing that it is."""
    who, number = signed_in(Role.CONTRIBUTOR), request.args.get("draft", type=int)
    if number is None:
        graph = request.args.get("graph", "")
        return _respond(Sending(who, (), graph, Rationale("", "")), check_page.CheckedText(graph=graph))
    sending = Sending.of_draft(number, who)
    if "as" not in request.args and (written := sending.written()) is not None:
        return redirect(f"{ROOT}/add/{written[0]}?draft={number}", 303)
    try:
        return _respond(sending, _checked(sending.graph, _as_one(sending)))
    except CityKgError as error:
        return _respond(sending, _checked(sending.graph, sending.texts), wrong=error)


def _as_one(sending: Sending) -> list[SubmittedText]:
    """Return the text of a draft; several are one patch. Raises what reading them does."""
    stated = [text for text in sending.texts if text.part != SubmittedText.FORM]
    if [text.part for text in stated] == ["added"]:
        return stated
    change = sending.submission.change
    parts = zip("DA", map(lines_of, (change.removed, change.added)), strict=True)
    patch = "".join(f"{code} {line}\n" for code, lines in parts for line in lines)
    return [SubmittedText(patch.encode(), "application/rdf-patch")]


def _checked(graph: str, texts: Sequence[SubmittedText]) -> check_page.CheckedText:
    """Return texts of a draft one below the other, as the form has them."""
    return check_page.CheckedText(
        "\n".join(text.body.decode(errors="replace") for text in texts),
        texts[0].media_type.partition(";")[0].strip().lower(),
        graph.removeprefix(ns.GRAPH),
    )


@blueprint.post(TEXT)
def send() -> AnyResponse:
    """Check the text of the form, keep it as a draft, propose it, or make it a change, by the button that was pressed.

    What cannot be done comes back in the form, with the reason.
    """
    who = signed_in(Role.CONTRIBUTOR)
    thing = request.form.get("thing", "")
    try:
        checked = _withdrawal() if thing else check_page.CheckedText.of_request()
    except UnknownSuccessorError as error:
        return _respond(Sending(who, (), "", Rationale("", "")), check_page.CheckedText(), wrong=error)
    sending = Sending.of_request(who, [checked.sent], checked.graph, request.form.get("source", ""))
    try:
        sending = sending.with_source(otherwise=thing and History.thing_iri(thing))
        with service.clients.charging():
            address = sending.act(request.form.get("do", ""))
            return redirect(address, 303) if address else _respond(sending, checked, sending.compared_report())
    except RefusedSubmissionError as error:
        return _respond(sending, checked, error=error)
    except RefusedChangeError as error:
        return _respond(sending, checked, error.report, wrong=error)
    except CityKgError as error:
        is_changed = kind_of(error).status == HTTPStatus.PRECONDITION_FAILED
        return _respond(replace(sending, draft=None) if is_changed else sending, checked, wrong=error)


def _withdrawal() -> check_page.CheckedText:
    """Return the patch that takes away what is chosen; a thing as a whole leaves behind why it went.

    Raises BadValueError if nothing is chosen, UnknownSuccessorError.
    """
    said = request.form
    thing = NamedNode(History.thing_iri(said["thing"]))
    removed, marks = [*said.getlist("remove")], []
    for one in service.workers.read(about_thing, thing.value)["withdrawals"] if said.get("withdraw") else ():
        if one["node"] == said["withdraw"]:
            removed += one["stated"]
            marks += _marks(thing, one["graph"]) if one["is_whole"] else []
    if not removed:
        raise BadValueError("Nothing is chosen.", "Go back, and choose what is to be withdrawn.")
    lines = [*(f"D {line}" for line in dict.fromkeys(removed)), *(f"A {line}" for line in lines_of(marks))]
    return check_page.CheckedText("\n".join(lines) + "\n", "application/rdf-patch")


def _marks(thing: NamedNode, graph: str) -> list[Quad]:
    """Return what is left of a thing that is withdrawn as a whole. Raises UnknownSuccessorError."""
    note = Literal(request.form.get("summary", ""), language="en")
    said: dict[NamedNode, Literal | NamedNode] = {OWL.deprecated: TRUE, SKOS.changeNote: note}
    if successor := request.form.get("successor", "").strip():
        if (named := parse_iri(ns.expand(successor) or "")) is None:
            problem = f"{shorten(successor)!r} names no thing, so nothing has been done."
            raise UnknownSuccessorError(problem, "For example: twinning:jinan-york. Leave it empty if nothing does.")
        said[DCTERMS.isReplacedBy] = named
    else:
        said[CD.withoutSuccessor] = TRUE
    return [Quad(thing, predicate, value, NamedNode(graph)) for predicate, value in said.items()]


def _respond(
    sending: Sending,
    checked: check_page.CheckedText,
    report: SubmissionReport | None = None,
    error: RefusedSubmissionError | None = None,
    wrong: CityKgError | None = None,
) -> Response:
    fault = wrong or error
    thing = request.form.get("thing")
    response = check_page.respond(
        checked,
        report,
        error,
        "desk/withdraw.html" if thing else "desk/text.html",
        thing=thing and Labels.of([one := NamedNode(History.thing_iri(thing))]).value(one),
        action=TEXT,
        form=sending,
        wrong=wrong,
        submits=sending.who.role is Role.CURATOR,
    )
    response.status_code = kind_of(fault).status if fault is not None else 200
    return response
