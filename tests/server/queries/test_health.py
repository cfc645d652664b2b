"""The health of the canned queries: all are well on the real graph, and each kind of fault is seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kg.queries.catalogue import canned_queries
from kg.store.data_folder import DataFolder
from server.queries import health
from tests.support.serving import client as client_of

pytestmark = pytest.mark.drawn

QUERY = canned_queries()["twins-of-a-city"]


@pytest.fixture
def asked(folder: DataFolder) -> Iterator[None]:
    """A request that reads the real graph."""
    yield from asking(folder)


def asking(folder: DataFolder) -> Iterator[None]:
    with client_of(folder) as client, client.application.test_request_context("/"):
        yield


@pytest.mark.usefixtures("asked")
def test_all_queries_are_well() -> None:
    found = health.check_all(Path("now"))
    assert [one.name for one in found] == list(canned_queries())
    assert all(one.lacking or (one.rows > 0 and one.faults == ()) for one in found)


@pytest.mark.parametrize(
    ("text", "columns", "fault"),
    [
        (QUERY.text, {**QUERY.columns, "mayor": "its mayor"}, "The column mayor is explained, and missing."),
        (QUERY.text, {"twin": "the twin"}, "The column country is not explained."),
        (QUERY.text.replace("city:london", "city:nowhere"), QUERY.columns, "There are no rows."),
        (QUERY.text + "}", QUERY.columns, "not SPARQL"),
        ("ASK { }", {}, "not a table"),
    ],
)
@pytest.mark.usefixtures("asked")
def test_a_fault_is_seen(text: str, columns: dict[str, str], fault: str) -> None:
    found = health.check_query(replace(QUERY, text=text, columns=columns))
    assert any(fault in said for said in found.faults)


def test_over_an_empty_graph_only_what_is_known_is_well(tmp_path: Path) -> None:
    """It answers that each tie is open, which is so where nothing is stated."""
    empty = DataFolder(tmp_path)
    with empty.lock():
        empty.write([], "0" * 64, "", (0, 0))
    for _ in asking(empty):
        well = [one.name for one in health.check_all(Path("empty")) if one.rows and not one.faults]
        assert well == ["what-is-known"]
