"""What the editors add is written for readers: a passage is called by its name, and not by the end of its address."""

from __future__ import annotations

from pyoxigraph import Store

from kg.rdf import namespaces as ns

BY_KEY = """SELECT ?thing ?text WHERE {
  ?thing cd:reason|cd:explanation|cd:note ?text .
  FILTER (REGEX(?text, "(section|box|table|footnote|figure|map)-[0-9]", "i"))
}"""


def test_readings_call_a_passage_by_its_name(store: Store) -> None:
    assert [str(row["text"]) for row in store.query(BY_KEY, prefixes=ns.PREFIXES)] == []
