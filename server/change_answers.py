"""The answer to whoever has made a change: 201, where the change is, and the revision that it made."""

from __future__ import annotations

from dataclasses import replace

from flask import Response, jsonify

from kg import change_documents
from kg.history import Record
from server import graph


def made(record: Record) -> Response:
    """Return the answer for a change that was made."""
    build = replace(graph.curation().gate().build, changes=record.number)
    graph.moved_to(build)
    told = change_documents.summary(record) | {"revision": build.revision, "hash": record.hash}
    response = jsonify(told)
    response.status_code = 201
    response.headers["Location"] = change_documents.address(record.number)
    return response
