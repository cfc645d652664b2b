"""Asking over HTTP, and what is answered."""

from __future__ import annotations

import http.client
import json
import re
from collections.abc import Callable, Iterable, Mapping
from contextlib import closing
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

SECONDS = 60


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def type(self) -> str:
        """The media type without its parameters."""
        return self.headers.get("content-type", "").partition(";")[0]

    @property
    def members(self) -> dict[str, Any]:
        """The members of the JSON object in the body."""
        return dict(json.loads(self.body))

    def listed(self, header: str) -> set[str]:
        """Return the members of a header that holds a list, in lower case."""
        return {member.strip().lower() for member in self.headers.get(header, "").split(",") if member.strip()}

    def links(self, relation: str) -> dict[str, str]:
        """Return the targets of a relation in the Link header, each with its parameters."""
        found = re.findall(r'<([^>]*)>; rel="([^"]*)"([^,]*)', self.headers.get("link", ""))
        return {target: parameters for target, rel, parameters in found if rel == relation}


Ask = Callable[..., Answer]


def fields(lines: Iterable[tuple[str, str]]) -> dict[str, str]:
    """Return header fields by name in lower case; one that stands in several lines has all values (RFC 9110, 5.2)."""
    found: dict[str, str] = {}
    for name, value in lines:
        found[name.lower()] = f"{found[name.lower()]}, {value}" if name.lower() in found else value
    return found


def send(
    address: str,
    path: str,
    *,
    method: str = "GET",
    body: bytes | str | None = None,
    headers: Mapping[str, str] | None = None,
    seconds: float = SECONDS,
    client: str = "127.0.0.1",
) -> Answer:
    """Return what a server answers to a request over a connection of its own, made from the address of a client.

    Raises TimeoutError where the server says nothing for so many seconds.
    """
    netloc = urlsplit(address).netloc
    with closing(http.client.HTTPConnection(netloc, timeout=seconds, source_address=(client, 0))) as connection:
        connection.request(method, path, body, dict(headers or {}))
        answer = connection.getresponse()
        return Answer(answer.status, fields(answer.getheaders()), answer.read())
