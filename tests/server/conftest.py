"""A client for the tests of documents: curl, and its answer taken apart."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass

import pytest


@dataclass(frozen=True)
class Answer:
    """An answer over HTTP; names of headers are in lower case."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def type(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0]

    def links(self, relation: str) -> dict[str, str]:
        """The targets of a relation in the Link header, each with its parameters."""
        found = re.findall(r'<([^>]*)>; rel="([^"]*)"([^,]*)', self.headers.get("link", ""))
        return {target: parameters for target, rel, parameters in found if rel == relation}


Ask = Callable[..., Answer]


@pytest.fixture(scope="session")
def ask(address: str) -> Ask:
    """Ask the running server for a path, with options of curl before it."""

    def asked(*arguments: str) -> Answer:
        *options, path = arguments
        command = ["curl", "-s", "-i", "--path-as-is", *options, address + path]
        ran = subprocess.run(command, capture_output=True, check=True)
        head, _, body = ran.stdout.partition(b"\r\n\r\n")
        first, *lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        return Answer(int(first.split()[1]), headers, body)

    return asked
