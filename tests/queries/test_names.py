"""Bodies of the world whose names are in no known language stand in answers like others."""

from __future__ import annotations

import re

import pytest
from pyoxigraph import NamedNode, QuerySolutions, Store

from kg.queries.catalogue import canned_queries
from kg.queries.question import Question
from kg.rdf.scopes import EVERYTHING
from kg.sparql.evaluation import run
from kg.store.data_folder import DataFolder

IN_ENGLISH = re.compile(r'FILTER \(LANG\(\?(\w+)\) = "en"\)')


@pytest.fixture(scope="module")
def everything(with_world: DataFolder) -> Store:
    return Store.read_only(str(with_world.snapshot_in(EVERYTHING, with_world.require_build())))


def things(store: Store, text: str) -> set[tuple[str, ...]]:
    """Return the things of each row of an answer."""
    answer = run(store, text)
    assert isinstance(answer, QuerySolutions)
    return {tuple(value.value for value in row if isinstance(value, NamedNode)) for row in answer}


WITHOUT_ROWS = {
    "most-twinned-cities",
    "map-of-countries",
    "ties-since-a-year",
}
"""Questions without rows in the small world: few twins of each body and country, no measures or dates."""
TEXTS = {name: Question(query, query.examples).text_with_values() for name, query in canned_queries().items()}


@pytest.mark.slow
@pytest.mark.parametrize("name", [name for name, text in TEXTS.items() if IN_ENGLISH.search(text)])
def test_no_row_is_lost_for_want_of_an_english_name(everything: Store, name: str) -> None:
    found = things(everything, TEXTS[name])
    assert (not found) == (name in WITHOUT_ROWS)
    in_any = IN_ENGLISH.sub(r'FILTER (LANG(?\1) IN ("en", "und"))', TEXTS[name])
    assert len(things(everything, in_any)) == len(found)


def test_twins_without_an_english_name_are_listed_by_the_one_that_they_have(everything: Store) -> None:
    query = canned_queries()["twins-of-a-city"]
    answer = run(everything, Question(query, {"thing": "city:leeds"}).text_with_values())
    assert isinstance(answer, QuerySolutions)
    assert {"Siegen", "Brno"} <= {row["label"].value for row in answer}
