"""Dumps over HTTP: written by a worker into a temporary file, streamed out of it, and then gone."""

from __future__ import annotations

import hashlib
import os
import zlib
from dataclasses import replace

import pyoxigraph
from flask import Blueprint, Response, request
from werkzeug.wsgi import wrap_file

from kg.publish.dataset import Dump
from kg.publish.dataset import checksums as checksums_of
from kg.store import Build
from kg.workers import WorkerResult
from server.service import service
from server.web import Document, Link, envelope

blueprint = Blueprint("dumps", __name__)

_CHUNK = 1 << 16
_GZIP = "application/gzip"


@blueprint.get("/dumps/SHA256SUMS")
def checksums() -> Response:
    """List the SHA-256 of every dump, as `sha256sum --check` reads it."""
    build = service.revisions.current()
    response = Response(content_type="text/plain; charset=utf-8")
    _add_validators(response, build, "SHA256SUMS")
    if response.status_code == 200:
        response.set_data(service.workers.read_once(checksums_of))
    return response


@blueprint.get("/dumps/<path:file>")
def dump(file: str) -> Response:
    """Send a dump, compressed for a client that takes gzip. Nothing is written for HEAD or for a client that has it."""
    service.workers.read(Dump.check, file)
    found = Dump.from_file_name(file)
    response = Response(content_type=_GZIP if found.compressed else found.format.media_type)
    if not found.compressed and envelope.client_accepts_gzip():
        response.content_encoding = "gzip"
        found = replace(found, compressed=True)
    response.automatically_set_content_length = False  # it is not known before the dump is written
    _add_validators(response, service.revisions.current(), file)
    if response.status_code == 200 and request.method != "HEAD":
        _stream(response, service.workers.write(Dump.write_file, found.file))
    return response


def _add_validators(response: Response, build: Build, file: str) -> None:
    """Set a strong ETag from what the bytes depend on: content, rules (inferred statements), measures, writers."""
    writers = (pyoxigraph.__version__, zlib.ZLIB_RUNTIME_VERSION)
    depends = "\n".join((build.content_hash, build.fingerprint, build.measured and build.name, *writers, file))
    response.set_etag(f"{build.revision}-{hashlib.sha256(depends.encode()).hexdigest()[:16]}")
    response.headers["Link"] = Link.header([Link.to_dataset()])
    Document.add_validators(response)


def _stream(response: Response, written: WorkerResult) -> None:
    file = written.as_file()
    response.content_length = file.seek(0, os.SEEK_END)
    file.seek(0)
    response.response = wrap_file(request.environ, file, _CHUNK)
    response.direct_passthrough = True
