"""The desk itself, signing in and signing out."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, redirect, render_template, request
from pyoxigraph import NamedNode
from werkzeug.wrappers import Response as AnyResponse

from kg.accounts import Role
from kg.curation import ProposalState
from kg.errors import CityKgError
from kg.history import History
from kg.publish.changes import changes_in_words
from kg.rdf import namespaces as ns
from kg.rdf.serialise import quads_of
from kg.tables.forms import FORMS, about_thing
from server.curation import own_work
from server.desk.sessions import (
    ROOT,
    SIGN_IN,
    begin,
    desk_blueprint,
    end,
    holder,
    needs_tls,
    sent_fields,
    signed_in,
    way_back,
)
from server.errors import kind_of
from server.service import service
from server.web import Labels, LinkedText, envelope

blueprint = desk_blueprint("desk")

_KEPT = "kept:"
"""The beginning of the names of fields that hold what was written before signing in."""


@blueprint.get(ROOT)
def home() -> str:
    """Show what can be done here, and what about the thing from whose page one comes (`about`)."""
    who = signed_in(Role.CONTRIBUTOR)
    about = request.args.get("about", "")
    thing = NamedNode(History.thing_iri(about)) if about else None
    waiting = service.curation.proposals.page(ProposalState.OPEN, 1, 0).total
    return render_template(
        "desk/home.html",
        about=about,
        thing=thing and _about(thing),
        waiting=waiting,
        asked=own_work.asked_of(who),
        forms=FORMS,
    )


def _about(thing: NamedNode) -> dict[str, object]:
    """Return what can be done about a thing: forms of what is said of it, what curators state, what it lacks."""
    found = service.workers.read(about_thing, thing.value)
    nodes = [NamedNode(one["node"]) for one in found["said"]]
    stated = {line: [*next(iter(quads_of([line])))][:3] for line in found["curated"]}
    told = service.workers.read(changes_in_words, [(one["stated"], []) for one in found["said"]])
    ties = [NamedNode(one) for one in found["ties"]]
    by = {one["source"]: ns.expand(one["source"]) for one in found["withdrawals"]}
    sources = {name: NamedNode(iri) for name, iri in by.items() if iri}
    terms = (term for terms in stated.values() for term in terms)
    labels = Labels.of([thing, *nodes, *ties, *sources.values(), *terms])
    return {
        "iri": thing.value,
        "label": labels.value(thing),
        "said": [*zip(map(labels.value, nodes), found["said"], LinkedText.throughout(told), strict=True)],
        "ties": sorted((labels.value(one).text, ns.compact(one.value)) for one in ties),
        "curated": [(line, [labels.value(term) for term in terms]) for line, terms in stated.items()],
        "withdrawals": found["withdrawals"],
        "sources": {name: labels.value(source).text for name, source in sources.items()},
        "is_of_files": found["is_of_files"],
        "missing": found["missing"],
    }


@blueprint.get(SIGN_IN)
def sign_in_form() -> AnyResponse:
    """Show the form that takes a token; lead on who has signed in."""
    to = way_back(request.args.get("to", ""))
    if holder() is not None:
        return redirect(to, 303)
    return Response(render_template("desk/sign_in.html", to=to, is_lost="begun" in request.args))


@blueprint.post(SIGN_IN)
def sign_in() -> AnyResponse:
    """Begin a session for the holder of a token, and lead on; what was written before is shown, to be sent."""
    to, kept = way_back(request.form.get("to", "")), _kept_fields()
    is_again = request.form.get("again") == "yes"
    try:
        token = service.authentication.identify(request.form.get("token", "").strip(), request.remote_addr or "")
    except CityKgError as error:
        envelope.note_error(error)
        page = render_template("desk/sign_in.html", to=to, kept=kept, is_again=is_again, wrong=error)
        return Response(page, kind_of(error).status, mimetype="text/html")
    again = Response(render_template("desk/again.html", to=to, kept=kept)) if is_again else None
    response = again or Response(status=303, headers={"Location": _way_on(to)})
    begin(response, token)
    return response


@blueprint.post(f"{ROOT}/sign-out")
def sign_out() -> Response:
    """End the session."""
    response = Response(status=303, headers={"Location": SIGN_IN})
    end(response)
    return response


def _way_on(to: str) -> str:
    """Return where to go on to; by way of the form where the browser may keep no cookie, so that the form says so."""
    if request.scheme == "https" or not needs_tls():
        return to
    return f"{SIGN_IN}?{urlencode({'to': to, 'begun': 'yes'})}"


def _kept_fields() -> list[tuple[str, str]]:
    return [(name.removeprefix(_KEPT), value) for name, value in sent_fields() if name.startswith(_KEPT)]
