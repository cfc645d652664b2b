"""Mappings: what they say is read, and each fault is told with its line and the way out."""

import json

import jsonschema
import pytest

from kg.findings import RefusedSubmissionError
from kg.tables import TableMapping
from kg.tables.mapping import SCHEMA

TWINS = """rows: twinnings
city_a: {name: Stadt, language: de, country: {constant: DE}, new: no}
city_b:
  identifiers: {wikidata: Item}
  name: {en: Name, zh-Hans: 名称}
  kind: [city, district]
  new: city
since: {column: Jahr, precision: year}
status: {column: Stand, values: {besteht: current}}
"""


def faults(text: str | bytes) -> list[tuple[int | None, str]]:
    with pytest.raises(RefusedSubmissionError) as caught:
        TableMapping.read(text if isinstance(text, bytes) else text.encode(), "mine.yaml")
    assert all(found.message_zh and found.file == "mine.yaml" for found in caught.value.findings)
    return [(found.line, f"{found.message} {found.hint}") for found in caught.value.findings]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_a_mapping_is_read() -> None:
    read = TableMapping.read(TWINS.encode())
    assert read.things["city_a"].names["de"].column == "Stadt"
    assert read.things["city_a"].new == ""
    assert read.things["city_b"].kinds == ("city", "district")
    assert read.account_cells["status"].values == {"besteht": "current"}
    assert {cell.column for _, cell in read.fields()} == {"Stadt", "", "Item", "Name", "名称", "Jahr", "Stand"}


@pytest.mark.parametrize(
    "text",
    [
        TWINS,
        "# by Ann\ndecisions: {Lille: new}  # seen\n" + TWINS,
        TWINS + "decisions:\n  Lille: new\n\n# the end\n",
        "{rows: twinnings, city_a: {name: Stadt}, city_b: {name: Name}, decisions: {'1': city:leeds}}\n",
    ],
)
def test_decisions_are_added_and_the_rest_stays_as_it_is(text: str) -> None:
    before = TableMapping.read(text.encode())
    body = TableMapping.add_decisions(text.encode(), {"Springfield": "geonames:4409896", "2: x": "new"})
    after = TableMapping.read(body)
    assert after.decisions == {**before.decisions, "Springfield": "geonames:4409896", "2: x": "new"}
    assert [name for name, _ in after.fields()] == [name for name, _ in before.fields()]
    assert all(comment in body.decode() for comment in ("# by Ann", "# seen", "# the end") if comment in text)


@pytest.mark.parametrize("name", TableMapping.built_in())
def test_what_is_shipped_is_well_formed(name: str) -> None:
    assert TableMapping.load(name).rows


@pytest.mark.parametrize(
    ("wrong", "line", "words"),
    [
        (TWINS.replace("since:", "sinse:"), 8, "no field 'sinse' here. Did you mean 'since'?"),
        (TWINS.replace("  kind:", "  knid:"), 6, "no field 'knid' here. Did you mean 'kind'?"),
        (TWINS.replace("new: city", "new: town"), 7, "'town' is not allowed here. One of: no, polity, city"),
        (
            TWINS.replace("district]", "distric]"),
            6,
            "'distric' is not allowed here. Did you mean 'district'",
        ),
        (TWINS + "place: {name: x}\n", 10, "no field 'place' here"),
        (TWINS.replace("precision: year", "precision: years"), 8, "Did you mean 'year'?"),
        (TWINS.replace("zh-Hans", "Chinese simplified"), 5, "A language tag such as en"),
        (
            TWINS.replace("  identifiers: {wikidata: Item}\n", "").replace("  name: {en: Name, zh-Hans: 名称}\n", ""),
            3,
            "identifiers",
        ),
        (TWINS.replace("{wikidata:", "{wikidatta:"), 4, "Did you mean 'wikidata'?"),
        (TWINS + "role: member\n", 10, "no field 'role' here"),
        (TWINS + "since: Anfang\n", 10, "'since' is there twice"),
        (TWINS + "note: &a {column: x}\nuntil: *a\n", 10, "alias"),
        ("rows: twinnings\ncity_a: {name: a}\n", 1, "'city_b' is missing"),
        ("- rows\n", 1, "rows: twinnings"),
        ("rows: [\n", 2, "This is not YAML"),
        ("rows: \0\n", 1, "This is not YAML"),
        (b"rows: twinnings\nnote: \xff\n", 2, "Save it as UTF-8."),
        ("[" * 50_000, None, "nested too deep"),
        ("x" * 200_000, None, "more than 100,000 bytes"),
        ("", 1, "rows: twinnings"),
        ("rows: places\nplace: {name: {constant: x, column: y}}\n", 2, "A column by its name"),
        ("rows: places\nplace: {name: x, latitude: y}\n", 2, "longitude"),
    ],
)
@pytest.mark.drawn
def test_a_fault_is_told_with_its_line(wrong: str | bytes, line: int | None, words: str) -> None:
    (found, *more) = faults(wrong)
    assert found[0] == line
    assert words in found[1]
    assert not more


def test_all_faults_are_told_one_a_line() -> None:
    assert [line for line, _ in faults(TWINS.replace("since:", "sinse:").replace("kind:", "knid:"))] == [6, 8]
