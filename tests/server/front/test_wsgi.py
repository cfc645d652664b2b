"""Calls of the application: what becomes of the fields of its answers."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from server.front import Answer, Request, wsgi


def called(tag: str) -> Answer:
    def application(environ: dict[str, Any], start_response: Callable[..., Any]) -> list[bytes]:
        # made here, so that no two answers have the same strings to begin with
        fields = {"X-Content-Type-Options": "".join(["no", "sniff"]), "ETag": tag, "Date": "now"}
        start_response("200 OK", list(fields.items()))
        return [b""]

    return wsgi.call(application, Request.for_get("/", []), None)


def test_names_of_fields_are_small_letters_and_the_date_is_left_to_the_server() -> None:
    assert called('"1"').headers == [(b"x-content-type-options", b"nosniff"), (b"etag", b'"1"')]


def test_answers_that_are_kept_share_the_fields_that_are_the_same() -> None:
    one, other = called('"1"'), called('"2"')
    assert one.headers[0] is other.headers[0]
    assert one.headers[1] != other.headers[1]
