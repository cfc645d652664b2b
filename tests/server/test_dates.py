"""Last-Modified and If-Modified-Since (RFC 9110, sections 8.8.2 and 13.1.3)."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st

from kg.snapshots import DataFolder
from server import dates
from server.app import create_app

Ask = Callable[..., Any]

PATHS = ("/doc/city/leeds.ttl", "/doc/city/leeds.html", "/ontology.ttl", "/dataset.ttl", "/dumps/all.nq")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def client(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A service that was started, and over a graph that was built, some time ago."""
    monkeypatch.setattr(dates, "_STARTED", LONG_AGO)
    monkeypatch.setattr(dates, "_now", lambda: datetime.now(UTC) + timedelta(days=1))
    return create_app(folder).test_client()


def since(moment: datetime) -> dict[str, str]:
    return {"If-Modified-Since": format_datetime(moment, usegmt=True)}


@pytest.mark.parametrize("path", PATHS)
def test_who_has_it_from_after_the_build_gets_304_and_who_has_an_older_one_gets_it(
    client: FlaskClient, folder: DataFolder, path: str
) -> None:
    build = folder.current()
    assert build is not None
    modified = parsedate_to_datetime(client.head(path).headers["Last-Modified"])
    assert modified == datetime.fromisoformat(build.built) + timedelta(seconds=1)
    for later in (modified, modified + timedelta(days=1)):
        kept = client.get(path, headers=since(later))
        assert (kept.status_code, kept.data) == (304, b"")
    for earlier in (modified - timedelta(seconds=1), LONG_AGO):
        with client.get(path, headers=since(earlier)) as answer:
            assert answer.status_code == 200


@pytest.mark.parametrize("path", PATHS)
def test_the_tag_goes_before_the_date(client: FlaskClient, path: str) -> None:
    head = client.head(path)
    tag, modified = head.headers["ETag"], parsedate_to_datetime(head.headers["Last-Modified"])
    assert client.get(path, headers={**since(LONG_AGO), "If-None-Match": tag}).status_code == 304
    with client.get(path, headers={**since(modified), "If-None-Match": '"other"'}) as answer:
        assert answer.status_code == 200


def test_a_program_that_was_started_after_the_build_may_write_other_bytes(
    folder: DataFolder, client: FlaskClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    modified = parsedate_to_datetime(client.head(PATHS[0]).headers["Last-Modified"])
    monkeypatch.setattr(dates, "_STARTED", modified + timedelta(hours=1))
    assert client.get(PATHS[0], headers=since(modified)).status_code == 200


def test_the_running_server_answers_to_the_date(ask: Ask) -> None:
    condition = "If-Modified-Since: Wed, 01 Jan 2020 00:00:00 GMT"
    while "last-modified" not in (answer := ask("-H", condition, PATHS[0])).headers:
        time.sleep(0.2)  # no date is known within the second of the start
    assert answer.status == 200
    modified = answer.headers["last-modified"]
    assert parsedate_to_datetime(modified) <= parsedate_to_datetime(answer.headers["date"])
    assert ask("-H", f"If-Modified-Since: {modified}", PATHS[0]).status == 304


MOMENTS = st.datetimes(min_value=datetime(2026, 1, 1), max_value=datetime(2026, 1, 1, 0, 0, 5), timezones=st.just(UTC))


@given(MOMENTS, MOMENTS, MOMENTS, MOMENTS)
def test_nobody_is_told_to_keep_what_has_changed(a: datetime, b: datetime, c: datetime, d: datetime) -> None:
    """Changes at two moments, read between them and after them, however close these are."""
    first, read, second, again = sorted((a, b, c, d))
    got = dates.unchanged_since([LONG_AGO, first], read)
    assert got is None or got <= read
    now = dates.unchanged_since([first, second], again)
    assert read == second or got is None or now is None or now > got
