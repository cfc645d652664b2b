"""Documents about things that are made before somebody asks: what a client gets, and that it asks no worker."""

from __future__ import annotations

import random
from contextlib import closing

import pytest
from flask.testing import FlaskClient

from kg.store import DataFolder
from kg.workers import BusyError
from server.app import create_app
from server.linked_data import warm_documents
from server.linked_data.warming import _thing_names
from server.service import Service
from tests.support.random_changes import RandomChanges
from tests.support.serving import ALONE

pytestmark = pytest.mark.drawn

ROOM = 10**9
LONDON = "/doc/city/london"
ADDRESSES = (f"{LONDON}.ttl", f"{LONDON}.ttl?page=1", "/id/city/london", "/linkset/city/london")
OTHERS = (
    f"{LONDON}.nt",
    f"{LONDON}.ttl?profile=concise",
    "/doc/city/London.ttl",
    "/doc/city/rome.ttl",
    "/id/city/London",
    f"{LONDON}.html",
    f"{LONDON}.html?view=turtle",
)


def exchanges(client: FlaskClient, *addresses: str) -> list[tuple[int, list[tuple[str, str]], bytes]]:
    """What is answered at addresses, with Turtle preferred."""
    answers = [client.get(address, headers={"Accept": "text/turtle"}) for address in addresses]
    return [(one.status_code, sorted(one.headers.items()), one.data) for one in answers]


def test_what_is_ready_is_answered_as_if_it_were_not_after_a_restart_and_asks_no_worker(small: DataFolder) -> None:
    asked_for = {}
    for is_ready in (False, True):
        app = create_app(small, ALONE)
        with closing(Service.of(app)) as service:
            asked_for[is_ready] = exchanges(app.test_client(), *ADDRESSES)
            assert (service.workers._pool is None) is is_ready
            asked_for[is_ready] += exchanges(app.test_client(), *OTHERS)
            made = [*warm_documents(app, ROOM)]
            assert made == ([made[-1]] if is_ready else [*range(len(made))])
    assert asked_for[True] == asked_for[False]
    assert [status for status, _, _ in asked_for[True]] == [200, 200, 303, 200, 200, 200, 301, 404, 301, 200, 200]


def test_while_workers_have_no_time_none_is_made_and_the_rest_later(
    small: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written(*asked: str) -> None:
        raise BusyError(1)

    app = create_app(small, ALONE)
    with closing(Service.of(app)) as service:
        monkeypatch.setattr(service.workers, "write", written)
        assert {*warm_documents(app, ROOM)} == {0}
        assert [*warm_documents(app, ROOM)] == [0]
        monkeypatch.undo()
        assert [*warm_documents(app, ROOM)][-1] > 1


def test_it_ends_once_another_revision_is_the_present_one(small: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    app = create_app(small, ALONE)
    with closing(Service.of(app)):
        making = warm_documents(app, ROOM)
        assert [next(making), next(making)] == [0, 1]
        with RandomChanges(small, random.Random(1)) as changes:
            changes.make(6)
        assert [*making] == []


def test_documents_of_the_report_come_first_and_no_kind_is_left_out(folder: DataFolder) -> None:
    app = create_app(folder, ALONE)
    with closing(Service.of(app)), app.test_request_context():
        listed = [*_thing_names()]
    assert {"city/leeds", "twinning/birmingham-guangzhou"} <= {*listed}
    assert {one.split("/")[0] for one in listed} >= {"account", "activity", "city", "passage", "finding"}
