"""While the service starts its port answers 503, and clients that come later are left to the service itself."""

from __future__ import annotations

import http.client
import json
import socket

import pytest

from server.starting import refusing_requests


@pytest.mark.parametrize("method", ["GET", "HEAD", "POST"])
def test_requests_are_refused_until_the_service_is_there(method: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as one, socket.create_server(("127.0.0.1", 0)) as other:
        with refusing_requests([one, other]):
            for listening in (one, other):
                asked = http.client.HTTPConnection(*listening.getsockname())
                asked.request(method, "/healthz", body=b"x" * 1000 if method == "POST" else None)
                answer = asked.getresponse()
                assert (answer.status, int(answer.headers["Retry-After"])) == (503, 5)
                content = answer.read()
                assert content == b"" if method == "HEAD" else json.loads(content)["title"] == "The service is starting"
                asked.close()
        later = socket.create_connection(one.getsockname())
        taken, _ = one.accept()
        for each in (later, taken):
            each.close()
