"""The start page: what this is, who is twinned with whom and who says so, where to begin, and what has changed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask import Blueprint, Response, render_template

from kg.history import Record
from kg.publish.works import works
from kg.rdf import namespaces as ns
from kg.rdf.formats import HTML, RESULT_FORMAT
from kg.rdf.scopes import EVERYTHING, REPORT, WORLD
from server.figures import PairDiagram, Twinning
from server.service import service
from server.site.twinnings import QUERY, query_rows, rows_of, twinnings
from server.web import Document

blueprint = Blueprint("home", __name__)

HOME, FIRST = (f"{ns.ID}country/{slug}" for slug in ("china", "united-kingdom"))
"""The two countries that the report compares: that of the cities at the right, and that on top at the left."""
_CHANGES_SHOWN = 3
_COUNT_QUERY = f"SELECT (COUNT(?twinning) AS ?twinnings) {{ ?twinning a <{ns.CD}Twinning> }}"
_COUNTED = ("cities", "networks", "twinnings", "between")
_COUNTS = """SELECT ?cities ?networks ?twinnings ?between {
  { SELECT (COUNT(DISTINCT ?city) AS ?cities) { ?city a cd:City } }
  { SELECT (COUNT(DISTINCT ?network) AS ?networks) { ?network a cd:CityNetwork } }
  { SELECT (COUNT(DISTINCT ?twinning) AS ?twinnings) {
    ?twinning a cd:Twinning . ?account cd:accountOf ?twinning FILTER NOT EXISTS { ?account cd:implied true }
  } }
  { SELECT (COUNT(DISTINCT ?disagreement) AS ?between) {
    ?disagreement a cd:Disagreement ; cd:onPassage/dcterms:isPartOf ?one , ?other FILTER (STR(?one) < STR(?other))
  } }
}"""
"""Counts what the page says of the graph; `between` is how many disagreements are between passages of two works."""


@dataclass(frozen=True)
class DisagreementKind:
    """A kind of disagreement: the last part of its IRI, what it is called and means, how many there are."""

    slug: str
    name: str
    meaning: str
    count: int


@blueprint.get("/")
def home() -> Response:
    """Say what this is, and lead to all else."""
    is_with_world = WORLD in service.revisions.current().works
    world = _twinnings_of_the_world() if is_with_world else ""
    with service.revisions.in_scope(REPORT if is_with_world else EVERYTHING):
        counts = next(rows_of(_COUNTS))
    with service.revisions.in_scope(REPORT):
        found = twinnings()
    return _render(world, {name: str(counts[name].value) for name in _COUNTED}, found)


def _twinnings_of_the_world() -> str:
    with service.revisions.in_scope(WORLD):
        answer = service.questions.run(_COUNT_QUERY, RESULT_FORMAT["tsv"].media_type).read_all()
    return f"{int(answer.decode().splitlines()[1]):,}"


def _render(world: str, counts: Mapping[str, str], found: list[Twinning]) -> Response:
    kinds = sorted(_disagreement_kinds(), key=lambda kind: -kind.count)
    listed = [work for work in service.workers.read(works) if not work["is_data_set"]]
    page = render_template(
        "home.html",
        works=[(work, f"/works/{work['name']}" if work["name"] else "/report") for work in listed],
        diagram=PairDiagram.of([one for one in found if one.stated], HOME, FIRST),
        implied=[one for one in found if not one.stated],
        query=QUERY,
        kinds=kinds,
        disagreements=sum(kind.count for kind in kinds),
        between=int(counts["between"]),
        counts=counts,
        questions=len(service.questions.answerable()),
        changes=list(_latest_changes()),
        build=service.revisions.current(),
        world=world,
    )
    return Document.add_validators(Response(page, mimetype=HTML), "html")


def _disagreement_kinds() -> Iterator[DisagreementKind]:
    for row in query_rows("disagreements-by-kind"):
        slug = row["kind"].value.rpartition("/")[2]
        yield DisagreementKind(slug, row["label"].value, row["meaning"].value, int(row["disagreements"].value))


def _latest_changes() -> Iterator[Record]:
    last = service.revisions.current().changes
    for number in range(last, max(last - _CHANGES_SHOWN, 0), -1):
        record = service.curation.history.get(number)
        if record is not None:
            yield record
