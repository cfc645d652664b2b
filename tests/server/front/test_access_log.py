"""What an operator reads: one line for each request and each message, of the same form whatever it is about."""

from __future__ import annotations

import io
import json
import logging

import pytest

from kg.store import DataFolder
from server.dataset import status
from server.front import AccessLog
from tests.support.http import send
from tests.support.serving import Serving


class _FullDisk(io.StringIO):
    def write(self, text: str) -> int:
        raise OSError(28, "No space left on device")


def test_a_fault_is_a_line_of_the_log_with_its_traceback_and_the_request(
    folder: DataFolder,
    serving_folder: Serving,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    def fails(*of: object) -> bytes:
        raise LookupError("a fault\nof ours")

    told: list[tuple[str, str]] = []
    monkeypatch.setattr(
        AccessLog, "write_message", lambda log, message, request_id="": told.append((message, request_id))
    )
    monkeypatch.setattr(status, "exposition", fails)
    with serving_folder(folder) as address:
        answer = send(address, "/metrics")
    assert answer.status == 500
    ((message, request_id),) = {*told}  # a set, since another service of the tests may run in this process
    assert message.startswith("Exception on /metrics [GET]\nTraceback")
    assert message.endswith("LookupError: a fault\nof ours")
    assert request_id == answer.headers["x-request-id"]
    assert request_id in answer.members["hint"]
    assert capfd.readouterr().err == ""


def test_what_loggers_get_is_written_as_long_as_it_is_taken() -> None:
    stream = io.StringIO()
    log, logger = AccessLog("json", stream), logging.getLogger("test.of.a.part")
    with log.capturing("test"):
        logger.error("It is %s.", "broken", extra={"request_id": "7"})
    (line,) = map(json.loads, stream.getvalue().splitlines())
    assert (line["message"], line["request_id"]) == ("It is broken.", "7")
    assert not logging.getLogger("test").handlers


@pytest.mark.parametrize("log_format", ["text", "json", "none"])
def test_no_message_passes_for_a_line_or_colours_a_terminal(log_format: str) -> None:
    stream = io.StringIO()
    AccessLog(log_format, stream).write_message("It broke:\n2026-01-01T00:00:00Z 200 GET / \x1b[31m", "7")
    first, *others = stream.getvalue().splitlines()
    if log_format == "text":
        assert first.endswith("Z 7 It broke:")
        assert others == ["    2026-01-01T00:00:00Z 200 GET / \\x1b[31m"]
    else:
        assert (json.loads(first)["request_id"], others) == ("7", [])


def test_a_log_that_cannot_be_written_stops_nobody() -> None:
    AccessLog("json", _FullDisk()).write_message("The disk is full.")
