"""The description of the data set over HTTP (VoID, DCAT, schema.org)."""

from __future__ import annotations

import re
from typing import Any

from flask import Blueprint, Response, redirect, render_template
from pyoxigraph import NamedNode
from werkzeug.wrappers import Response as AnyResponse

from kg.publish.dataset import DatasetSummary, dataset_summary, void_description, with_service_addresses
from kg.rdf import namespaces as ns
from kg.rdf import triples
from kg.rdf.formats import GRAPH_FORMATS
from server.service import service
from server.web import Document, Labels, Link, LinkedText

blueprint = Blueprint("descriptions", __name__)


@blueprint.get("/.well-known/void")
def well_known() -> AnyResponse:
    """Send to the description of the data set (VoID, section 7.2)."""
    return redirect("/dataset", 303)


@blueprint.get("/dataset")
@blueprint.get("/dataset.<suffix>")
def dataset(suffix: str | None = None) -> Response:
    """Describe the data set in the format of the suffix, else in that which the client prefers."""
    return Document("/dataset", _links()).answer(suffix, _render)


def _links() -> tuple[Link, ...]:
    """Return the signposts of the data set, an item for each dump of the whole."""
    described = service.workers.read_once(dataset_summary)["described"]
    dumps = (Link("item", f"/dumps/{part['name']}", part["encodingFormat"][-1]) for part in described["distribution"])
    kinds = (triples.node("dcat:Dataset").value, f"{ns.PREFIXES['schema']}Dataset")
    return (
        *Link.signposts(triples.DATASET.value, kinds, described["license"], described["creator"]["@id"]),
        *dumps,
    )


def _render(suffix: str) -> bytes:
    if suffix == "html":
        return _render_page().encode()
    described = with_service_addresses(
        service.workers.triples_once(void_description), service.addresses.sparql_endpoint()
    )
    return Document.serialise(sorted(set(described), key=str), suffix, triples.DATASET)


def _render_page() -> str:
    found = service.workers.read_once(dataset_summary)
    labels = Labels.of((), [NamedNode(ns.GRAPH + name) for name in found["sizes"]])
    held = {name: labels.graph(NamedNode(ns.GRAPH + name)) for name in found["sizes"]}
    licences = {
        name: [LinkedText(_licence_name(licence), licence) for licence in stated]
        for name, stated in found["licences"].items()
    }
    return render_template(
        "dataset.html",
        described=found["described"],
        sizes=found["sizes"],
        held=held,
        licences=licences,
        formats=GRAPH_FORMATS,
        record=_record(found),
    )


def _licence_name(iri: str) -> str:
    """Return the short name of a licence of Creative Commons, such as CC BY-SA 4.0; of any other its address."""
    of_commons = re.fullmatch(r"https?://creativecommons\.org/licenses/([a-z-]+)/([0-9.]+)/?", iri)
    return f"CC {of_commons[1].upper()} {of_commons[2]}" if of_commons else iri


def _record(found: DatasetSummary) -> dict[str, Any]:
    """Return the record for search engines, with the addresses at which the client reaches what it names."""
    root, record = service.addresses.root(), found["described"]
    parts = [{**part, "contentUrl": f"{root}/dumps/{part['name']}"} for part in record["distribution"]]
    return {**record, "url": f"{root}/dataset", "distribution": parts}
