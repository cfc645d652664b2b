"""Tables: all forms give the same rows, and what is no table is refused with a sentence, its place and the way out."""

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.findings import RefusedSubmissionError
from kg.tables import read_table, table_file
from kg.tables.table import REASON, Table, TableLimits, parse_table

COLUMNS = ("a", "b")
ROWS = [("Köln", "1,5"), ('"Q"', "two\nlines"), ("北京", "")]


def texts(table: Table) -> list[tuple[str, ...]]:
    return [row.cells for row in table.rows]


def fault(body: bytes, file: str = "t.csv", limits: TableLimits | None = None) -> tuple[int | None, str]:
    with pytest.raises(RefusedSubmissionError) as caught:
        parse_table(body, file, limits or TableLimits())
    (found,) = caught.value.findings
    assert found.message_zh
    return found.line, f"{found.message} {found.hint}"


def sparql(rows: list[dict[str, str]]) -> bytes:
    bindings = [{name: {"type": "literal", "value": value} for name, value in row.items()} for row in rows]
    return json.dumps({"head": {"vars": ["a", "b"]}, "results": {"bindings": bindings}}).encode()


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_csv_is_read_with_any_delimiter(delimiter: str, mark: bytes, newline: str) -> None:
    lines = [
        delimiter.join(('"a"', "b")),
        delimiter.join(("Köln", '"1,5"')),
        "",
        delimiter.join(('"""Q"""', '"two\nlines"')),
    ]
    table = parse_table(mark + newline.join([*lines, f"北京{delimiter}"]).encode(), "t.csv")
    assert table.columns == COLUMNS
    assert texts(table) == ROWS
    assert [row.place for row in table.rows] == ["line 2", "line 4", "line 6"]


def test_the_answer_to_a_query_is_read() -> None:
    table = parse_table(sparql([{"a": "Köln", "b": "1,5"}, {"a": '"Q"', "b": "two\nlines"}, {"a": "北京"}]), "t.json")
    assert texts(table) == ROWS
    assert table.rows[2].place == "binding 3"


def test_features_are_read_with_their_positions() -> None:
    feature = {
        "type": "Feature",
        "id": 7,
        "properties": {"a": "Köln"},
        "geometry": {"type": "Point", "coordinates": [6.9, 50]},
    }
    other = {"type": "Feature", "properties": None, "geometry": None}
    table = parse_table(json.dumps({"type": "FeatureCollection", "features": [feature, other]}).encode(), "t.geojson")
    assert table.columns == ("a", "@longitude", "@latitude", "@id")
    assert texts(table) == [("Köln", "6.9", "50", "7"), ("", "", "", "")]


def test_json_is_read_as_the_world_publishes_it() -> None:
    leeds = {"name": "Leeds", "twins": ["Lille", "Brno"], "place": {"land": "GB", "at": [53.8, -1.5]}, "since": None}
    columns = ("name", "twins.0", "twins.1", "place.land", "place.at.0", "place.at.1", "since", "note")
    for data in ([leeds, {"note": 7}], {"meta": {"n": 2}, "data": {"members": [leeds, {"note": 7}]}}):
        table = parse_table(json.dumps(data).encode(), "t.json")
        assert table.columns == columns
        assert texts(table)[0] == ("Leeds", "Lille", "Brno", "GB", "53.8", "-1.5", "", "")
        assert table.rows[1].place == "entry 2"
        assert sorted(texts(written(table))[0]) == sorted((*texts(table)[0], "why, then?"))


def test_an_entry_of_an_array_that_is_no_object_is_a_row_with_a_fault() -> None:
    table = parse_table(b'[{"a": 1}, 7]', "t.json")
    assert [bool(row.fault) for row in table.rows] == [False, True]


def test_a_row_of_another_length_is_a_row_with_a_fault() -> None:
    table = parse_table(b"a,b,c,d,e\n1,2,3\n1,2,3,4,5\n1,2,3,4,5,6\n", "t.csv")
    assert [row.fault.message if row.fault else "" for row in table.rows] == [
        "The row has 3 cells, and the header 5.",
        "",
        "The row has 6 cells, and the header 5.",
    ]


def test_a_row_that_lacks_cells_does_not_fit_before_it_is_mended() -> None:
    again = written(parse_table(b"a,b,c,d,import_reason\n1,2\n1,2,3,4,old\n", "t.csv"))
    assert again.columns == ("a", "b", "c", "d", REASON)
    assert texts(again) == [("1", "2", "why, then?"), ("1", "2", "3", "4", "why, then?")]
    assert [bool(row.fault) for row in again.rows] == [True, False]


def test_an_entry_that_is_none_is_a_row_with_a_fault() -> None:
    features = [{"properties": {}, "geometry": {"type": "Point", "coordinates": [1]}}, 7, {"geometry": None}]
    table = parse_table(json.dumps({"type": "FeatureCollection", "features": features}).encode(), "t.geojson")
    assert [bool(row.fault) for row in table.rows] == [True, True, True]


