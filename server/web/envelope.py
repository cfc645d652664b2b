"""The envelope of every answer: the headers that it has whatever its address is, and the coding of its body.

`_complete` has the rules in their order, each with where it is laid down. What one kind of answer has besides, such as
the links and validators of a document, is given by what makes it; nothing here takes the place of that, but for what
may be kept: where an answer depends on the client, nobody keeps it.

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
from urllib.parse import urlencode

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
    """Let the answer to the current request, which tells of an error, have what goes with that in its envelope."""
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
    """Say when to come again, what to show, and what is taken; leave the kind of the error for the metrics."""
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
        response.set_data(compress() if len(data) < _LARGE else run_outside_loop(compress))
    else:
        _spool(response)


def _spool(response: Response) -> None:
    """Compress what is read piece by piece into a temporary file, so that memory stays bounded and its length known."""
    with ExitStack() as open_files, closing(response):
        file = open_files.enter_context(TemporaryFile())
        run_outside_loop(_write_packed, response.iter_encoded(), file)
        open_files.pop_all()  # whoever sends the answer closes it
    response.content_length = file.tell()
    file.seek(0)
    response.response = wrap_file(request.environ, file)
    response.direct_passthrough = True


def _write_packed(parts: Iterable[bytes], file: IO[bytes]) -> None:
    with gzip.GzipFile(filename="", mode="wb", compresslevel=_FAST, fileobj=file, mtime=0) as packed:
        packed.writelines(parts)


def _add_constant(response: Response) -> None:
    """Add what is the same in all answers, unless one has something else in its place."""
    stated = {name.lower() for name, _ in response.headers}
    for name, value in Answer.OF_ALL.items():
        if name.lower() not in stated:
            response.headers.add(name, value)


def _restrict_caching(response: Response) -> None:
    """Let nobody keep what depends on who asks or lags behind; let caches go by our host where the answer names it.

    The host is part of what caches go by anyway, but some that stand before a service leave it out.
    """
    if "depends_on_who_asks" in g or "lags" in g:
        response.headers["Cache-Control"] = "no-store"
    if "lags" in g:
        response.headers.pop("ETag", None)
        response.headers.pop("Last-Modified", None)
    if "names_host" in g:
        vary(response, "Host")


def _date_past_revision(response: Response) -> None:
    """Date what is answered for `?at=`, and name the present of it; lead to the same revision where it leads on."""
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
    return f"{address}{'&' if '?' in address else '?'}{urlencode({'at': revision})}"


def _present_address() -> str:
    others = [(name, value) for name, value in request.args.items(multi=True) if name != "at"]
    return request.path + (f"?{urlencode(others)}" if others else "")


def _drop_type_of_nothing(response: Response) -> None:
    """Take the type off an answer that has no content by its kind; Flask gives it to all."""
    has_none = request.method == "OPTIONS" or response.status_code in (201, 204)
    if has_none and not response.is_streamed and not response.get_data():
        del response.headers["Content-Type"]


def _answer_preflight(response: Response) -> None:
    """Say to a page of another origin which methods and headers it may use."""
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET, HEAD, OPTIONS")
        response.headers.update(_PREFLIGHT)


def _name_answerer(response: Response) -> None:
    """Say of the answer to a canned question whether an engine has given it, and if not, why, if there are engines."""
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
