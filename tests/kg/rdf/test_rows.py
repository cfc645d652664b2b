"""The first rows of an answer, and how they get from one process to another."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import BlankNode, Literal, NamedNode, QuerySolutions, Store

from kg.rdf.lookup import Term
from kg.rdf.rows import FirstRows

XSD = "http://www.w3.org/2001/XMLSchema#"
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
TERMS = st.none() | st.one_of(
    TEXTS.map(Literal),
    TEXTS.map(lambda text: Literal(text, language="zh-Hans")),
    TEXTS.map(lambda text: Literal(text, datatype=NamedNode(XSD + "gYear"))),
    st.sampled_from([NamedNode("http://a/b"), NamedNode("http://a/北京"), BlankNode("b0")]),
)


@given(st.integers(1, 4).flatmap(lambda width: st.lists(st.tuples(*[TERMS] * width))))
def test_rows_arrive_as_they_were(rows: list[tuple[Term | None, ...]]) -> None:
    names = tuple(f"v{place}" for place in range(len(rows[0]) if rows else 1))
    sent = FirstRows(names, tuple(rows), len(rows))
    assert FirstRows.from_json(sent.as_json()) == sent


@pytest.mark.parametrize(
    ("query", "names", "count", "truth"),
    [
        ("SELECT ?x { VALUES ?x { 1 2 3 } }", ("x",), 3, None),
        ("SELECT * {}", (), 1, None),
        ("ASK {}", (), 0, True),
        ("ASK { ?s ?p ?o }", (), 0, False),
        ("CONSTRUCT { <x:a> <x:b> ?x } { VALUES ?x { 1 2 } }", ("subject", "predicate", "object"), 2, None),
    ],
)
def test_every_form_of_a_query_has_rows_or_a_truth(
    query: str, names: tuple[str, ...], count: int, truth: object
) -> None:
    found = FirstRows.of(Store().query(query))
    assert (found.names, found.count, len(found.rows), found.truth) == (names, count, count, truth)
    assert FirstRows.from_json(found.as_json()) == found


def numbers(count: int) -> QuerySolutions:
    values = " ".join(map(str, range(count)))
    answer = Store().query(f"SELECT ?x {{ VALUES ?x {{ {values} }} }}")
    assert isinstance(answer, QuerySolutions)
    return answer


def test_all_rows_are_counted_and_the_first_are_kept() -> None:
    found = FirstRows.of(numbers(FirstRows.MOST + 5))
    assert (len(found.rows), found.count, found.is_complete) == (FirstRows.MOST, FirstRows.MOST + 5, True)


def test_counting_ends_where_it_has_to() -> None:
    found = FirstRows.of(numbers(FirstRows.MOST + 5), lambda count: count < FirstRows.MOST + 2)
    assert (len(found.rows), found.count, found.is_complete) == (FirstRows.MOST, FirstRows.MOST + 2, False)


def test_a_long_literal_is_cut_and_keeps_its_language() -> None:
    answer = Store().query(f"SELECT ?x {{ VALUES ?x {{ '{'a' * 5_000}'@en }} }}")
    cut = FirstRows.of(answer).rows[0][0]  # type: ignore[arg-type]
    assert isinstance(cut, Literal)
    assert (len(cut.value), cut.value[-1], cut.language) == (FirstRows.LONGEST, "…", "en")
