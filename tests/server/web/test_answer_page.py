"""The table of an answer as a page shows it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from kg.queries import CannedQuery, Question, find_query
from kg.rdf.rows import FirstRows
from kg.sparql.evaluation import run
from server.web import AnswerPage
from server.web.answer_page import _is_shown, identifying_column


@pytest.mark.parametrize(
    ("query", "stays"),
    [
        ("ties", "from"),  # after the kind
        ("absences", "passage"),  # after its place in the reading order
        ("ties-of-one-work", "tie"),  # after the work
        ("functions-by-activity", "activity"),  # after one of five functions
        ("twinnings-by-standing", "city"),  # after one of two standings, and whether it is stated
        ("twins-of-a-city", "twin"),
        ("what-is-said", "source"),  # though what it says is different in each row
        ("printed-names", "printed"),  # a text
        ("chronology", "begin"),  # no name is near
    ],
)
def test_the_column_stays_in_view_by_which_rows_are_known_apart(
    query: str, stays: str, store_for: Callable[[CannedQuery], Store]
) -> None:
    asked = Question(find_query(query)).example()
    answer = run(store_for(asked.query), asked.text_with_values())
    assert isinstance(answer, QuerySolutions)
    names = tuple(variable.value for variable in answer.variables)
    rows = [tuple(row) for row in answer]
    shown = [place for place, name in enumerate(names) if _is_shown(name, place, names)]
    assert names[shown[identifying_column([[row[place] for row in rows] for place in shown[:3]])]] == stays


def test_of_columns_without_names_the_first_stays() -> None:
    numbers = [Literal(1), Literal(2)]
    assert identifying_column([numbers, numbers]) == 0
    assert identifying_column([[None], [NamedNode("urn:a")]]) == 1
    assert identifying_column([]) == 0


def test_an_empty_cell_says_that_it_is_not_known_in_a_column_in_which_that_is_what_it_means() -> None:
    page = AnswerPage(unknown=("country",))
    found = FirstRows(("n", "country", "end"), ((Literal("a"), None, None), (Literal("b"), Literal("Peru"), None)), 2)
    table = page._table(found)
    assert [[cell.value.text for cell in row] for row in table.rows] == [["a", "not known", ""], ["b", "Peru", ""]]
