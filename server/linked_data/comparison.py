"""Two things side by side at `/compare`: a page, JSON, CSV and Turtle, read by a worker (kg.publish.pages)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, json, render_template, request

from kg.errors import BadValueError
from kg.publish.pages import Comparison, compared_triples, comparison
from kg.rdf import namespaces as ns
from kg.rdf.formats import GRAPH_FORMAT, HTML
from kg.wording import IriText
from server import scopes
from server.service import service
from server.web import Document, LinkedText

blueprint = Blueprint("comparison", __name__)

_FORMATS = {
    "json": "application/json",
    "csv": "text/csv",
    "ttl": GRAPH_FORMAT["ttl"].media_type,
    "html": HTML,
}
_COLUMNS = ("section", "label", "on", "thing", "thingLabel", "says", "passages")


@blueprint.get("/compare")
@blueprint.get("/compare.<suffix>")
def compare(suffix: str | None = None) -> Response:
    """Compare two things by their names or IRIs: what is stated of both, and of one alone."""
    asked = (request.args.get("a", ""), request.args.get("b", ""))
    with scopes.in_chosen_scope():
        try:
            found = service.workers.read(comparison, *asked)
        except BadValueError as error:
            meant = error.suggestions
            error.suggestions = [{**one, "address": _address(one["parameter"], one["value"])} for one in meant]
            raise
        named = {name: ns.compact(thing["iri"] or "") for name, thing in _names(found)}
        here = Document("/compare", query=urlencode({**named, **scopes.as_parameters()}), alternatives=_FORMATS)

        def write(chosen: str) -> bytes:
            if chosen == "ttl":
                return Document.serialise(service.workers.triples(compared_triples, *asked), chosen)
            if chosen == "csv":
                return _as_csv(found)
            return (_render(found, named, here) if chosen == "html" else json.dumps(found)).encode()

        return here.answer(suffix, write)


def _address(name: str, value: str) -> str:
    """Return the address of the comparison with another value in place of one."""
    chosen = {one: value if one == name else request.args.get(one, "") for one in ("a", "b")}
    return f"/compare?{urlencode({**chosen, **scopes.as_parameters()})}"


def _names(found: Comparison) -> Iterator[tuple[str, IriText]]:
    for name, side in (("a", found["a"]), ("b", found["b"])):
        if side:
            yield name, side["name"]


def _as_csv(found: Comparison) -> bytes:
    """Return a row for each thing that is stated of one or both, and for what is known of each side (RFC 4180)."""
    output = io.StringIO()
    writer = csv.writer(output)
    writer.writerow(_COLUMNS)
    for section in found["sections"]:
        for item in section["items"]:
            thing = item["thing"]["iri"], item["thing"]["text"]
            writer.writerow((section["key"], item["label"], item["on"], *thing, *_said(item["said"])))
        for side, known in section["known"].items():
            writer.writerow((section["key"], "known", side, "", known["word"], *_said(known["said"])))
    return output.getvalue().encode()


def _said(values: Sequence[Any]) -> tuple[str, str]:
    """Return what is said in sentences, and the names of their passages."""
    sources = [source["text"] for value in values for part in value["parts"] for source in part["sources"]]
    return " ".join(value["value"]["text"] for value in values), "; ".join(dict.fromkeys(sources))


def _render(found: Comparison, named: dict[str, str], here: Document) -> str:
    return render_template(
        "compare.html",
        found=LinkedText.throughout(found),
        values={name: thing["text"] for name, thing in _names(found)},
        is_same=len(named) == 2 and named["a"] == named["b"],
        is_of_works=set(map(_kind, named.values())) == {"publication"},
        is_alike=len(set(map(_kind, named.values()))) == 1,
        partners=[
            LinkedText(partner["text"], _address("b" if found["a"] else "a", ns.compact(partner["iri"] or "")))
            for partner in found["partners"]
        ],
        questions=list(_questions(found, named)),
        document=here,
    )


def _kind(name: str) -> str:
    return name.partition(":")[0]


def _questions(found: Comparison, named: dict[str, str]) -> Iterator[LinkedText]:
    """Yield the canned questions that compare two things of a kind with these filled in, and those about these two."""
    kinds = set(map(_kind, named.values()))
    subjects = {"work"} if kinds == {"publication"} else {thing["text"] for _, thing in _names(found)}
    for query in service.questions.answerable() if len(named) == 2 else ():
        required = [one for one in query.parameters if one.is_required]
        of_kinds = {(one.of_class or "").rpartition(":")[2].lower().removeprefix("city") or "city" for one in required}
        if "comparison" in query.tags and (
            subjects <= {*query.tags}
            if not required
            else len(required) == 2 and of_kinds in (kinds, {"actor"}) and kinds != {"publication"}
        ):
            values = dict(zip((one.name for one in required), named.values(), strict=False))
            yield LinkedText(query.summary, f"/queries/{query.name}" + (f"?{urlencode(values)}" if values else ""))
