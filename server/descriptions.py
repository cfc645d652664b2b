"""What the graph says of itself, over HTTP: the data set (VoID, DCAT, schema.org)."""

from __future__ import annotations

from functools import lru_cache

from flask import Blueprint, Response, redirect, render_template
from pyoxigraph import Store
from werkzeug.wrappers import Response as AnyResponse

from kg import dcat, describing, descriptions
from kg import namespaces as ns
from kg.errors import UnknownNameError
from kg.formats import GRAPH_FORMAT, GRAPH_FORMATS
from server import graph, representations
from server.representations import HTML, MEDIA_TYPE_OF, SUFFIX_OF

blueprint = Blueprint("descriptions", __name__)

# A store is a snapshot that never changes, so what was counted in it stays right; the last one is kept.
_void = lru_cache(maxsize=1)(descriptions.void_description)


@blueprint.get("/.well-known/void")
def well_known() -> AnyResponse:
    """Send to the description of the data set (VoID, section 7.2)."""
    return redirect("/dataset", 303)


@blueprint.get("/dataset")
def dataset() -> Response:
    """Describe the data set in the format that the client prefers."""
    return _described(None)


@blueprint.get("/dataset.<suffix>")
def dataset_document(suffix: str) -> Response:
    """Describe the data set in the format of the suffix."""
    if suffix not in MEDIA_TYPE_OF:
        raise UnknownNameError("format of /dataset", suffix, list(MEDIA_TYPE_OF))
    return _described(suffix)


def _described(suffix: str | None) -> Response:
    _, store = graph.current()
    return representations.answer(
        representations.Document("/dataset"), suffix, lambda media_type: _written(store, media_type)
    )


def _written(store: Store, media_type: str) -> bytes:
    if media_type == HTML:
        return _page(store).encode()
    return describing.write(_void(store), GRAPH_FORMAT[SUFFIX_OF[media_type]])


def _page(store: Store) -> str:
    sizes = {g.value.removeprefix(ns.GRAPH): size for g, size in descriptions.graph_sizes(store).items()}
    described = dcat.schema_org(store)
    return render_template("dataset.html", described=described, sizes=sizes, formats=GRAPH_FORMATS)
