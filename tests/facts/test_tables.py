"""The tables of the report keep each name as they print it, wherever they pair two cities or have "n.a." for one."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from kg.names.plain import plain
from kg.rdf import namespaces as ns

ROWS = """SELECT ?row (COUNT(DISTINCT ?party) AS ?parties) (SAMPLE(?printed) AS ?names) WHERE {
  ?row cd:statedIn passage:%s .
  { ?row cd:accountOf/cd:twin ?party } UNION { ?row cd:absentFor ?party }
  OPTIONAL {
    SELECT ?row (GROUP_CONCAT(?name; SEPARATOR="|") AS ?printed) WHERE { ?row cd:printedName ?name } GROUP BY ?row
  }
} GROUP BY ?row"""


@pytest.mark.parametrize(("table", "rows"), [("table-1", 13), ("table-2", 13), ("table-3", 12)])
def test_each_row_of_a_table_has_its_names_as_printed(store: Store, table: str, rows: int) -> None:
    found = list(store.query(ROWS % table, prefixes=ns.PREFIXES))
    assert len(found) == rows
    for row in found:
        names = row["names"].value.split("|") if row["names"] else []
        assert len(names) == int(row["parties"].value), row["row"]
        assert all(name.isupper() and plain(name) for name in names)
