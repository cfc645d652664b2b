"""The map of the twinnings, of all or of those that a passage states or on which sources agree: `/map`."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from kg.errors import UnknownNameError
from kg.rdf import namespaces as ns
from kg.rdf.formats import HTML
from server import scopes
from server.figures import Twinning, TwinningMap, TwinningSource
from server.site.twinnings import QUERY, twinnings
from server.web import Document

blueprint = Blueprint("map", __name__)

AGREEMENT: Mapping[str, tuple[str, Callable[[Twinning], bool]]] = {
    "contradicted": ("contradicted by another source", lambda one: bool(one.denied)),
    "one": ("one source alone", lambda one: len(one.stated) == 1),
    "several": ("several sources", lambda one: len(one.stated) > 1),
}
"""Ways in which sources agree: what each means, and which twinnings are of it."""


@dataclass(frozen=True)
class MapFilter:
    """A way to narrow the map: its address, what it says, how many twinnings it leaves, whether it is taken."""

    href: str
    title: str
    count: int
    is_selected: bool


@blueprint.get("/map")
def twin_map() -> Response:
    """Show where the twins lie, narrowed by who states the twinning and by whether sources agree.

    It shows those of the works that the address chooses; those of the world are too many to draw.
    """
    with scopes.in_chosen_scope(scopes.light_scope()) as scope:
        return _respond(scope)


def _respond(scope: str) -> Response:
    is_drawn = not scopes.is_too_large_to_draw(scope)
    told = twinnings() if is_drawn else []
    every = [one for one in told if one.stated]
    sources = {_name(source): source for source in _sources(every)}
    wanted = _read_filters(sources)
    found = [one for one in every if _fits(one, wanted, sources)]
    page = render_template(
        "map.html",
        map=TwinningMap.of(found, every),
        found=found,
        every=len(every),
        implied=[one for one in told if not one.stated],
        choices=_filter_links(every, wanted, sources),
        narrowed=_filters_in_words(wanted, sources),
        query=QUERY,
        works=sorted({source.work for one in every for source in one.stated if source.work}),
        scope=scope,
        is_drawn=is_drawn,
    )
    return Document.add_validators(Response(page, mimetype=HTML), "html")


def _read_filters(sources: Mapping[str, TwinningSource]) -> dict[str, str]:
    """Return the filters of the request. Raises UnknownNameError for another parameter or value."""
    offered = {
        "work": ("work that states a twinning", {source.work: source for source in sources.values() if source.work}),
        "passage": ("passage that states a twinning", sources),
        "agreement": ("agreement", AGREEMENT),
    }
    found: dict[str, str] = {}
    for name, value in request.args.items():
        if name in ("at", "scope"):
            continue
        if name not in offered:
            raise UnknownNameError("parameter", name, [*offered, "at", "scope"])
        kind, known = offered[name]
        if value and value not in known:
            raise UnknownNameError(kind, value, list(known))
        found |= {name: value} if value else {}
    return found


def _fits(twinning: Twinning, wanted: Mapping[str, str], sources: Mapping[str, TwinningSource]) -> bool:
    work, passage, agreement = wanted.get("work"), wanted.get("passage"), wanted.get("agreement")
    if work and all(source.work != work for source in twinning.stated):
        return False
    if passage and sources[passage] not in twinning.stated:
        return False
    return not agreement or AGREEMENT[agreement][1](twinning)


def _sources(every: Sequence[Twinning]) -> list[TwinningSource]:
    return sorted({source for one in every for source in one.stated}, key=attrgetter("place"))


def _name(source: TwinningSource) -> str:
    return source.iri.removeprefix(f"{ns.ID}passage/").removeprefix(ns.ID)


def _filter_links(
    every: Sequence[Twinning], wanted: Mapping[str, str], sources: Mapping[str, TwinningSource]
) -> dict[str, list[MapFilter]]:
    """Return the ways to narrow the map, each within what the other filter leaves."""
    titles = {
        "work": {name: name for name in sorted({source.work for source in sources.values()} - {""})},
        "passage": {name: source.name for name, source in sources.items()},
        "agreement": {name: title for name, (title, _) in AGREEMENT.items()},
    }
    found = {}
    for parameter, heading in (("work", "Work"), ("passage", "Stated by"), ("agreement", "Agreement")):
        if not titles[parameter]:
            continue
        options = {"": "all", **titles[parameter]}
        asked = {value: {**wanted, parameter: value} for value in options}
        counts = {value: sum(_fits(one, narrowed, sources) for one in every) for value, narrowed in asked.items()}
        found[heading] = [
            MapFilter(_address(asked[value]), title, counts[value], wanted.get(parameter, "") == value)
            for value, title in options.items()
        ]
    return found


def _address(filters: Mapping[str, str]) -> str:
    asked = {name: value for name, value in filters.items() if value}
    asked |= {name: request.args[name] for name in ("at", "scope") if name in request.args}
    return f"/map?{urlencode(asked)}" if asked else "/map"


def _filters_in_words(wanted: Mapping[str, str], sources: Mapping[str, TwinningSource]) -> str:
    """Return the filters in words."""
    words = [f"stated by {wanted['work']}"] if "work" in wanted else []
    words += [f"stated by {sources[wanted['passage']].name}"] if "passage" in wanted else []
    words += [AGREEMENT[wanted["agreement"]][0]] if "agreement" in wanted else []
    return ", ".join(words)
