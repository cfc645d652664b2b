"""A source of curators is known at sight beside the passages of works, in every canned query that names sources."""

from __future__ import annotations

import re

import pytest
from pyoxigraph import Quad, Store

from kg.ask import search
from kg.queries import CannedQuery, canned_queries
from kg.queries.catalogue import queries_by_path
from kg.rdf.labels import display_names
from kg.rdf.namespaces import expand
from kg.sparql.evaluation import select
from tests.kg.submissions.checks.test_run import submission
from tests.support.stores import copied

GIVEN = """
source:list a cd:Source ; skos:prefLabel "List"@en .
twinning:anshan-york a cd:Twinning ; skos:prefLabel "Twinning of Anshan and York"@en ; cd:twin city:anshan , city:york .
account:list--anshan-york a cd:Account ; cd:accountOf twinning:anshan-york ; cd:statedIn source:list .
"""
NAMING = re.compile(r"\?(?:source|statedIn) (?:a cd:Source ; )?skos:prefLabel")


@pytest.fixture(scope="module")
def curated(store: Store) -> Store:
    """The real graph with a twinning that a source of curators states."""
    grown = copied(store)
    for quad in submission(GIVEN).change.added:
        grown.extend([quad, Quad(*quad.triple)])
    return grown


def naming() -> list[CannedQuery]:
    """The canned queries, also those in no list, that print the label of whatever states something."""
    return [query for query in queries_by_path().values() if NAMING.search(query.text)]


def test_queries_that_print_the_label_of_a_source_mark_those_of_curators() -> None:
    assert len(naming()) >= 11
    unmarked = [query.name for query in naming() if '" (curated)"' not in query.text]
    assert unmarked == []


def test_a_curated_source_stands_in_an_answer_as_one(curated: Store) -> None:
    query = canned_queries()["twins-of-a-city"].text.replace("city:london", "city:york")
    rows = {row["twinning"].value: row["statedIn"].value for row in select(curated, query)}
    assert rows[expand("twinning:anshan-york") or ""] == "List (curated)"
    assert all("(curated)" not in stated for twinning, stated in rows.items() if "anshan" not in twinning)


def test_pages_and_tables_call_it_so_as_well(curated: Store) -> None:
    names = {"source:list": "List (curated)", "passage:table-1": "Table 1", "source:geonames": "GeoNames"}
    iris = {expand(name) or "": text for name, text in names.items()}
    assert display_names(curated, iris) == iris


@pytest.mark.drawn
def test_a_search_finds_it_so_as_well(curated: Store) -> None:
    found = {one["iri"]: one["label"]["text"] for one in search(curated, "list", "", "1")["results"]}
    assert found[expand("source:list") or ""] == "List (curated)"
    assert all("(curated)" not in name for iri, name in found.items() if iri != expand("source:list"))
