"""The table of an answer as a page shows it."""

from __future__ import annotations

from pyoxigraph import Literal

from kg.rdf.rows import Rows
from server.web import AnswerPage


def test_an_empty_cell_says_that_it_is_not_known_in_a_column_in_which_that_is_what_it_means() -> None:
    page = AnswerPage(unknown=("country",))
    found = Rows(("n", "country", "end"), ((Literal("a"), None, None), (Literal("b"), Literal("Peru"), None)), 2)
    table = page._table(found)
    assert [[cell.value.text for cell in row] for row in table.rows] == [["a", "not known", ""], ["b", "Peru", ""]]
