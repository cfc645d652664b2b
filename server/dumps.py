"""Dumps over HTTP: written into a temporary file, streamed out of it, and then gone."""

from __future__ import annotations

import hashlib
import zlib
from contextlib import ExitStack
from dataclasses import replace
from functools import lru_cache
from tempfile import TemporaryFile
from typing import IO

import pyoxigraph
from flask import Blueprint, Response, request
from pyoxigraph import Store
from werkzeug.wsgi import wrap_file

from kg import dumps
from kg.dumps import Dump
from kg.snapshots import Build
from server import compression, graph, representations

blueprint = Blueprint("dumps", __name__)

_CHUNK = 1 << 16
_GZIP = "application/gzip"

# A store is a snapshot that never changes; hashing every dump takes some seconds, hence once for each store.
_checksums = lru_cache(maxsize=1)(dumps.checksums)


@blueprint.get("/dumps/SHA256SUMS")
def checksums() -> Response:
    """List the SHA-256 of every dump, as `sha256sum --check` reads it."""
    build, store = graph.current()
    response = Response(content_type="text/plain; charset=utf-8")
    _complete(response, build, "SHA256SUMS")
    if response.status_code == 200:
        response.set_data(_checksums(store))
    return response


@blueprint.get("/dumps/<path:file>")
def dump(file: str) -> Response:
    """Send a dump, compressed for a client that takes gzip. Nothing is written for HEAD or for a client that has it."""
    build, store = graph.current()
    found = dumps.find(store, file)
    response = Response(content_type=_GZIP if found.packed else found.format.media_type)
    if not found.packed and compression.is_wanted():
        response.content_encoding = "gzip"
        found = replace(found, packed=True)
    response.automatically_set_content_length = False  # it is not known before the dump is written
    _complete(response, build, file)
    if response.status_code == 200 and request.method != "HEAD":
        _stream(response, _written(store, found))
    return response


def _complete(response: Response, build: Build, file: str) -> None:
    """Set a strong ETag from what the bytes depend on: the content, the rules (inferred statements), the writers."""
    writers = (pyoxigraph.__version__, zlib.ZLIB_RUNTIME_VERSION)
    depends = "\n".join((build.content_hash, build.fingerprint, *writers, file))
    response.set_etag(f"{build.revision}-{hashlib.sha256(depends.encode()).hexdigest()[:16]}")
    representations.conditional(response)


def _written(store: Store, found: Dump) -> IO[bytes]:
    """Return the whole dump as an open temporary file, so that an error comes before the first byte of an answer."""
    with ExitStack() as open_files:
        file = open_files.enter_context(TemporaryFile())
        dumps.write(store, found, file)
        open_files.pop_all()
        return file


def _stream(response: Response, file: IO[bytes]) -> None:
    response.content_length = file.tell()
    file.seek(0)
    response.response = wrap_file(request.environ, file, _CHUNK)
    response.direct_passthrough = True
