"""The envelope of every answer: the headers that all answers have, and the content coding of the body.

`_complete` has the rules in their order, each with where it is laid down. What one kind of answer has besides, such as
the links and validators of a document, is given by what makes it; nothing here takes the place of that, but for what
may be kept: an answer that depends on the client is not cached. Elsewhere, Cache-Control is set by
`Document.add_validators`, server.web.assets, and a few endpoints whose answers must not be kept.

The front (server.front) adds the date and the id of the request, understands conditions on both entity tags of a
document, and answers 304 with the tag that the client has.
"""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from contextlib import ExitStack, closing, suppress
from datetime import datetime
from functools import partial
from tempfile import TemporaryFile
from typing import IO
from urllib.parse import parse_qs, urlencode, urlsplit

from flask import Flask, Response, g, request
from werkzeug.http import http_date
from werkzeug.wsgi import wrap_file

from kg.errors import CityKgError, DataFolderError, shorten
from kg.greenlets import run_outside_loop
from kg.rdf.formats import GRAPH_FORMATS
from server.errors import kind_of, slug
from server.front import ROUTE, Answer, Gzip
from server.service import challenges, service
from server.web.negotiation import vary

SMALLEST = 500
"""Bytes of an answer below which compressing it gains nothing: it fits into one packet anyway."""

_LARGE = 1 << 15
"""Bytes from which compressing takes longer than others in an event loop may be kept waiting."""

_CODING = "gzip"
_LEVEL = 6
_FAST = 1  # for what is too large for memory
_TYPES = {*(fmt.media_type for fmt in GRAPH_FORMATS), "application/json", "application/xml"}

_PREFLIGHT = {
    "Access-Control-Allow-Headers": "Accept, Authorization, Content-Type, Idempotency-Key, If-Match, "
    "If-Modified-Since, If-None-Match",
    "Access-Control-Max-Age": "86400",
}


class EncodedBodyError(CityKgError):
    """A body is in a content coding, and this service takes none."""

    title = "The body is encoded"

    def __init__(self, coding: str) -> None:
        super().__init__(f"The body is in the content coding {shorten(coding)!r}.", "Send it without Content-Encoding.")


def attach(app: Flask) -> None:
    """Put every answer of an app into its envelope, and refuse bodies in a content coding."""
    app.before_request(_refuse_encoded)
    app.after_request(_complete)


def note_error(error: CityKgError) -> None:
    """Note the error that the current request is answered with, for the headers of the answer."""
    g.error = error


def client_accepts_gzip() -> bool:
    """Return True if the client takes gzip, and likes it no less than plain bytes."""
    return Gzip.is_accepted_by(request.headers.get("Accept-Encoding", "").encode("latin-1"))


def _refuse_encoded() -> None:
    """Raise EncodedBodyError for a body in a content coding (RFC 9110, section 8.4)."""
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    coding = request.headers.get("Content-Encoding", "")
    if coding.strip().lower() not in ("", "identity"):
        raise EncodedBodyError(coding)


def _complete(response: Response) -> Response:
    request.environ[ROUTE] = request.url_rule.rule if request.url_rule else ""  # for the access log and the metrics
    _explain_error(response)  # RFC 9110, sections 10.2.3, 11.6.1 and 15.5.16
    _compress(response)  # RFC 9110, sections 8.4.1.3, 8.8.3.3 and 12.5.3
    _add_constant(response)  # Fetch standard, Content Security Policy Level 3
    _restrict_caching(response)  # RFC 9111, sections 4.1 and 5.2.2.5
    _date_past_revision(response)  # RFC 7089 (Memento)
    _drop_type_of_nothing(response)  # RFC 9110, section 8.3
    _answer_preflight(response)  # Fetch standard, CORS
    _name_answerer(response)
    _name_revision(response)
    return response


def _explain_error(response: Response) -> None:
    """Add Retry-After, WWW-Authenticate and Accept-Encoding; leave the kind of the error for the metrics."""
    error: CityKgError | None = g.get("error")
    if error is None:
        return
    request.environ[Answer.CAUSE] = slug(kind_of(error).title)
    if error.retry_after is not None:
        response.headers["Retry-After"] = str(error.retry_after)
    if isinstance(error, EncodedBodyError):
        response.headers["Accept-Encoding"] = "identity"
    for wanted in challenges(error):
        response.headers.add("WWW-Authenticate", wanted)


