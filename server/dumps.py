"""Dumps over HTTP: written into a temporary file, streamed out of it, and then gone."""

from __future__ import annotations

import gzip
import hashlib
from contextlib import ExitStack
from functools import lru_cache
from tempfile import TemporaryFile
from typing import IO

import pyoxigraph
from flask import Blueprint, Response, request
from pyoxigraph import Store
from werkzeug.wsgi import FileWrapper

from kg import dumps
from kg.dumps import Dump
from kg.snapshots import Build
from server import graph

blueprint = Blueprint("dumps", __name__)

_CHUNK = 1 << 16

# A store is a snapshot that never changes; hashing every dump takes a second or so, hence once for each store.
_checksums = lru_cache(maxsize=1)(dumps.checksums)


@blueprint.get("/dumps/SHA256SUMS")
def checksums() -> Response:
    """List the SHA-256 of every dump, as `sha256sum --check` reads it."""
    build, store = graph.current()
    response = Response(content_type="text/plain; charset=utf-8")
    _tag(response, build, "SHA256SUMS")
    if _is_wanted(response):
        response.set_data(_checksums(store))
    response.make_conditional(request)
    return response


@blueprint.get("/dumps/<path:file>")
def dump(file: str) -> Response:
    """Send a dump, compressed for a client that takes gzip. Nothing is written for HEAD or for a client that has it."""
    build, store = graph.current()
    found = dumps.find(store, file)
    zipped = request.accept_encodings.quality("gzip") > 0
    response = Response(content_type=found.format.media_type)
    response.vary.add("Accept-Encoding")
    if zipped:
        response.content_encoding = "gzip"
    _tag(response, build, file, "gzip" if zipped else "")
    if _is_wanted(response):
        _stream(response, _written(store, found, zipped=zipped))
    response.make_conditional(request)
    return response


def _tag(response: Response, build: Build, *representation: str) -> None:
    """Set a strong ETag from what the bytes depend on: the content, the rules (inferred statements), the writer."""
    depends = "\n".join((build.content_hash, build.fingerprint, pyoxigraph.__version__, *representation))
    response.set_etag(f"{build.revision}-{hashlib.sha256(depends.encode()).hexdigest()[:16]}")
    response.cache_control.no_cache = True


def _is_wanted(response: Response) -> bool:
    tag, _ = response.get_etag()
    return request.method != "HEAD" and not request.if_none_match.contains_weak(tag or "")


def _written(store: Store, found: Dump, *, zipped: bool) -> IO[bytes]:
    """Return the whole dump as an open temporary file, so that an error comes before the first byte of an answer."""
    with ExitStack() as open_files:
        file = open_files.enter_context(TemporaryFile())
        if zipped:
            # neither time nor name goes into the header, so that the same dump has the same bytes
            with gzip.GzipFile(filename="", mode="wb", fileobj=file, mtime=0) as packed:
                dumps.write(store, found, packed)  # type: ignore[arg-type]
        else:
            dumps.write(store, found, file)
        open_files.pop_all()
        return file


def _stream(response: Response, file: IO[bytes]) -> None:
    response.content_length = file.tell()
    file.seek(0)
    response.response = FileWrapper(file, _CHUNK)
    response.direct_passthrough = True
