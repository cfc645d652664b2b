"""The pages on disagreements of passages: the kinds, and the disagreements of each with their sides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, json, render_template, request

from kg.errors import BadValueError
from kg.publish.works import disagreements
from kg.rdf.formats import HTML
from kg.rdf.scopes import EVERYTHING
from server import addresses, scopes
from server.service import service
from server.web import Document, Labels, Link

blueprint = Blueprint("disagreements", __name__)


@blueprint.get("/disagreements", defaults={"suffix": None})
@blueprint.get("/disagreements.<suffix>")
def list_disagreements(suffix: str | None) -> Response:
    """Return the kinds of disagreement and all disagreements, or those of kind= with their sides, in pages.

    With scope= a work, those that passages of it take part in, also with other works.
    """
    kind = ", ".join(filter(None, request.args.getlist("kind")))  # two are none that there is
    work = scopes.work_of_scope(scopes.chosen_scope())
    try:
        read = service.workers.read(disagreements, kind, request.args.get("page", ""), work)
    except BadValueError as error:
        if addresses.disagreements("").choose(suffix) != "html":
            raise
        return _refusal_page(error)
    turned = {
        relation: addresses.negotiated_address(addresses.disagreements(kind, number))
        for relation, number in Link.neighbours(read["page"], read["pages"]).items()
    }
    document = addresses.disagreements(kind, read["page"], tuple(turned.items()))

    def write(chosen: str) -> bytes:
        return json.dumps(read).encode() if chosen == "json" else _render(document, read, kind, turned).encode()

    return document.answer(suffix, write)


def _refusal_page(error: BadValueError) -> Response:
    """Return the page of all disagreements, with the problem with the address."""
    read = service.workers.read(disagreements, "", "", scopes.work_of_scope(scopes.chosen_scope()))
    response = Response(_render(addresses.disagreements(""), read, "", {}, error), 400, mimetype=HTML)
    response.vary.add("Accept")
    return response


def _render(
    document: Document,
    read: Mapping[str, Any],
    kind: str,
    turned: Mapping[str, str],
    wrong: BadValueError | None = None,
) -> str:
    of_kind = next((one for one in read["kinds"] if one["name"] == kind), None)
    return render_template(
        "disagreements.html",
        document=document,
        addresses=addresses,
        read=read,
        kind=of_kind,
        turned=turned,
        wrong=wrong,
        by_work=_named_counts(read) if service.revisions.current().works else {},
        between=[brief for brief in read["all"] if brief["iri"] in read["between"]],
        scope=EVERYTHING if service.revisions.current().works else "",
    )


def _named_counts(read: Mapping[str, Any]) -> Mapping[str, int]:
    """Return how many disagreements lie within each work, by its name, and how many between works; the most first."""
    beside = Labels.of_works(data_sets=True)
    found = {f"within {beside.get(work, work)}": count for work, count in read["within"].items()}
    found |= {"between works": len(read["between"])} if read["between"] else {}
    return dict(sorted(found.items(), key=lambda item: -item[1]))
