"""The pages on disagreements of passages: the kinds, and the disagreements of each with their sides."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any

from flask import Blueprint, Response, json, render_template, request

from kg.errors import BadValueError
from kg.publish.works import disagreements
from kg.rdf.formats import HTML
from kg.rdf.scopes import EVERYTHING
from kg.rdf.vocabulary import CD
from server.report import addresses
from server.service import service
from server.web import Document, Link, LinkedText

blueprint = Blueprint("disagreements", __name__)


@blueprint.get("/disagreements", defaults={"suffix": None})
@blueprint.get("/disagreements.<suffix>")
def list_disagreements(suffix: str | None) -> Response:
    """Return the kinds of disagreement and all disagreements, or those of kind= with their sides, in pages."""
    kind = ", ".join(filter(None, request.args.getlist("kind")))  # two are none that there is
    try:
        read = service.workers.read(disagreements, kind, request.args.get("page", ""))
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
    read = service.workers.read(disagreements, "", "")
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
        by_work=_count_by_work(read["all"]) if service.revisions.current().works else {},
        between=[brief for brief in read["all"] if len(_works(brief)) > 1 and not _is_gap_of_copy(brief)],
        scope=EVERYTHING if service.revisions.current().works else "",
    )


def _count_by_work(briefs: Iterable[Mapping[str, Any]]) -> Mapping[str, int]:
    """Return how many disagreements, without gaps of our copies, lie within each work, and how many between works."""
    found: Counter[str] = Counter()
    for brief in briefs:
        names = _works(brief)
        if not _is_gap_of_copy(brief):
            found["between works" if len(names) > 1 else f"within {names[0]}" if names else "of no work"] += 1
    return dict(sorted(found.items(), key=lambda item: -item[1]))


def _works(brief: Mapping[str, Any]) -> list[str]:
    """Return the names of the works between which a disagreement is; one "" where there is a single work."""
    return sorted({LinkedText.work_name(passage["iri"]) for passage in brief["passages"]})


def _is_gap_of_copy(brief: Mapping[str, Any]) -> bool:
    return not brief["kind"] or bool(brief["kind"]["iri"] == CD.CopyGap.value)
