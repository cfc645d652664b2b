"""The client of a running server, with a token, for commands with --server."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import dataclass, fields
from http.client import HTTPException, InvalidURL
from itertools import count
from typing import Any
from urllib.parse import urlencode, urlsplit
from uuid import uuid4

from kg.curation import RefusedChangeError, SubmissionReport
from kg.errors import BadValueError, CityKgError
from kg.findings import Finding, RefusedSubmissionError
from kg.history import Record
from kg.http_client import USER_AGENT, Connections, Reply, TooManyBytesError
from kg.import_jobs import ImportState
from kg.submissions import SubmittedText, pack

SECONDS = 240.0
"""Seconds for an answer, from the connection to its last byte."""
MOST_BYTES = 1 << 30
"""Bytes of an answer that are read."""
ATTEMPTS = 3
SECONDS_BETWEEN = 0.5
"""Seconds between polls of an import."""


class RemoteError(CityKgError):
    """A server refused a request, or could not be reached."""


@dataclass(frozen=True)
class RemoteHistory:
    """The changes of a server."""

    gate: RemoteGate
    about: str | None = None
    """The IRI of a thing, for changes with it in a statement; None for all changes."""

    def summaries(self) -> list[dict[str, Any]]:
        """Return a summary of each change, newest first. Raises RemoteError."""
        found: dict[int, dict[str, Any]] = {}  # a change that comes meanwhile moves another onto the next page
        for page in count(1):
            changes = self.gate.get("/changes", {"page": str(page), "about": self.about or ""})["changes"]
            found |= {change["number"]: change for change in changes}
            if not changes or changes[-1]["number"] == 1:
                break
        return [found[number] for number in sorted(found, reverse=True)]

    def records(self) -> list[Record]:
        """Return all changes with their quads, in order. Raises RemoteError."""
        return [self.get(change["number"]) for change in reversed(self.summaries())]

    def get(self, number: int) -> Record:
        """Return a change. Raises RemoteError if there is none of that number."""
        said = self.gate.get(f"/changes/{number}", {})
        said["reverts_too"] = said.get("revertsToo", [])
        lists = {name: tuple(value) for name, value in said.items() if isinstance(value, list)}
        told = {field.name for field in fields(Record)} & said.keys()
        return Record(**{name: (said | lists)[name] for name in told})


@dataclass(frozen=True)
class RemoteGate:
    """The gate of a server; `token` may be empty where none is needed."""

    address: str
    token: str = ""

    def post(self, path: str, words: Mapping[str, str], texts: Sequence[SubmittedText] = ()) -> dict[str, Any]:
        """Send a request and return its answer.

        A request whose answer is lost is sent again under the same key, so that nothing is made twice. Raises
        RefusedSubmissionError, RefusedChangeError, RemoteError.
        """
        media_type, body = pack(texts) if texts else ("application/x-www-form-urlencoded", b"")
        headers = {"Content-Type": media_type, "Accept": "application/json", "Idempotency-Key": uuid4().hex}
        return self._json("POST", self._at(path, words), body, headers)

    def upload(self, path: str, words: Mapping[str, str], files: Mapping[str, tuple[str, bytes]]) -> dict[str, Any]:
        """Send a form (RFC 7578) with fields and files, and return the answer. Raises as `post`."""
        boundary = uuid4().hex
        parts = [f'name="{name}"\r\n\r\n'.encode() + value.encode() for name, value in words.items() if value]
        for name, (file, content) in files.items():
            quoted = file.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
            head = f'name="{name}"; filename="{quoted}"\r\nContent-Type: application/octet-stream\r\n\r\n'
            parts.append(head.encode() + content)
        begin = f"--{boundary}\r\nContent-Disposition: form-data; ".encode()
        body = b"".join(begin + part + b"\r\n" for part in parts) + f"--{boundary}--\r\n".encode()
        media_type = f"multipart/form-data; boundary={boundary}"
        headers = {"Content-Type": media_type, "Accept": "application/json", "Idempotency-Key": uuid4().hex}
        return self._json("POST", self._at(path, {}), body, headers)

    def get(self, path: str, words: Mapping[str, str]) -> dict[str, Any]:
        """Send a GET request and return the answer. Raises RemoteError."""
        return self._json("GET", self._at(path, words), None, {"Accept": "application/json"})

    def file(self, path: str) -> bytes:
        """Return the bytes at a path. Raises RemoteError."""
        return self._bytes("GET", self._at(path, {}), None, {})

    def accept(self, number: int, words: Mapping[str, str]) -> dict[str, Any]:
        """Accept a proposal, waiting for a large one, and return the answer on the change.

        Raises as `post`.
        """
        while "acceptance" in (told := self.post(f"/proposals/{number}/accept", words)):
            while acceptance := told.get("acceptance"):
                if "error" in acceptance:
                    raise _error(acceptance["error"])
                time.sleep(SECONDS_BETWEEN)
                told = self.get(f"/proposals/{number}", {})
        return told

    def measure(self, tell: Callable[[str, int], object]) -> str:
        """Have the measures of the current revision computed, wait, and return their revision.

        `tell` gets each step, and of how many. Raises RemoteError.
        """
        told = self.post("/measures", {})
        before, step = told["measured"], ""
        is_begun = "step" in told
        while "step" in told:
            if told["step"] != step:
                tell(step := told["step"], told["of"])
            time.sleep(SECONDS_BETWEEN)
            told = self.get("/measures", {})
        if "error" in told:
            raise _error(told["error"])
        if is_begun and told["measured"] == before:
            raise RemoteError(f"{self.address} ended before the measures were there.", "Ask for them again.")
        return str(told["measured"])

    def _at(self, path: str, words: Mapping[str, str]) -> str:
        stated = {name: value for name, value in words.items() if value}
        return f"{self.address.rstrip('/')}{path}?{urlencode(stated)}"

    def _json(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> dict[str, Any]:
        answer = self._bytes(method, url, body, headers)
        try:
            return dict(json.loads(answer))
        except (TypeError, ValueError) as error:
            raise RemoteError(f"{self.address} does not answer as this service does.", "Check --server.") from error

    def _bytes(self, method: str, url: str, body: bytes | None, headers: Mapping[str, str]) -> bytes:
        """Send a request, again where its answer is lost, and return the body of the answer.

        No redirect is followed: the token is for the server that was named.
        """
        connections = self._connections(url)
        credentials = {"Authorization": f"Bearer {self.token}"} if self.token else {}
        all_headers = {"User-Agent": USER_AGENT, "Connection": "close", **headers, **credentials}
        for attempt in range(1, ATTEMPTS + 1):
            try:
                with closing(connections), connections.exchange(method, "", body, all_headers, SECONDS) as reply:
                    answer = reply.read_all(MOST_BYTES)
            except TooManyBytesError as error:
                raise RemoteError(f"{self.address} answers with {error}.") from error
            except InvalidURL:
                raise self._unsendable() from None
            except (OSError, HTTPException) as error:
                if attempt == ATTEMPTS or isinstance(error, ConnectionRefusedError):
                    reason = str(error) or f"{SECONDS:g} seconds have passed"
                    raise RemoteError(
                        f"{self.address} does not answer: {reason}", "Check --server, and whether that server runs."
                    ) from error
                time.sleep(attempt)
            except ValueError:  # after OSError: that of a certificate is both
                raise self._unsendable() from None  # its message has the token
            else:
                return self._content(reply, answer)
        raise AssertionError

    def _unsendable(self) -> RemoteError:
        return RemoteError(
            f"The address {self.address!r} or the token in CITYKG_TOKEN has characters that cannot be sent.",
            "Check --server: letters such as ä are written as in %C3%A4. Check CITYKG_TOKEN for line breaks and typos.",
        )

    def _connections(self, url: str) -> Connections:
        """Return the connections to a server. Raises BadValueError."""
        with suppress(ValueError):
            split = urlsplit(url)
            if split.scheme in ("http", "https") and split.hostname:
                return Connections(url)
        raise BadValueError(f"{self.address!r} is not the address of a server.", "For example: http://127.0.0.1:8000")

    def _content(self, reply: Reply, body: bytes) -> bytes:
        """Return the body of an answer. Raises the error of an error response."""
        if 200 <= reply.status < 300:
            return body
        if reply.status == 401 and not self.token:  # the server speaks of headers, which a command has not
            raise RemoteError(
                f"{self.address} needs a token, and CITYKG_TOKEN is empty.",
                "Put yours there. The operator makes tokens with: citykg token create",
            )
        raise _refusal(reply, body)


@dataclass(frozen=True)
class RemoteImports:
    """The imports of a server, by `/imports`."""

    gate: RemoteGate

    def send(
        self, table: tuple[str, bytes], mapping: str | tuple[str, bytes], words: Mapping[str, str]
    ) -> dict[str, Any]:
        """Send a table with its file name, and a mapping by name or as a file; return the answer.

        `words` are what else may be said of it: source, summary, dry_run, acknowledge. Raises RemoteError.
        """
        if isinstance(mapping, str):
            return self.gate.upload("/imports", {**words, "mapping": mapping}, {"file": table})
        return self.gate.upload("/imports", words, {"file": table, "mapping": mapping})

    def follow(self, address: str, tell: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Wait until an import is over or waits for review, calling `tell` with each answer; return the last.

        Raises RemoteError.
        """
        while True:
            told = self.gate.get(address, {})
            tell(told)
            if (state := ImportState(told["state"])).is_over or state is ImportState.WAITING:
                return told
            time.sleep(SECONDS_BETWEEN)

    def latest(self) -> list[dict[str, Any]]:
        """Return the latest imports: one's own, for a curator all. Raises RemoteError."""
        return list(self.gate.get("/imports", {})["imports"])


def _refusal(reply: Reply, body: bytes) -> CityKgError:
    """Return the error in the problem details of a server (RFC 9457)."""
    try:
        said = json.loads(body)
    except ValueError:
        said = {}
    if reply.status == 400 and said.get("findings"):
        return RefusedSubmissionError([Finding(**finding) for finding in said["findings"]])
    return _error({"detail": f"The server answers {reply.status} {reply.reason}."} | said)


def _error(said: Mapping[str, Any]) -> CityKgError:
    message, hint = str(said["detail"]), said.get("hint", "")
    return RefusedChangeError(message, hint, report_of(said)) if said.get("findings") else RemoteError(message, hint)


def report_of(answer: Mapping[str, Any]) -> SubmissionReport:
    """Return the report that a server's answer holds."""
    findings = [Finding(**finding) for finding in answer["findings"]]
    new, mended = (tuple(one for one in findings if one.state == state) for state in ("new", "mended"))
    changes_nothing = bool(answer.get("changesNothing"))
    return SubmissionReport(new, mended, int(answer.get("standing", 0)), changes_nothing=changes_nothing)
