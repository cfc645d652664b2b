"""Send the requests of requests.yaml to the service, and note what it answers.

`python -m tests.answers.record` writes recorded.json anew where an answer has changed on purpose; `git diff` shows how.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import json
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlencode, urlsplit

import yaml

from kg.accounts import Database, Role, Tokens
from kg.building import build
from kg.store import DataFolder
from kg.workers import QueryLimits
from tests.answers.canonical import lines_of, plain
from tests.support.serving import served

HERE = Path(__file__).parent
RECORDED = HERE / "recorded.json"
Step = Mapping[str, Any]
Noted = dict[str, Any]

_MOST_LINES = 60
"""A body of more lines is noted as their number and hash: that is data, most of it, which has tests of its own."""
_VALUES = (
    "Content-Type Location Content-Location WWW-Authenticate Cache-Control X-Revision Content-Encoding "
    "Content-Disposition Content-Security-Policy X-Content-Type-Options Referrer-Policy Cross-Origin-Resource-Policy "
    "Access-Control-Allow-Origin Access-Control-Max-Age"
).split()
_LISTS = (
    "Allow Vary Link Access-Control-Allow-Methods Access-Control-Allow-Headers Access-Control-Expose-Headers"
).split()
_PRESENT = "ETag Last-Modified Memento-Datetime Retry-After Date X-Request-ID".split()


def load() -> dict[str, Any]:
    """Return the files, the people, the limits and the steps of requests.yaml."""
    return dict(yaml.safe_load((HERE / "requests.yaml").read_text(encoding="utf-8")))


def replay(graph: DataFolder, work: Path) -> dict[str, Noted]:
    """Send everything, over copies of a data folder in an empty folder; return what came back, by the step's name."""
    said = load()
    for name, text in said["files"].items():
        (work / name).write_text(text, encoding="utf-8")
    main, small = (DataFolder(shutil.copytree(graph.path, work / name)) for name in ("main", "small"))
    tokens = {person: _token(main, person, role) for person, role in said["people"].items()}
    with (
        served(main) as address,
        served(small, QueryLimits(**said["limits"]), **said["conduct"]) as small_address,
    ):
        time.sleep(1.1)  # a date of HTTP holds only once the second of the server's start is over
        lines = {"main": _Line(work, address, tokens), "small": _Line(work, small_address, {})}
        return {step["name"]: lines[step.get("of", "main")].asked(step) for step in said["steps"]}


def write(noted: Mapping[str, Noted], path: Path = RECORDED) -> None:
    """Write what came back, with the commonest value of each header once; the same answers give the same bytes."""
    usual: dict[str, str | None] = {}
    for name in (*_VALUES, *_LISTS, *_PRESENT):
        usual[name] = Counter(answer["headers"].get(name) for answer in noted.values()).most_common(1)[0][0]
    answers = {}
    for step, answer in noted.items():
        headers = {name: answer["headers"].get(name) for name in usual}
        others = {name: value for name, value in headers.items() if value != usual[name]}
        answers[step] = {**answer, "headers": others}
    written = json.dumps({"usual headers": usual, "answers": answers}, ensure_ascii=False, indent=1)
    path.write_text(f"{written}\n", encoding="utf-8")


def read(path: Path = RECORDED) -> dict[str, Noted]:
    """Return what was written."""
    found = json.loads(path.read_text(encoding="utf-8"))
    usual = found["usual headers"]
    return {
        name: {**answer, "headers": {n: v for n, v in (usual | answer["headers"]).items() if v is not None}}
        for name, answer in found["answers"].items()
    }


