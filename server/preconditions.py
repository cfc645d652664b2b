"""If-Match and If-None-Match on requests that change the graph (RFC 9110, sections 13.1.1 and 13.1.2).

An entity tag is the revision that X-Revision named; of a graph, also the tag of its representation.
"""

from __future__ import annotations

import re

from flask import request
from pyoxigraph import NamedNode, Store

from kg.gate import RevisionPassedError
from server import graph, graph_documents
from server.curation import PreconditionFailedError

_TAG_OF_REPRESENTATION = re.compile(r"[0-9a-f]{32}-([a-z]+)(?:-gzip)?")


def wanted_revision() -> str | None:
    """Return the revision that the request wants to change, None if any will do."""
    tags = _tags("If-Match")
    current = graph.curation().gate().build.revision
    return None if not tags or tags == ["*"] else current if current in tags else tags[0]


def check_graph(store: Store, name: NamedNode) -> None:
    """Check what the request says of a graph that it writes; the gate must be held.

    Raises PreconditionFailedError, RevisionPassedError.
    """
    exists = store.contains_named_graph(name)
    wanted, unwanted = _tags("If-Match"), _tags("If-None-Match")
    if exists and (unwanted == ["*"] or any(_is(tag, store, name) for tag in unwanted)):
        raise PreconditionFailedError("The graph is there, and If-None-Match asks that it is not.", "Read it first.")
    if wanted == ["*"] and not exists:
        raise PreconditionFailedError("The graph is not there, and If-Match asks that it is.", "Leave If-Match out.")
    if wanted and wanted != ["*"] and not any(_is(tag, store, name) for tag in wanted):
        raise RevisionPassedError(" or ".join(wanted), graph.curation().gate().build.revision)


def _is(tag: str, store: Store, name: NamedNode) -> bool:
    of_representation = _TAG_OF_REPRESENTATION.fullmatch(tag)
    if of_representation is None:
        return tag == graph.curation().gate().build.revision
    current = graph_documents.tag(store, name, of_representation[1])
    return current is not None and tag.removesuffix("-gzip") == current


def _tags(header: str) -> list[str]:
    stated = request.headers.get(header, "")
    return [tag.strip().strip('"') for tag in stated.split(",") if tag.strip()]
