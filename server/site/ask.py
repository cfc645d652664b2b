"""Questions in one's own words at `/ask`: a page and JSON, answered by a worker (kg.ask)."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, json, render_template, request

from kg.ask import AskAnswer, ask
from kg.rdf.formats import HTML
from server import scopes
from server.service import service
from server.site.examples import EXAMPLES
from server.web import Document, LinkedText

blueprint = Blueprint("ask", __name__)

_QUERY = re.compile(r"\s*(PREFIX|BASE|SELECT|ASK|CONSTRUCT|DESCRIBE)\b[^{]*\{", re.IGNORECASE)
_LONGEST_LINKED = 4_000  # characters of a query, since not every browser follows a longer address
_FORMATS = {"json": "application/json", "html": HTML}


@blueprint.get("/ask")
def page() -> Response:
    """Answer a question in one's own words, in English or Chinese; JSON, or a page for a browser."""
    return _respond(request.args.get("format") or None)


@blueprint.get("/ask.<suffix>")
def document(suffix: str) -> Response:
    """Answer a question in one's own words, in the format of the suffix."""
    return _respond(suffix)


def _respond(suffix: str | None) -> Response:
    with scopes.in_chosen_scope():
        found = service.workers.read(ask, request.args.get("q", ""), service.questions.unanswerable())
    query = urlencode({"q": found["q"], **scopes.as_parameters()} if found["q"] else scopes.as_parameters())
    here = Document("/ask", (), query, alternatives=_FORMATS)

    def write(chosen: str) -> bytes:
        return (_render(found, here) if chosen == "html" else json.dumps(_as_json(found))).encode()

    return here.answer(suffix, write)


def _query(text: str) -> str:
    """Return a text that is a query in SPARQL, else nothing."""
    return text if _QUERY.match(text) and len(text) <= _LONGEST_LINKED else ""


def _as_json(found: AskAnswer) -> dict[str, Any]:
    return {"revision": service.revisions.current().revision, **found}


def _render(found: AskAnswer, here: Document) -> str:
    sources = {
        iri
        for answer in found["answers"]
        for sentence in answer["sentences"]
        for iri in (*sentence["passages"], *(one["passage"] for one in sentence["objections"]))
    }
    return render_template(
        "ask.html",
        sought=found["q"],
        found=found,
        query=_query(request.args.get("q", "")),
        source={iri: LinkedText.of(found["labels"][iri], iri) for iri in sources},
        passages=[(LinkedText.of(one["label"], one["iri"]), one["text"]) for one in found["passages"]],
        things=[LinkedText.of(one["label"], one["iri"], one["lang"]) for one in found["things"]],
        lang="zh-Hans" if found["language"] == "zh" else "en",
        document=here,
        examples=EXAMPLES,
    )
