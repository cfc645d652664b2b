"""Last-Modified and If-Modified-Since (RFC 9110, sections 8.8.2 and 13.1.3)."""

from __future__ import annotations

import shutil
import time
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import NamedNode, Quad

from kg.curation.gate import Draft, Gate
from kg.rdf import namespaces as ns
from kg.rdf.change import Change
from kg.rdf.vocabulary import SCHEMA
from kg.store.data_folder import DataFolder
from kg.submissions import Submission
from server.web import documents
from tests.support.http import Ask
from tests.support.serving import client as client_of

pytestmark = pytest.mark.drawn

PATHS = ("/doc/city/leeds.ttl", "/doc/city/leeds.html", "/ontology.ttl", "/dataset.ttl", "/dumps/report/table-1.nq")
LEEDS, CURATED = NamedNode(ns.ID + "city/leeds"), NamedNode(ns.GRAPH + "curated/test")
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


@pytest.fixture
def client(client: FlaskClient, monkeypatch: pytest.MonkeyPatch) -> FlaskClient:
    """A service that was started, and over a graph that was built, some time ago."""
    monkeypatch.setattr(documents, "_PROCESS_START", LONG_AGO)
    monkeypatch.setattr(documents, "_now", lambda: datetime.now(UTC) + timedelta(days=1))
    return client


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


@pytest.mark.parametrize(
    "path",
    [
        pytest.param("/dataset.ttl", marks=pytest.mark.slow),  # for its checksums everything is written again
        "/dumps/report/table-1.nq",
        "/doc/city/leeds.ttl",
    ],
)
def test_a_change_since_then_is_sent(
    with_ledger: Path, client: FlaskClient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    """A change upon a graph that was built an hour before."""
    shutil.copytree(with_ledger, tmp_path / "data")
    folder = DataFolder(tmp_path / "data")
    before = folder.current()
    assert before is not None
    an_hour_ago = (datetime.fromisoformat(before.built) - timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")
    current = folder.path / "current.json"
    current.write_text(current.read_text().replace(before.built, an_hour_ago), encoding="utf-8")
    quad = Quad(LEEDS, SCHEMA.sameAs, NamedNode("http://www.wikidata.org/entity/Q39121"), CURATED)
    draft = Draft(
        "0" * 32, "submit", Submission(Change.of([quad])), "A name", "http://example.org/", "Ann", acknowledged=True
    )
    with client_of(folder) as own:
        read = own.head(path).headers["Last-Modified"]
        assert own.get(path, headers={"If-Modified-Since": read}).status_code == 304
        with Gate(folder) as gate:
            gate.commit(draft)
        with own.get(path, headers={"If-Modified-Since": read}) as answer:
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
    monkeypatch.setattr(documents, "_PROCESS_START", modified + timedelta(hours=1))
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
    got = documents.unchanged_since([LONG_AGO, first], read)
    assert got is None or got <= read
    now = documents.unchanged_since([first, second], again)
    assert read == second or got is None or now is None or now > got
