"""The table of replaced terms has all of them, and its queries find what the old terms find."""

from __future__ import annotations

import pytest
from pyoxigraph import Store

from kg.rdf import namespaces as ns
from tests.docs.replaced_terms import Row, rows
from tests.support.turtle import PREFIXES


def found(store: Store, where: str, *variables: str) -> set[tuple[str, ...]]:
    names = " ".join(f"?{name}" for name in variables)
    answer = store.query(f"{PREFIXES} SELECT DISTINCT {names} WHERE {{ {where} }}")
    return {tuple(str(row[name]) for name in variables) for row in answer}  # type: ignore[union-attr]


def lost(store: Store, row: Row) -> set[tuple[str, ...]]:
    """Return what the old term of a row finds and its query does not."""
    old = {
        "class": f"?{row.subject} a {row.term}",
        "property": f"?{row.subject} {row.term} ?{row.value}",
        "concept": f"?{row.subject} ?property {row.term} FILTER (STRSTARTS(STR(?property), STR(cd:)))",
    }
    kind = "concept" if not row.term.startswith("cd:") else "class" if row.term[3].isupper() else "property"
    variables = [row.subject, *([row.value] if row.value else [])]
    return found(store, old[kind], *variables) - found(store, row.query, *variables)


@pytest.mark.drawn
def test_the_query_of_a_row_finds_all_that_the_old_term_finds(store: Store) -> None:
    table = rows()
    assert table
    assert [row.term for row in table if not (row.query and ns.expand(row.term))] == []
    assert {row.term: missed for row in table if (missed := lost(store, row))} == {}
