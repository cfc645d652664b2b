"""The start page: what this is, who is twinned with whom and who says so, where to begin, and what has changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Blueprint, Response, render_template

from kg.history import Record
from kg.rdf import namespaces as ns
from kg.rdf.formats import HTML, RESULT_FORMAT
from kg.rdf.scopes import REPORT, WORLD
from server.context import service
from server.figures import PairDiagram
from server.site.twinnings import QUERY, rows_of, twinnings
from server.web import Document

blueprint = Blueprint("home", __name__)

HOME, FIRST = (f"{ns.ID}country/{slug}" for slug in ("china", "united-kingdom"))
"""The two countries that the report compares: that of the cities at the right, and that on top at the left."""
_CHANGES = 3
_COUNTED = f"SELECT (COUNT(?twinning) AS ?twinnings) {{ ?twinning a <{ns.CD}Twinning> }}"


@dataclass(frozen=True)
class Kind:
    """A kind of disagreement: the last part of its IRI, what it is called and means, how many there are."""

    slug: str
    name: str
    meaning: str
    count: int


@blueprint.get("/")
def home() -> Response:
    """Say what this is, and lead to all else."""
    world = _twinnings_of_the_world() if WORLD in service.current().works else ""
    with service.in_scope(REPORT):
        return _home(world)


def _twinnings_of_the_world() -> str:
    with service.in_scope(WORLD):
        answer = service.answer(_COUNTED, RESULT_FORMAT["tsv"].media_type).read_all()
    return f"{int(answer.decode().splitlines()[1]):,}"


def _home(world: str) -> Response:
    found = twinnings()
    kinds = sorted(_kinds(), key=lambda kind: -kind.count)
    page = render_template(
        "home.html",
        diagram=PairDiagram.of([one for one in found if one.stated], HOME, FIRST),
        stated=sum(bool(one.stated) for one in found),
        implied=[one for one in found if not one.stated],
        query=QUERY,
        kinds=kinds,
        disagreements=sum(kind.count for kind in kinds),
        counts={str(row["class"].value).partition("#")[2]: row["instances"].value for row in rows_of("classes")},
        questions=len(service.answerable()),
        changes=list(_latest()),
        build=service.current(),
        world=world,
    )
    return Document.validated(Response(page, mimetype=HTML), "html")


def _kinds() -> Iterator[Kind]:
    for row in rows_of("disagreements-by-kind"):
        slug = row["kind"].value.rpartition("/")[2]
        yield Kind(slug, row["label"].value, row["meaning"].value, int(row["disagreements"].value))


def _latest() -> Iterator[Record]:
    last = service.current().changes
    for number in range(last, max(last - _CHANGES, 0), -1):
        record = service.curation.history.get(number)
        if record is not None:
            yield record
