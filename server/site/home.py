"""The start page: what this is, who is twinned with whom and who says so, where to begin, and what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any

from flask import Blueprint, Response, render_template

from kg.history import Record
from kg.publish.works import disagreements, works
from kg.rdf import namespaces as ns
from kg.rdf.formats import HTML, RESULT_FORMAT
from kg.rdf.scopes import WORLD
from server import scopes
from server.figures import PairDiagram
from server.service import service
from server.site.examples import EXAMPLES
from server.site.twinnings import QUERY, rows_of, twinnings
from server.web import Document

blueprint = Blueprint("home", __name__)

HOME, FIRST = (f"{ns.ID}country/{slug}" for slug in ("china", "united-kingdom"))
"""The two countries that the report compares: that of the cities at the right, and that on top at the left."""
_CHANGES_SHOWN = 3
_EXAMPLES_SHOWN = 3
_COPY_GAP = "copy-gap"
_COUNT_QUERY = (
    "SELECT (COUNT(?twinning) AS ?twinnings) { ?twinning a cd:Twinning MINUS { ?twinning cd:repeats ?other } }"
)
_COUNTED = ("cities", "networks", "twinnings")
_COUNTS = """SELECT ?cities ?networks ?twinnings {
  { SELECT (COUNT(?city) AS ?cities) { ?city a cd:City MINUS { ?city cd:duplicateOf ?other } } }
  { SELECT (COUNT(?network) AS ?networks) { ?network a cd:CityNetwork } }
  { SELECT (COUNT(?twinning) AS ?every) { ?twinning a cd:Twinning MINUS { ?twinning cd:repeats ?other } } }
  { SELECT (COUNT(DISTINCT ?twinning) AS ?implied) {
    ?account cd:implied true ; cd:accountOf ?twinning . ?twinning a cd:Twinning .
    FILTER NOT EXISTS { ?other cd:accountOf ?twinning FILTER NOT EXISTS { ?other cd:implied true } }
  } }
  BIND (?every - ?implied AS ?twinnings)
}"""
"""Counts what the page says of the scope that it shows; what is only implied is found from its few accounts on."""


@blueprint.get("/")
def home() -> Response:
    """Say what this is, and lead to all else; of the works that the address chooses."""
    has_world = WORLD in service.revisions.current().works
    with scopes.in_chosen_scope(scopes.light_scope()) as scope:
        counts = next(rows_of(_COUNTS))
        is_drawn = not scopes.is_too_large_to_draw(scope)
        found = twinnings() if is_drawn else []
        every = service.workers.read(works)
    disagreeing = service.workers.read(disagreements, "", "", scopes.work_of_scope(scope))
    of_passages = [one for one in disagreeing["kinds"] if one["name"] != _COPY_GAP and one["count"]]
    page = render_template(
        "home.html",
        examples=dict(islice(EXAMPLES.items(), _EXAMPLES_SHOWN)),
        scope=scope,
        works=[(work, _address(work)) for work in every if not work["is_data_set"]],
        data_sets=[(work, _address(work)) for work in every if work["is_data_set"]],
        diagram=PairDiagram.of([one for one in found if one.stated], HOME, FIRST) if is_drawn else None,
        implied=[one for one in found if not one.stated],
        query=QUERY,
        kinds=sorted(of_passages, key=lambda kind: -kind["count"]),
        disagreements=sum(kind["count"] for kind in of_passages),
        between=len(disagreeing["between"]),
        by_rule=disagreeing["by_rule"],
        counts={name: f"{int(counts[name].value):,}" for name in _COUNTED},
        questions=len(service.questions.answerable()),
        changes=list(_latest_changes()),
        build=service.revisions.current(),
        world=_twinnings_of_the_world() if has_world and is_drawn else "",
    )
    return Document.add_validators(Response(page, mimetype=HTML), "html")


def _address(work: Mapping[str, Any]) -> str:
    return f"/works/{work['name']}" if work["name"] else "/report"


def _twinnings_of_the_world() -> str:
    with service.revisions.in_scope(WORLD):
        answer = service.questions.run(_COUNT_QUERY, RESULT_FORMAT["tsv"].media_type).read_all()
    return f"{int(answer.decode().splitlines()[1]):,}"


def _latest_changes() -> Iterator[Record]:
    last = service.revisions.current().changes
    for number in range(last, max(last - _CHANGES_SHOWN, 0), -1):
        record = service.curation.history.get(number)
        if record is not None:
            yield record
