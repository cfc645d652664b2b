"""The text of a canned query stands by itself: other engines read it, and grlc finds what it needs."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from pyoxigraph import QuerySolutions, Store
from rdflib.plugins.sparql.algebra import translateQuery
from rdflib.plugins.sparql.parser import parseQuery

from kg.queries.catalogue import CannedQuery, canned_queries
from kg.queries.question import Question
from kg.sparql.evaluation import execute
from tests.support.tiers import by_tier, fresh_random

QUERIES = canned_queries()
FILES = sorted(Path(__file__).parents[3].glob("queries/*/*.rq"))

every_query = pytest.mark.parametrize("query", QUERIES.values(), ids=QUERIES)


def written(query: CannedQuery) -> str:
    return Question(query, {p.name: p.example for p in query.parameters}).text()


def as_grlc_reads(text: str) -> dict[str, object]:
    """Decorators are the lines at the beginning that start with #+ (grlc wiki, Query decorators)."""
    lines = text.split("\n")
    header = [line.lstrip("#+") for line in lines if line.startswith("#+")]
    assert lines[: len(header)] == [line for line in lines if line.startswith("#+")]
    read = yaml.safe_load("\n".join(header))
    assert isinstance(read, dict)
    return read


@every_query
def test_it_needs_no_prefixes_of_ours_and_answers_the_same(store: Store, query: CannedQuery) -> None:
    alone, file = store.query(written(query)), execute.run(store, query.text)
    assert isinstance(alone, QuerySolutions)
    assert isinstance(file, QuerySolutions)
    assert list(map(str, alone)) == list(map(str, file))


@every_query
def test_grlc_finds_what_it_needs(query: CannedQuery) -> None:
    text = written(query)
    read = as_grlc_reads(text)
    assert read["summary"] == query.summary
    assert read["tags"] == list(query.tags)
    assert read["method"] == "GET"
    assert str(read["endpoint"]).startswith("https://")


@pytest.mark.scaled
def test_rdflib_reads_it() -> None:
    queries = [*QUERIES.values()]
    for query in fresh_random("queries that rdflib reads").sample(queries, by_tier(15, len(queries), len(queries))):
        assert translateQuery(parseQuery(written(query))).algebra.name == "SelectQuery", query.name


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_the_header_of_each_file_is_readable_by_grlc(path: Path) -> None:
    read = as_grlc_reads(path.read_text(encoding="utf-8"))
    assert isinstance(read["summary"], str)
    assert isinstance(read["description"], str)
    assert isinstance(read["tags"], list)


@every_query
def test_it_declares_no_prefix_that_it_does_not_use(query: CannedQuery) -> None:
    head, _, body = written(query).partition("SELECT")
    declared = [line.split()[1] for line in head.splitlines() if line.startswith("PREFIX")]
    assert declared
    assert all(prefix in body for prefix in declared)
