"""Conditional reads by entity tag (RFC 9110, section 13): 412, 304, or the answer as it is.

They are evaluated on the complete answer, cached or new. Conditions on writes are evaluated where the graph is written.
"""

from __future__ import annotations

from werkzeug.http import parse_etags, quote_etag, unquote_etag

from server.front.gzip_coding import Gzip
from server.front.messages import Answer, Request

_NOT_IN_304 = {b"content-type", b"content-length", b"content-encoding", b"etag"}


def fails_if_match(request: Request, answer: Answer) -> bool:
    """Return True if If-Match names none of the entity tags of an answer (section 13.1.1); `*` matches any."""
    condition, etag = request.field(b"if-match"), answer.field(b"etag")
    if condition is None or etag is None or answer.status not in (200, 304) or not _only_reads(request):
        return False
    wanted = parse_etags(condition.decode("latin-1"))
    return not wanted.star_tag and not any(wanted.is_strong(tag) for tag in _tags_in_both_codings(etag))


def apply_if_none_match(request: Request, answer: Answer) -> Answer:
    """Return 304 if If-None-Match names the entity tag of the answer (section 13.1.2), else the answer."""
    condition, etag = request.field(b"if-none-match"), answer.field(b"etag")
    if condition is None or etag is None or answer.status != 200 or not _only_reads(request):
        return answer
    held = parse_etags(condition.decode("latin-1"))
    tag = next((tag for tag in _tags_in_both_codings(etag) if held.contains_weak(tag)), None)
    if tag is None:
        return answer
    answer.close()
    headers = [(name, value) for name, value in answer.headers if name not in _NOT_IN_304]
    return Answer(304, [*headers, (b"etag", quote_etag(tag).encode("latin-1"))], b"", answer.route)


def _only_reads(request: Request) -> bool:
    return request.method in ("GET", "HEAD")


def _tags_in_both_codings(etag: bytes) -> tuple[str, str]:
    """Return the tag of an answer, and that of the same in the other content coding."""
    tag = str(unquote_etag(etag.decode("latin-1"))[0])
    return tag, tag.removesuffix(Gzip.MARK) if tag.endswith(Gzip.MARK) else tag + Gzip.MARK