@pytest.mark.parametrize(
    ("body", "file", "line", "words"),
    [
        ("a,b\nx,Köln\n".encode("windows-1252"), "t.csv", 2, "iconv -f windows-1252 -t utf-8 t.csv"),
        ("a,b\nx,北京\n".encode("gb18030"), "t.csv", 2, "iconv -f gb18030"),
        ("a,b\nx,y\n".encode("utf-16"), "t.csv", 1, "iconv -f UTF-16"),
        (b"a,b\nx,y\0\n", "t.csv", 2, "NUL"),
        (b'a,b\nx,y\n"open,z\n1,2\n', "t.csv", 3, "quotes"),
        (b'a,b\nx,y"z\n1,2\n3,"4"5\n', "t.csv", 4, "quotes"),
        (b"", "t.csv", 1, "empty"),
        (b"a,b,a\n", "t.csv", 1, "'a' is there twice"),
        (b"a,,b\n", "t.csv", 1, "Column 2 has no name"),
        (b",".join(b"%d" % at for at in range(600)), "t.csv", 1, "more than 500"),
        (b"{", "t.json", 1, "not JSON"),
        (b"[" * 100_000, "t.json", None, "nested too deep"),
        (b"[]", "t.json", None, "holds no rows"),
        (b"7", "t.json", None, "holds no rows"),
        (b'[["a", "b"]]', "t.json", None, "holds no rows"),
        (b'{"results": {"bindings": 7}}', "t.json", None, "holds no rows"),
        (b'{"a": [{"b": 1}], "c": {"d": [{"e": 1}]}}', "t.json", None, "several arrays: a, c.d"),
        (json.dumps([{str(at): at for at in range(600)}]).encode(), "t.json", None, "more than 500 columns"),
        (b"a,b\n", "t.xlsx", None, "Save the sheet as CSV"),
        (b"a,b\n", "t.doc", None, "Name the file"),
        (b"a,b\n", "t", None, "Name the file"),
    ],
)
def test_what_is_no_table_is_refused(body: bytes, file: str, line: int | None, words: str) -> None:
    found = fault(body, file)
    assert found[0] == line
    assert words in found[1]


def test_what_is_too_large_is_refused() -> None:
    assert "more than 1 rows" in fault(b"a,b\n1,2\n3,4\n", limits=TableLimits(rows=1))[1]
    assert "more than 1 rows" in fault(sparql([{"a": "1"}, {"a": "2"}]), "t.json", TableLimits(rows=1))[1]
    assert "more than 5 bytes" in fault(b"a,b\n1,2\n", limits=TableLimits(bytes=5))[1]


CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=8).map(str.strip)


@given(st.lists(st.tuples(CELL.filter(bool), CELL), min_size=1, max_size=5), st.sampled_from([",", ";", "\t", "json"]))
def test_what_is_written_again_is_the_same(rows: list[tuple[str, str]], form: str) -> None:
    if form == "json":
        table = parse_table(sparql([dict(zip(COLUMNS, row, strict=True)) for row in rows]), "t.json")
    else:
        quoted = [form.join('"' + cell.replace('"', '""') + '"' for cell in row) for row in (COLUMNS, *rows)]
        table = parse_table("\n".join(quoted).encode(), "t.csv")
    again = written(table)
    assert again.columns == (*COLUMNS, REASON)
    assert [cells[:2] for cells in texts(again)] == texts(table)
    assert texts(written(again)) == texts(again)


def written(table: Table, why: str = "why, then?") -> Table:
    text = io.StringIO(newline="")
    table.write(text, [(row, why) for row in table.rows])
    return parse_table(text.getvalue().encode(), table.file)


def test_a_packed_table_is_read_as_what_is_packed(tmp_path: Path) -> None:
    packed = tmp_path / "t.csv.gz"
    packed.write_bytes(gzip.compress(b"a,b\n1,2\n"))
    assert table_file(packed) == ("t.csv", b"a,b\n1,2\n")
    assert (read_table(packed).file, texts(read_table(packed))) == ("t.csv", [("1", "2")])


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"a,b\n1,2\n", "is not a gzip file"),
        (gzip.compress(b"a,b\n1,2\n")[:-9], "or it is incomplete"),
        (gzip.compress(b"a,b\n1,2\n")[:12] + b"x" * 20, "unpack it and name the table itself"),
        (gzip.compress(b"a,b\n" + b"1,2\n" * 100_000), "more than 5,000 bytes"),
    ],
    ids=["plain", "cut", "broken", "large"],
)
def test_what_is_badly_packed_or_too_large_unpacked_is_refused(tmp_path: Path, body: bytes, said: str) -> None:
    packed = tmp_path / "t.csv.gz"
    packed.write_bytes(body)
    with pytest.raises(RefusedSubmissionError) as caught:
        read_table(packed, TableLimits(bytes=5_000))
    (found,) = caught.value.findings
    assert said in f"{found.message} {found.hint}"
    assert found.message_zh
