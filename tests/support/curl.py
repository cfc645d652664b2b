"""Asking with the options of curl: by curl itself, or in this process, which takes a tenth of the time.

`tests/server/clients/test_curl.py` compares both.
"""

from __future__ import annotations

import http.client
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import closing, suppress
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote_plus, urljoin, urlsplit

from tests.support.http import SECONDS, Answer, Ask, fields

_FORM = "application/x-www-form-urlencoded"
_MOST_REDIRECTIONS = 5


def curl(*arguments: str) -> Answer:
    """Return what curl gets, the last answer where it follows redirections."""
    command = ["curl", "-sS", "-i", "--globoff", "--path-as-is", "--max-time", str(SECONDS), *arguments]
    ran = subprocess.run(command, capture_output=True, check=True)
    head, _, body = ran.stdout.partition(b"\r\n\r\n")
    while body.startswith(b"HTTP/1."):
        head, _, body = body.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    headers = fields((name, value) for name, _, value in (line.partition(": ") for line in lines))
    return Answer(int(first.split()[1]), headers, body)


def request(*arguments: str) -> Answer:
    """Return what curl would get with these options; a body is sent at once.

    It knows -X, -H, -d, --data, --data-binary, --data-urlencode, -F, -T, -G, -I, --head, -L and -m.
    Raises ValueError for others.
    """
    asked = _read(arguments)
    for _ in range(_MOST_REDIRECTIONS):
        answer = _sent(asked)
        if not ("-L" in asked.switches and "location" in answer.headers):
            break
        asked = _Request(urljoin(asked.url, answer.headers["location"]), asked.headers, switches={"-L"})
    return answer


def asker(address: str) -> Ask:
    """Return what asks a server for a path, with options of curl before it."""

    def asked(*arguments: str) -> Answer:
        *options, path = arguments
        return request(*options, address + path)

    return asked


@dataclass
class _Request:
    """What the options say."""

    url: str = ""
    headers: list[tuple[str, str]] = field(default_factory=list)
    method: str = ""
    data: list[bytes] = field(default_factory=list)
    parts: list[bytes] = field(default_factory=list)
    upload: bytes | None = None
    switches: set[str] = field(default_factory=set)
    seconds: float = SECONDS


def _read(arguments: tuple[str, ...]) -> _Request:
    asked, words = _Request(), iter(arguments)
    for word in words:
        match word:
            case "-X":
                asked.method = next(words)
            case "-H":
                name, _, value = next(words).partition(":")
                asked.headers.append((name, value.strip()))
            case "-d" | "--data" | "--data-binary":
                value = next(words)
                asked.data.append(Path(value[1:]).read_bytes() if value.startswith("@") else value.encode())
            case "--data-urlencode":
                name, _, value = next(words).partition("=")
                asked.data.append(f"{name}={quote_plus(value)}".encode())
            case "-F":
                asked.parts.append(_part(next(words)))
            case "-T":
                asked.method = asked.method or "PUT"
                asked.upload = Path(next(words)).read_bytes()
            case "-m":
                asked.seconds = float(next(words))
            case "-G" | "-I" | "--head" | "-L":
                asked.switches.add(word)
            case _ if word.startswith("-"):
                raise ValueError(f"{word} is not known: use curl itself")
            case _:
                asked.url = word
    return asked


def _part(field_: str) -> bytes:
    """Return a part of a form: name=value, or name=@file, either with ;type=… behind it."""
    name, _, rest = field_.partition("=")
    value, _, media_type = rest.partition(";type=")
    content = Path(value[1:]).read_bytes() if value.startswith("@") else value.encode()
    file = f'; filename="{Path(value).name}"' if value.startswith("@") else ""
    head = f'Content-Disposition: form-data; name="{name}"{file}\r\n'
    media_type = media_type or ("application/octet-stream" if file else "")
    head += f"Content-Type: {media_type}\r\n" if media_type else ""
    return f"{head}\r\n".encode() + content + b"\r\n"


def _sent(asked: _Request) -> Answer:
    place = urlsplit(asked.url)
    query, body, media_type = place.query, asked.upload, ""
    if asked.parts:
        boundary = secrets.token_hex(8)
        body = b"".join(f"--{boundary}\r\n".encode() + part for part in asked.parts) + f"--{boundary}--\r\n".encode()
        media_type = f"multipart/form-data; boundary={boundary}"
    elif "-G" in asked.switches:
        query = "&".join([*filter(None, [query]), *(data.decode() for data in asked.data)])
    elif asked.data:
        body, media_type = b"&".join(asked.data), _FORM
    method = asked.method or ("HEAD" if asked.switches & {"-I", "--head"} else "GET" if body is None else "POST")
    target = (place.path or "/") + (f"?{query}" if query else "")
    headers = [*_headers(asked, media_type)]
    is_chunked = ("transfer-encoding", "chunked") in ((name.lower(), value) for name, value in headers)
    with closing(http.client.HTTPConnection(place.netloc, timeout=asked.seconds)) as connection:
        has_host = any(name.lower() == "host" for name, _ in headers)
        connection.putrequest(method, target, skip_host=has_host, skip_accept_encoding=True)
        for name, value in headers:
            connection.putheader(name, value.encode())
        if body is not None and not is_chunked:
            connection.putheader("Content-Length", str(len(body)))
        with suppress(BrokenPipeError, ConnectionResetError):  # a refusal may come before all is sent
            connection.endheaders(body, encode_chunked=is_chunked)
        answer = connection.getresponse()
        found = fields((name, value.encode("latin-1").decode()) for name, value in answer.getheaders())
        return Answer(answer.status, found, answer.read())


def _headers(asked: _Request, media_type: str) -> Iterator[tuple[str, str]]:
    """Yield the headers that are sent: those of curl, but for what the options replace; an empty one is left out."""
    stated = {name.lower() for name, _ in asked.headers}
    usual = (("Accept", "*/*"), ("Content-Type", media_type))
    yield from ((name, value) for name, value in usual if value and name.lower() not in stated)
    yield from ((name, value) for name, value in asked.headers if value)
