"""Send text as gzip to whoever takes it (RFC 9110, sections 8.4.1.3 and 12.5.3); take no body that is packed.

A strong ETag names the bytes, hence a compressed answer has one of its own: that of the plain answer with `-gzip` at
the end (section 8.8.3.3). The front (server.front) understands a request that names either, and its 304 names the one
that the client has.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from contextlib import ExitStack, closing
from functools import partial
from tempfile import TemporaryFile
from typing import IO

from flask import Flask, Response, request
from werkzeug.wsgi import wrap_file

from kg.errors import CityKgError, short
from kg.rdf.formats import GRAPH_FORMATS
from kg.waiting import aside
from server.front import Gzip
from server.web.negotiation import vary

SMALLEST = 500
"""Bytes of an answer below which compressing it gains nothing: it fits into one packet anyway."""

_LARGE = 1 << 15
"""Bytes from which compressing takes longer than others in an event loop may be kept waiting."""

_CODING = "gzip"
_LEVEL = 6
_FAST = 1  # for what is too large for memory
_TYPES = {*(fmt.media_type for fmt in GRAPH_FORMATS), "application/json", "application/xml"}


class EncodedBodyError(CityKgError):
    """A body is in a content coding, and this service takes none."""

    title = "The body is encoded"

    def __init__(self, coding: str) -> None:
        super().__init__(f"The body is in the content coding {short(coding)!r}.", "Send it without Content-Encoding.")


def attach(app: Flask) -> None:
    """Compress the answers of an app where the client takes it, and refuse bodies in a content coding."""
    app.before_request(_refuse_encoded)
    app.after_request(_compress)


def _refuse_encoded() -> None:
    """Raise EncodedBodyError for a body in a content coding (RFC 9110, section 8.4)."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    coding = request.headers.get("Content-Encoding", "")
    if coding.strip().lower() not in ("", "identity"):
        raise EncodedBodyError(coding)


def takes_gzip() -> bool:
    """Tell whether the client takes gzip, and likes it no less than plain bytes."""
    return Gzip.is_taken_by(request.headers.get("Accept-Encoding", "").encode("latin-1"))


def _compress(response: Response) -> Response:
    if response.status_code not in (200, 304) or not _is_text(response.mimetype):
        return response
    vary(response, "Accept-Encoding")
    if response.status_code == 304:  # If-Modified-Since: the tag is that of what would have been sent
        if takes_gzip():
            _mark(response)
    elif response.content_encoding == _CODING:
        _mark(response)
    elif takes_gzip() and _is_worth_it(response):
        _mark(response)
        response.content_encoding = _CODING
        _pack(response)
    return response


def _is_text(media_type: str | None) -> bool:
    return media_type is not None and (
        media_type.startswith("text/") or media_type.endswith(("+json", "+xml")) or media_type in _TYPES
    )


def _is_worth_it(response: Response) -> bool:
    """Pass by what is small, what is encoded already, and an answer to HEAD that does not know its own length."""
    if response.content_encoding or not response.automatically_set_content_length:
        return False
    length = response.content_length or (response.calculate_content_length() if response.is_sequence else None)
    return length is None or length >= SMALLEST


def _mark(response: Response) -> None:
    tag, is_weak = response.get_etag()
    if tag and not is_weak:
        response.set_etag(tag + Gzip.MARK)


def _pack(response: Response) -> None:
    if response.is_sequence:
        data = response.get_data()
        compress = partial(gzip.compress, data, _LEVEL, mtime=0)
        response.set_data(compress() if len(data) < _LARGE else aside(compress))
    else:
        _spool(response)


def _spool(response: Response) -> None:
    """Compress what is read piece by piece into a temporary file, so that memory stays bounded and its length known."""
    with ExitStack() as open_files, closing(response):
        file = open_files.enter_context(TemporaryFile())
        aside(_write_packed, response.iter_encoded(), file)
        open_files.pop_all()  # whoever sends the answer closes it
    response.content_length = file.tell()
    file.seek(0)
    response.response = wrap_file(request.environ, file)
    response.direct_passthrough = True


def _write_packed(parts: Iterable[bytes], file: IO[bytes]) -> None:
    with gzip.GzipFile(filename="", mode="wb", compresslevel=_FAST, fileobj=file, mtime=0) as packed:
        packed.writelines(parts)
