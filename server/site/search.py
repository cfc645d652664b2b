"""One box for questions and names: `/ask`, `/search`, and what browsers need to search here (OpenSearch 1.1).

Questions in one's own words are answered at `/ask`, and lists of what was found, by kind, are at `/search`: each a page
and JSON. The form of suggestions is that of the OpenSearch Suggestions extension 1.1: what was typed, completions, a
description and an address of each.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, json, render_template, request

from kg.ask import AskAnswer, SearchExtras, SearchPage, TextCompletion, ask, completions, search
from kg.publish.gazetteer_names import GazetteerResults, search_gazetteer
from kg.publish.lists import TITLES, find_kinds
from kg.publish.search import SearchResult
from kg.rdf.formats import HTML
from server import scopes
from server.service import service
from server.site import examples, guides
from server.web import Document, Link, LinkedText

blueprint = Blueprint("search", __name__)

EXAMPLES = (
    "Birmingham",
    "Macau",
    "北京",
    "Q956",
    "C40",
    "sister city",
    "Table 1",
    "Section 3.2, paragraph 7",
    "Barber",
)
KIND_WORDS = {"term": "term of the ontology"}
"""Names of kinds that are not words themselves."""
TITLES_OF_KINDS = {
    **{kind: re.split("[:,]", title)[0] for group in TITLES.values() for kind, title in group.items()},
    **{"term": "Ontology", "concept": "Concepts", "vocabulary": "Vocabularies"},
    **{"question": "Questions", "guide": "Guides"},
}
"""Short plural names of kinds."""

_MOST_PLACES = 5  # of the gazetteer
_QUERY = re.compile(r"\s*(PREFIX|BASE|SELECT|ASK|CONSTRUCT|DESCRIBE)\b[^{]*\{", re.IGNORECASE)
_LONGEST_LINKED = 4_000  # characters of a query, since not every browser follows a longer address
_FORMATS = {"json": "application/json", "html": HTML}
_SUGGESTIONS = "application/x-suggestions+json"
_DESCRIPTION = "application/opensearchdescription+xml"


@dataclass(frozen=True)
class SearchItem:
    """Something that was found, as a page shows it: `name` is that other name by which it was found.

    `works` are the numbers of passages by work, where there are several.
    """

    title: LinkedText
    description: str
    name: LinkedText | None
    about: LinkedText | None
    passages: int
    works: Mapping[str, int]

    @classmethod
    def of(cls, found: SearchResult, ground: str = "") -> SearchItem:
        """Return it as a page shows it; `ground` says how it was found, if that is not by a name in the graph."""
        name, about = (
            text and LinkedText(text["text"], None, text["lang"]) for text in (found["name"], found["about"])
        )
        works = found["works"] if service.revisions.current().works else {}
        return cls(LinkedText.of_search_result(found), describe(found) + ground, name, about, found["passages"], works)


@blueprint.get("/ask")
@blueprint.get("/ask.<suffix>")
def answer(suffix: str | None = None) -> Response:
    """Answer a question in one's own words, in English or Chinese; JSON, or a page for a browser."""
    with scopes.in_chosen_scope():
        found = service.workers.read(ask, request.args.get("q", ""), service.questions.unanswerable())
    query = urlencode({name: value for name, value in (("q", found["q"]), *scopes.as_parameters().items()) if value})
    as_json = {"revision": service.revisions.current().revision, **found}
    here = Document("/ask", (), query, alternatives=_FORMATS)
    return _write(suffix, here, lambda: _render_answer(found, here), as_json)


@blueprint.get("/search")
@blueprint.get("/search.<suffix>")
def results(suffix: str | None = None) -> Response:
    """Search for names and parts of them, identifiers and words; JSON, or a page for a browser."""
    asked = {name: request.args.get(name, "") for name in ("q", "kind")}
    with scopes.in_chosen_scope():
        found = service.workers.read(search, asked["q"], asked["kind"], request.args.get("page") or "1", _extras())
    beyond = _search_gazetteer(found)
    links = (("search", "/opensearch.xml"), *_neighbours(found).items())
    query = _query_string(found, found["kind"], found["page"])
    here = Document("/search", links, query, alternatives=_FORMATS)
    return _write(suffix, here, lambda: _render(found, beyond, here), _as_json(found, beyond))


@blueprint.get("/search/suggestions")
def suggestions() -> Response:
    """Return completions of a text (OpenSearch Suggestions), or the names of things of some kinds."""
    typed = request.args.get("q", "")
    with scopes.in_chosen_scope():
        found = service.workers.read(completions, typed, _extras(), request.args.getlist("kind"))
    members = [
        typed,
        [one["text"] for one in found],
        [f"ask: {describe(one['about'])}" if one["is_question"] else describe(one["about"]) for one in found],
        [f"{service.addresses.root()}{_address(one)}" for one in found],
    ]
    return Document.add_validators(Response(json.dumps(members), content_type=_SUGGESTIONS), "suggestions")


