"""A result is filtered, counted and read back as the query gave it."""

from collections import Counter
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import Literal, NamedNode, QuerySolutions, Store

from kg.errors import BadValueError
from kg.rdf import namespaces as ns
from kg.rdf.rows import Row
from kg.rdf.vocabulary import XSD
from kg.results import ColumnType, ResultWriter, Selection
from kg.results.database import DamagedResultError, ResultDatabase, place_of
from tests.kg.results.support import database_of
from tests.kg.results.test_order import columns

LEEDS, LILLE = (NamedNode(f"{ns.PREFIXES['city']}{name}") for name in ("leeds", "lille"))
NAMES = {LEEDS.value: "Leeds", LILLE.value: "Lille in FLANDERS"}
ROWS: list[Row] = [
    (LEEDS, Literal("one")),
    (LILLE, Literal("Two")),
    (LEEDS, None),
    (LEEDS, Literal("one", language="en")),
    (None, Literal("two")),
]


@given(columns, st.integers(0, 5), st.integers(1, 5))
def test_rows_come_back_as_they_were_in_the_order_of_the_query(
    values: list[NamedNode | Literal | None], start: int, most: int
) -> None:
    rows = [(value, Literal(number)) for number, value in enumerate(values)]
    with database_of(["value", "n"], rows) as result:
        found = result.rows(Selection(), start, most)
    assert list(found.found.rows) == rows[start : start + most]
    assert (found.found.count, found.total) == (len(rows), len(rows))


def test_triples_and_directed_texts_come_back() -> None:
    answer = Store().query("""SELECT ?a ?b { BIND("x"@ar--rtl AS ?a) BIND(<<( <x:s> <x:p> "o"@en )>> AS ?b) }""")
    assert isinstance(answer, QuerySolutions)
    rows = [tuple(row) for row in answer]
    with database_of(["a", "b"], rows) as result:
        found = result.rows(Selection())
    assert list(found.found.rows) == rows
    table = found.as_table()["results"]["bindings"][0]
    assert (table["a"]["its:dir"], table["b"]["value"]["object"]["xml:lang"]) == ("rtl", "en")


@pytest.mark.parametrize(
    ("selection", "expected"),
    [
        (Selection(contains={"city": "flanders"}), [1]),
        (Selection(contains={"city": "city:l", "word": "TWO"}), [1]),
        (Selection(contains={"city": "%"}), []),
        (Selection(values={"city": ["city:leeds"]}), [0, 2, 3]),
        (Selection(values={"city": [LEEDS.value]}, contains={"word": "one"}), [0, 3]),
        (Selection(values={"city": [""]}), [4]),
        (Selection(values={"word": ["", "Two"]}), [1, 2]),
        (Selection(values={"word": ['"one"@en']}), [3]),
        (Selection(values={"word": ["one"]}), [0, 3]),
        (Selection(values={"word": ["' OR 1 --"]}), []),
        (Selection("word", descending=True, values={"city": ["city:leeds"]}), [0, 3, 2]),
    ],
)
def test_a_selection_has_the_rows_that_match(selection: Selection, expected: list[int]) -> None:
    with database_of(["city", "word"], ROWS, NAMES) as result:
        found = result.rows(selection)
    assert [ROWS.index(row) for row in found.found.rows] == expected
    assert (found.found.count, found.total, found.is_named) == (len(expected), len(ROWS), True)


def test_values_are_counted_over_all_rows_that_match_and_each_leads_to_its_rows() -> None:
    with database_of(["city", "word"], ROWS, NAMES) as result:
        whole = result.values("city", Selection(values={"city": ["city:lille"]}))
        assert [(one.text, one.count) for one in whole.values] == [("Leeds", 3), ("", 1), ("Lille in FLANDERS", 1)]
        some = result.values("word", Selection(contains={"city": "l"}), "ONE")
        assert (some.distinct, [(one.text, one.count) for one in some.values]) == (2, [("one", 1), ("one", 1)])
        for column in result.columns:
            for value in result.values(column, Selection()).values:
                assert result.rows(Selection(values={column: [value.key]})).found.count == value.count