class _Line:
    """Requests that are sent one after another to a server."""

    def __init__(self, work: Path, address: str, tokens: Mapping[str, str]) -> None:
        self._work = work
        self._address = urlsplit(address).netloc
        self._tokens = tokens
        self._kept: dict[str, str] = {}
        self._has_written = False

    def asked(self, step: Step) -> Noted:
        """Take a step, and return what came back."""
        answer, body = self._sent(step)
        for name, header in step.get("keep", {}).items():
            self._kept[name] = answer.headers.get(header, "")
        self._kept["now"] = answer.headers.get("X-Revision", self._kept.get("now", ""))
        self._has_written |= answer.status in (201, 204)
        lines = [] if step.get("grows") else _lines(step, answer, body)
        if len(lines) > _MOST_LINES:
            digest = hashlib.sha256("\n".join(lines).encode()).hexdigest()
            lines = [f"{len(lines)} lines, SHA-256 {digest}"]
        return {"status": answer.status, "headers": self._headers(answer), "body": lines}

    def _sent(self, step: Step) -> tuple[http.client.HTTPResponse, bytes]:
        method, path = step["ask"].split(" ", 1)
        if step.get("params"):
            path += "?" + urlencode({k: self._filled(v) for k, v in step["params"].items()}, doseq=True)
        headers, body = self._headed(step)
        with closing(http.client.HTTPConnection(self._address, timeout=30)) as connection:
            connection.putrequest(method, path, skip_accept_encoding=True)
            for name, value in headers.items():
                connection.putheader(name, value)
            if body is not None:
                connection.putheader("Content-Length", str(len(body)))
            connection.endheaders(body)
            answer = connection.getresponse()
            return answer, answer.read()

    def _headed(self, step: Step) -> tuple[dict[str, str], bytes | None]:
        """Return the headers and the body that a step sends."""
        headers, body = {name: str(self._filled(value)) for name, value in step.get("headers", {}).items()}, None
        if step.get("accept"):
            headers["Accept"] = step["accept"]
        if token := self._tokens.get(step.get("as", "")):
            headers["Authorization"] = f"Bearer {token}"
        if step.get("type"):
            headers["Content-Type"] = step["type"]
        if step.get("form"):
            headers["Content-Type"] = "application/x-www-form-urlencoded"
            body = urlencode(step["form"], doseq=True).encode()
        elif step.get("parts"):
            headers["Content-Type"] = "multipart/form-data; boundary=part"
            body = b"".join(self._part(*part) for part in step["parts"].items()) + b"--part--\r\n"
        elif step.get("lines"):
            count, text = step["lines"]["times"], step["lines"]["text"]
            body = "".join(text.replace("#", str(number), 1) + "\n" for number in range(count)).encode()
        elif step.get("file"):
            body = (self._work / step["file"]).read_bytes()
        elif step.get("body") is not None:
            body = step["body"].encode()
        return headers, body

    def _part(self, name: str, part: str | Mapping[str, str]) -> bytes:
        head = f'--part\r\nContent-Disposition: form-data; name="{name}"'
        if isinstance(part, str):
            return f"{head}\r\n\r\n{part}\r\n".encode()
        head += f'; filename="{part["file"]}"\r\nContent-Type: {part["type"]}\r\n\r\n'
        return head.encode() + (self._work / part["file"]).read_bytes() + b"\r\n"

    def _filled(self, value: str | list[str]) -> str | list[str]:
        return Template(value).safe_substitute(self._kept) if isinstance(value, str) else value

    def _headers(self, answer: http.client.HTTPResponse) -> dict[str, str]:
        found = {name: plain(value) for name in _VALUES if (value := answer.headers.get(name)) is not None}
        for name in _LISTS:
            if values := answer.headers.get_all(name):
                found[name] = ", ".join(sorted(_split(plain(", ".join(values)))))
        for name in _PRESENT:
            # within the second of a change no date holds yet, so whether there is one depends on the clock
            if answer.headers.get(name) is not None and not (name == "Last-Modified" and self._has_written):
                found[name] = "present"
        return found


def _split(value: str) -> list[str]:
    """Return the members of a list in a header; commas within quotes and angle brackets divide nothing."""
    members, closing = [""], ""
    for character in value:
        if character == "," and not closing:
            members.append("")
            continue
        if not closing:
            closing = {'"': '"', "<": ">"}.get(character, "")
        elif character == closing:
            closing = ""
        members[-1] += character
    return [member.strip() for member in members]


def _lines(step: Step, answer: http.client.HTTPResponse, body: bytes) -> list[str]:
    """Return the canonical lines of the body of an answer."""
    if body.startswith(b"\x1f\x8b"):  # the magic number of gzip
        body = gzip.decompress(body)
    media_type = answer.headers.get_content_type()
    return lines_of(step.get("kind", media_type) if 200 <= answer.status < 300 else media_type, body) if body else []


def _token(folder: DataFolder, person: str, role: str) -> str:
    tokens = Tokens(Database(folder.path))
    is_revoked = role == "revoked"
    made = tokens.create(person, Role("curator" if is_revoked else role))
    if is_revoked:
        tokens.revoke(person)
    return made


def _record() -> None:
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        graph = DataFolder(work / "graph")
        build(graph)
        write(replay(graph, work))


if __name__ == "__main__":
    _record()