@blueprint.get("/opensearch.xml")
def description() -> Response:
    """Describe the search for browsers (OpenSearch)."""
    written = render_template("opensearch.xml", root=service.addresses.root(), suggestions=_SUGGESTIONS)
    return Document.add_validators(Response(written, content_type=_DESCRIPTION), "xml")


def describe(found: SearchResult) -> str:
    """Return the kind of a result in words, with its place, and its twins if these distinguish it."""
    within = ", ".join(whole["text"] for whole in found["within"])
    word = KIND_WORDS.get(found["kind"], found["kind"])
    where = f" in {within}" if within else ""
    return word + where + (f", twinned with {', '.join(found['twins'])}" if found["twins"] else "")


def _address(completion: TextCompletion) -> str:
    if not completion["is_question"]:
        return LinkedText.of_search_result(completion["about"]).href or ""
    return f"/ask?{urlencode({'q': completion['text'], **scopes.as_parameters()})}"


def _extras() -> SearchExtras:
    return SearchExtras(guides=guides.searchable_guides(), left_out=service.questions.unanswerable())


def _search_gazetteer(found: SearchPage) -> GazetteerResults | None:
    """Return what the gazetteer has for a text that is the name of nothing in the graph; None if it is not asked.

    What lies in the graph is shown in any case, what it lacks only where it has nothing at all.
    """
    path = service.gazetteer_path()
    is_known = found["kind"] or found["page"] > 1 or any(one["is_called_so"] for one in found["results"])
    if not path or not found["query"] or is_known:
        return None
    known = service.workers.read(search_gazetteer, found["query"], path)
    places = [one for one in known["places"] if one["things"] or not found["total"]]
    return {**known, "places": places[:_MOST_PLACES]}


def _write(suffix: str | None, here: Document, render: Callable[[], str], as_json: Mapping[str, Any]) -> Response:
    named = suffix or request.args.get("format") or None
    return here.answer(named, lambda chosen: (render() if chosen == "html" else json.dumps(as_json)).encode())


def _query_string(found: SearchPage, kind: str | None, page: int) -> str:
    asked = {"q": found["query"], "kind": kind, "page": page if page > 1 else None, **scopes.as_parameters()}
    return urlencode({name: value for name, value in asked.items() if value})


def _neighbours(found: SearchPage) -> dict[str, str]:
    """Return the addresses of the pages before and behind this one, by relation (RFC 8288)."""
    turned = Link.neighbours(found["page"], found["pages"])
    return {relation: f"/search?{_query_string(found, found['kind'], page)}" for relation, page in turned.items()}


def _as_json(found: SearchPage, beyond: GazetteerResults | None) -> dict[str, Any]:
    """Return what was found, each with the address of its page; `gazetteer` is null where it was not asked."""
    places = beyond and [{**place, "things": _with_addresses(place["things"])} for place in beyond["places"]]
    return {
        **found,
        "results": _with_addresses(found["results"]),
        "near": _with_addresses(found["near"]),
        "gazetteer": beyond and {**beyond, "places": places},
    }


def _with_addresses(found: Sequence[SearchResult]) -> list[dict[str, Any]]:
    return [{**one, "address": LinkedText.of_search_result(one).href} for one in found]


def _render_answer(found: AskAnswer, here: Document) -> str:
    typed = request.args.get("q", "")
    return render_template(
        "ask.html",
        sought=found["q"],
        found=found,
        query=typed if _QUERY.match(typed) and len(typed) <= _LONGEST_LINKED else "",
        source={iri: LinkedText.of(name, iri) for iri, name in found["labels"].items()},
        passages=[(LinkedText.of(one["label"], one["iri"]), one) for one in found["passages"]],
        things=[LinkedText.of(one["label"], one["iri"], one["lang"]) for one in found["things"]],
        lang="zh-Hans" if found["language"] == "zh" else "en",
        document=here,
        examples=examples.EXAMPLES,
    )


def _render(found: SearchPage, beyond: GazetteerResults | None, here: Document) -> str:
    places = beyond["places"] if beyond else []
    titles = {"": f"All {sum(found['kinds'].values()):,}"}
    titles |= {kind: f"{TITLES_OF_KINDS[kind]} {count:,}" for kind, count in found["kinds"].items()}
    return render_template(
        "search.html",
        sought=found["query"],
        found=found,
        results=list(map(SearchItem.of, found["results"])),
        near=list(map(SearchItem.of, found["near"])),
        by_gazetteer=[
            SearchItem.of(thing, f" · by the gazetteer: GeoNames {place['geonames']}")
            for place in places
            for thing in place["things"]
        ],
        lacking=[place for place in places if not place["things"]],
        gazetteer=beyond["version"] if beyond else "",
        kinds={title: f"/search?{_query_string(found, kind, 1)}" for kind, title in titles.items()},
        current=titles.get(found["kind"] or ""),
        turned=_neighbours(found),
        document=here,
        lists=find_kinds(found["query"]),
        examples=EXAMPLES,
    )