@pytest.mark.drawn
def test_a_facet_of_20000_values_shows_50_and_counts_all() -> None:
    with database_of(["n"], [(Literal(number // 2),) for number in range(40_000)]) as result:
        values = result.values("n", Selection())
    assert (len(values.values), values.distinct, {one.count for one in values.values}) == (50, 20_000, {2})


def test_hidden_columns_are_left_out_and_unknown_ones_are_refused() -> None:
    with database_of(["city", "word"], ROWS) as result:
        found = result.rows(Selection("city", hidden=["city"]))
        assert (found.found.names, found.columns) == (("word",), ("city", "word"))
        for wrong in (Selection("citty"), Selection(contains={"citty": "a"}), Selection(hidden=["citty"])):
            with pytest.raises(BadValueError, match=r"no column 'citty'\. Did you mean 'city'"):
                result.rows(wrong)
        with pytest.raises(BadValueError, match="more than 2,000 characters"):
            result.rows(Selection(contains={"city": "a" * 2_001}))


def test_no_more_rows_are_taken_than_there_is_room(monkeypatch: pytest.MonkeyPatch) -> None:
    for bound, value, most in (("MOST_ROWS", 3, 3), ("MOST_BYTES", 4_000, 4)):
        monkeypatch.setattr(ResultWriter, bound, value)
        writer = ResultWriter(["text"])
        writer.take([(Literal("x" * 1_000 + str(number)),) for number in range(most + 1)])
        assert (len(writer), writer.is_whole) == (most, False)
        monkeypatch.undo()


@pytest.mark.parametrize("damage", [lambda whole: b"", lambda whole: whole[:3_000], lambda whole: b"x" * len(whole)])
def test_a_damaged_file_is_reported_as_such(damage: object, tmp_path: Path) -> None:
    writer = ResultWriter(["city", "word"])
    writer.take(ROWS)
    path = tmp_path / "damaged"
    path.write_bytes(damage(writer.as_bytes({})))  # type: ignore[operator]
    for place in (path, tmp_path / "gone"):
        with pytest.raises(DamagedResultError), ResultDatabase.open(place_of(place)) as result:
            result.rows(Selection())


def test_nothing_is_said_of_all_values_of_a_result_that_is_not_whole(tmp_path: Path) -> None:
    for most, kind in ((2, ColumnType.LITERAL), (1, "")):
        writer = ResultWriter(["n"])
        writer.take([(Literal(1),), (Literal(2),)], lambda taken, most=most: taken < most)
        (tmp_path / "result").write_bytes(writer.as_bytes({}))
        with ResultDatabase.open(place_of(tmp_path / "result")) as result:
            assert [one.kind for one in result.types(Selection())] == [kind]


TEXTS = st.text("abc", min_size=1, max_size=2)
CELLS = st.lists(st.lists(TEXTS, max_size=3, unique=True), max_size=8)


@given(CELLS, TEXTS)
def test_columns_of_several_values_are_counted_filtered_and_sorted_by_each(cells: list[list[str]], text: str) -> None:
    """By each value that a cell has, as a plain reading of the cells does it."""
    writer = ResultWriter(["n", "words"], ["words"])
    writer.take((Literal(n), tuple(map(Literal, words)) or None) for n, words in enumerate(cells))
    with ResultDatabase.open(place_of(writer.as_bytes({}))) as result:

        def numbers(selection: Selection) -> list[int]:
            return [int(row[0].value) for row in result.rows(selection).found.rows if isinstance(row[0], Literal)]

        def having(*wanted: str) -> list[int]:
            return [n for n, words in enumerate(cells) if any(word in wanted for word in words)]

        counts = {one.key: one.count for one in result.values("words", Selection()).values}
        assert counts == Counter(word for words in cells for word in words or [""])
        containing = result.values("words", Selection(), text)
        assert {one.key for one in containing.values} == {key for key in counts if text in key}
        assert numbers(Selection(values={"words": [text, "a"]})) == having(text, "a")
        assert numbers(Selection(values={"words": [""]})) == [n for n, words in enumerate(cells) if not words]
        found = [n for n, words in enumerate(cells) if any(text in word for word in words)]
        assert numbers(Selection(contains={"words": text})) == found
        assert numbers(Selection(sort="words")) == sorted(range(len(cells)), key=lambda n: sorted(cells[n]))
        assert result.types(Selection()) == [ColumnType("n", "literal", XSD.integer.value)] or not cells
