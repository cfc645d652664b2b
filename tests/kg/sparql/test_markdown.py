"""The answer of a SELECT as a table in Markdown, read by a parser of Markdown that is not ours."""

from __future__ import annotations

from io import BytesIO

from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, QuerySolutions, Store, parse_query_results

from kg.sparql.evaluation.markdown import write_markdown

THING = NamedNode("http://a/b_(c)_*d*")
TEXTS = st.text(st.characters(exclude_categories=["C", "Z"]), max_size=20)


def table_of(text: str, called: str = "") -> list[list[str]]:
    """Return the cells of a table with a text, a thing that is called so, and nothing, as a parser has them."""
    answer = Store().query(f"SELECT ?text ?thing ?none {{ VALUES (?text ?thing) {{ ({Literal(text)} {THING}) }} }}")
    assert isinstance(answer, QuerySolutions)
    output = BytesIO()
    write_markdown(["text", "thing", "none"], answer, output, lambda iris: dict.fromkeys(iris, called))
    tokens = MarkdownIt("commonmark").enable("table").parse(output.getvalue().decode())
    cells = [
        "".join("\n" if one.type == "html_inline" else one.content for one in token.children or ())
        for token in tokens
        if token.type == "inline"
    ]
    return [cells[place : place + 3] for place in range(0, len(cells), 3)]


@given(TEXTS, TEXTS)
@example("a|b\\|c `d` *e* _f_ <b>g</b> &amp; [h](i)", "$x$ ~~y~~")
@example("\\", "|")
@example("| --- |", "")
def test_every_text_is_shown_as_it_is(text: str, name: str) -> None:
    assert table_of(text, name) == [["text", "thing", "none"], [text, name, ""]]


def test_lines_of_a_text_stay_in_its_row() -> None:
    assert table_of("a\r\nb\nc")[1:] == [["a\nb\nc", "", ""]]


def test_a_link_leads_to_the_thing_and_numbers_stand_right() -> None:
    table = b"?i\t?n\t?m\n<http://a/(b>\t1\t1\n<http://a/c>\t2\t<http://a/c>\n"
    answer = parse_query_results(table, QueryResultsFormat.TSV)
    assert isinstance(answer, QuerySolutions)
    output = BytesIO()
    write_markdown(["i", "n", "m"], answer, output)
    html = MarkdownIt("commonmark").enable("table").render(output.getvalue().decode())
    assert '<a href="http://a/(b">' in html
    assert '<th style="text-align:right">n</th>' in html
    assert "<th>m</th>" in html
    assert '<a href="http://a/c">' in html
