"""The health of the canned queries: all are well on the real graph, and each kind of fault is seen."""

from __future__ import annotations

from dataclasses import replace

import pytest
from pyoxigraph import Store

from kg import query_health
from kg.catalogue import canned_queries

QUERY = canned_queries()["twins-of-a-city"]


def test_all_queries_are_well(store: Store) -> None:
    found = query_health.findings(store)
    assert [finding.name for finding in found] == list(canned_queries())
    assert all(finding.rows > 0 and finding.faults == () for finding in found)


@pytest.mark.parametrize(
    ("text", "columns", "fault"),
    [
        (QUERY.text, {**QUERY.columns, "mayor": "its mayor"}, "The column mayor is explained, and missing."),
        (QUERY.text, {"twin": "the twin"}, "The column country is not explained."),
        (QUERY.text.replace("city:london", "city:nowhere"), QUERY.columns, "There are no rows."),
        (QUERY.text + "}", QUERY.columns, "not SPARQL"),
        ("ASK { }", {}, "no table"),
    ],
)
def test_a_fault_is_seen(store: Store, text: str, columns: dict[str, str], fault: str) -> None:
    found = query_health.finding(store, replace(QUERY, text=text, columns=columns))
    assert any(fault in said for said in found.faults)


def test_over_an_empty_graph_none_is_well() -> None:
    assert not any(finding.rows and not finding.faults for finding in query_health.findings(Store()))