def _compress(response: Response) -> None:
    """Send text as gzip where the client takes it.

    A strong ETag names the bytes, hence a compressed answer has one of its own: that of the plain answer with `-gzip`
    at the end.
    """
    if response.status_code not in (200, 304) or not _is_text(response.mimetype):
        return
    vary(response, "Accept-Encoding")
    if response.status_code == 304:  # If-Modified-Since: the tag is that of what would have been sent
        if client_accepts_gzip():
            _mark(response)
    elif response.content_encoding == _CODING:
        _mark(response)
    elif _is_worth_it(response) and client_accepts_gzip():
        _mark(response)
        response.content_encoding = _CODING
        _pack(response)


def _is_text(media_type: str | None) -> bool:
    return media_type is not None and (
        media_type.startswith("text/") or media_type.endswith(("+json", "+xml")) or media_type in _TYPES
    )


def _is_worth_it(response: Response) -> bool:
    """Return False for a small or encoded body, and for an answer to HEAD without a known length."""
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
        response.set_data(compress() if len(data) < _LARGE else run_outside_loop(compress))
    else:
        _spool(response)


def _spool(response: Response) -> None:
    """Compress a stream into a temporary file, so that memory stays bounded and the length is known."""
    with ExitStack() as open_files, closing(response):
        file = open_files.enter_context(TemporaryFile())
        run_outside_loop(_write_packed, response.iter_encoded(), file)
        open_files.pop_all()  # the server closes it once the answer is sent
    response.content_length = file.tell()
    file.seek(0)
    response.response = wrap_file(request.environ, file)
    response.direct_passthrough = True


def _write_packed(parts: Iterable[bytes], file: IO[bytes]) -> None:
    with gzip.GzipFile(filename="", mode="wb", compresslevel=_FAST, fileobj=file, mtime=0) as packed:
        packed.writelines(parts)


def _add_constant(response: Response) -> None:
    """Add the headers that are the same in all answers, unless the answer has them already."""
    stated = {name.lower() for name, _ in response.headers}
    for name, value in Answer.OF_ALL.items():
        if name.lower() not in stated:
            response.headers.add(name, value)


def _restrict_caching(response: Response) -> None:
    """Forbid caching of answers that depend on the token, lag behind or were not kept.

    Add Vary: Host if the answer names the host.

    The host is part of what caches go by anyway, but some that stand before a service leave it out.
    """
    if "depends_on_who_asks" in g or "lags" in g or "is_not_kept" in g:
        response.headers["Cache-Control"] = "no-store"
    if "lags" in g or "is_not_kept" in g:
        response.headers.pop("ETag", None)
        response.headers.pop("Last-Modified", None)
    if "names_host" in g:
        vary(response, "Host")


def _date_past_revision(response: Response) -> None:
    """Add Memento headers to an answer for `?at=`; keep the revision in redirects."""
    revision = service.revisions.requested()
    if not revision:
        return
    if response.status_code in (301, 303):
        response.headers["Location"] = _with_revision(response.headers["Location"], revision)
    if response.status_code not in (200, 304):
        return
    try:
        build = service.revisions.current()
    except CityKgError:  # no such revision, and the answer is one that reads none, as to OPTIONS
        return
    response.headers["Memento-Datetime"] = http_date(datetime.fromisoformat(build.changed))
    response.headers.add("Link", f'<{_present_address()}>; rel="original"')
    location = response.headers.get("Content-Location")
    if location is not None:
        response.headers["Content-Location"] = _with_revision(location, revision)


def _with_revision(address: str, revision: str) -> str:
    """Return an address at a revision, which it may name already."""
    if "at" in parse_qs(urlsplit(address).query):
        return address
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'at': revision})}"


def _present_address() -> str:
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "at"]
    return request.path + (f"?{urlencode(others)}" if others else "")


def _drop_type_of_nothing(response: Response) -> None:
    """Remove the Content-Type, which Flask always sets, from an answer without content."""
    has_none = request.method == "OPTIONS" or response.status_code in (201, 204)
    if has_none and not response.is_streamed and not response.get_data():
        del response.headers["Content-Type"]


def _answer_preflight(response: Response) -> None:
    """Answer a preflight request with the methods and headers that are allowed."""
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers.update(_PREFLIGHT)


def _name_answerer(response: Response) -> None:
    """Name whether an engine or this service has answered a canned question, and why, if there are engines."""
    if "answered_here_since" in g:
        why = g.answered_here_since
        response.headers["X-Answered-By"] = "embedded" if why else "engine"
        if why:
            response.headers["X-Engine-Fallback"] = why.encode("ascii", "replace").decode().replace("\n", " ")


def _name_revision(response: Response) -> None:
    """Name the revision that the request has read, else the present one, unless the answer names another already.

    Where nothing is built there is none to name.
    """
    if "X-Revision" not in response.headers:
        with suppress(DataFolderError):
            response.headers["X-Revision"] = (g.get("build") or service.revisions.newest_build()).revision
