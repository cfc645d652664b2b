"""Works from tables: slips are told at their cells, all at once; what can be derived need not be written."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from pyoxigraph import Literal, NamedNode, Quad

from kg.building import build, check_build, sources
from kg.cli.main import cli
from kg.errors import CityKgError, NotConformingError
from kg.findings import RefusedSubmissionError
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, DCTERMS, GEO, RDF, SKOS
from kg.store import DataFolder
from kg.tables.works import WORK_TABLES

pytestmark = pytest.mark.drawn

ROOT = Path(__file__).parents[3]
HARBOURS = ROOT / "tests" / "kg" / "building" / "harbours"
SLIPS = [
    ("twinnings", "Bristol;Hannover", "Bristol;Hanover", "3:14", "'Hanover' is not the name of a city"),
    ("twinnings", "Bristol;1984", "Bristol;84", "4:20", "'84' is not a date"),
    ("twinnings", "2001;current", "2001;curent", "5:29", "'curent' is not a concept of tie-status"),
    ("twinnings", "list;Cardiff;Stuttgart", "lists;Cardiff;Stuttgart", "6:1", "'lists' is not a passage of this work"),
    ("twinnings", "Cardiff;Xiamen", "Cardiff;Cardiff", "7:14", "Both parties are the same"),
    ("twinnings", "Southampton;Le Havre", "Southampton;Qingdao", "10:6", "twinnings.csv:9 states the same"),
    ("twinnings", ";Duisburg;1950;current;", ";Duisburg;1950", "12:26", "The row has 4 cells, and the header 6"),
    ("memberships", "Barcelona,Eurocities,founder", "Barcelona,Eurocities,", "3:31", "The cell is empty"),
    ("memberships", "Lyon,Eurocities", "Lyon,Euro cities club", "4:15", "'Euro cities club' is not the name of a"),
    (
        "places",
        "Lyon,FR,,,,Q456,",
        "Lyon,FR,,,,Q456,\nCardiff,GB,,,,,",
        "12:1",
        "The graph has city:cardiff “Cardiff” in Wales already",
    ),
    ("places", "Frankreich", "Frankland", "5:10", "'Frankland' is not the name of a country"),
    ("places", "-0.35912", "-235.9", "6:13", "49.18585, -235.9 is not a position"),
    ("places", "Q36433", "Lisbon", "7:36", "'Lisbon' is not an identifier of Wikidata"),
    ("statistics", "list,11", "list,11x", "2:6", "'11x' is not a number"),
    (
        "statistics",
        ",Visit of citizens of Bristol to Hannover in 1947,",
        ",,",
        "3:57",
        "The cell is empty",
    ),
    ("activities", ",mission,", ",voyage,", "2:50", "'voyage' is not a concept of activity-kind"),
    ("absences", "passage,absent_for", "passage,absent_from", "1:9", "There is no column 'absent_from'"),
    ("networks", ",networks,regional", ",,regional", "2:36", "No passage states it"),
]
"""A table, a cell, the same with a slip, its place, and what is said of it."""


@pytest.fixture
def harbours(tmp_path: Path) -> Path:
    return Path(shutil.copytree(HARBOURS, tmp_path / "harbours"))


@pytest.fixture(scope="module")
def loaded() -> list[Quad]:
    return sources.load([HARBOURS])


def thing(name: str) -> NamedNode:
    return NamedNode(ns.ID + name)


def test_every_slip_is_told_at_its_cell_with_the_way_out(harbours: Path) -> None:
    for table, cell, slip, *_ in SLIPS:
        path = harbours / f"{table}.csv"
        text = path.read_text(encoding="utf-8")
        assert text.count(cell) == 1, cell
        path.write_text(text.replace(cell, slip), encoding="utf-8")
    (harbours / "twins.csv").write_text("passage\n", encoding="utf-8")
    with pytest.raises(RefusedSubmissionError) as caught:
        sources.load([harbours])
    told = {(Path(one.file).name, f"{one.line}:{one.column}"): one for one in caught.value.findings}
    for table, _, _, place, words in SLIPS:
        assert words in told[f"{table}.csv", place].message
        assert told[f"{table}.csv", place].hint
    assert "is not a table of a work" in told["twins.csv", "1:None"].message


@pytest.mark.parametrize(
    ("file", "body", "told"),
    [
        ("work.csv", b"", r"work\.csv:1"),
        ("work.csv", b"name,title,kind\nA,A,report\n", "The column 'work' is missing"),
        ("work.csv", b"work,name,title,kind\nMy Work,A,A,report\n", "The work has no name"),
        ("places.csv", "name,country\nM\xfcnchen,DE\n".encode("latin-1"), "Line 2 is not UTF-8"),
        ("places.csv", b'name,country\n"Lyon,FR\n', "quote"),
    ],
)
def test_what_is_no_table_is_told(harbours: Path, file: str, body: bytes, told: str) -> None:
    (harbours / file).write_bytes(body)
    with pytest.raises(CityKgError, match=told):
        sources.load([harbours])


@pytest.mark.slow
def test_a_work_from_tables_alone_conforms_and_what_does_not_is_told_at_its_line(
    harbours: Path, tmp_path: Path
) -> None:
    folder, twinnings = DataFolder(tmp_path / "data"), harbours / "twinnings.csv"
    text = twinnings.read_text(encoding="utf-8")
    twinnings.write_text(text.replace("1984;current;", '1984;"current; former";'), encoding="utf-8")
    with pytest.raises(NotConformingError, match=r"twinnings\.csv:4:1: Violation: .*status"):
        check_build(folder, works=[str(harbours)])
    twinnings.write_text(text, encoding="utf-8")
    summary = build(folder, works=[str(harbours)])
    assert [(work.label, work.passages, work.statements) for work in summary.works[1:]] == [
        ("Notes on harbours", 4, 32)
    ]


@pytest.mark.slow
def test_a_new_work_builds_as_it_is(tmp_path: Path) -> None:
    answer = CliRunner().invoke(cli, ["work", "new", str(tmp_path / "piers"), "--title", "Piers of old"])
    assert "piers/twinnings.csv" in answer.output
    assert "citykg build --facts" in answer.output
    assert check_build(DataFolder(tmp_path / "data"), works=[str(tmp_path / "piers")]).conforms


@pytest.mark.parametrize(
    ("name", "told"),
    [("My Work", "cannot be the name"), ("rusi-2025", "comes with the project"), ("full", "not empty")],
)
def test_a_work_that_cannot_be_laid_out_is_refused(tmp_path: Path, name: str, told: str) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "old.csv").touch()
    answer = CliRunner().invoke(cli, ["work", "new", str(tmp_path / name)])
    assert answer.exit_code == 1
    assert told in answer.output


def test_a_country_that_the_graph_lacks_comes_with_its_first_city(loaded: list[Quad]) -> None:
    portugal = thing("country/portugal")
    assert Quad(thing("city/porto"), CD.within, portugal, graphs.GAZETTEER) in loaded
    assert Quad(portugal, CD.isoAlpha2, Literal("PT"), graphs.GAZETTEER) in loaded


def test_a_position_gets_its_geometry_with_its_source(loaded: list[Quad]) -> None:
    shapes = [
        quad.object for quad in loaded if quad.subject == thing("city/porto") and quad.predicate == GEO.hasGeometry
    ]
    assert Quad(shapes[0], DCTERMS.source, thing("source/geonames"), graphs.GAZETTEER) in loaded


def test_a_tie_that_the_graph_has_gets_an_account_and_no_second_node(loaded: list[Quad]) -> None:
    tie, graph = thing("twinning/bristol-guangzhou"), NamedNode(ns.REPORT + "harbours/list")
    account = thing("account/harbours-list--twinning-bristol-guangzhou")
    assert Quad(account, CD.accountOf, tie, graph) in loaded
    labels = {quad.object for quad in loaded if quad.subject == tie and quad.predicate == SKOS.prefLabel}
    assert [label.value for label in labels if label.language == "en"] == ["Twinning of Bristol and Guangzhou"]
    assert {quad.graph_name for quad in loaded if quad.subject == tie and quad.predicate == RDF.type} > {graph}


def test_what_tables_name_is_found_by_its_name_in_any_of_them(loaded: list[Quad]) -> None:
    ports = thing("group/ports-of-the-notes-on-harbours")
    number = thing("statistic/harbours-list--twinnings-of-the-five-ports")
    assert Quad(number, CD.ofPopulation, ports, NamedNode(ns.REPORT + "harbours/list")) in loaded


@pytest.mark.lint
def test_the_page_on_works_has_every_table_with_its_columns() -> None:
    page = (ROOT / "docs" / "curating" / "works.md").read_text(encoding="utf-8")
    for name, table in WORK_TABLES.items():
        (row,) = (line for line in page.splitlines() if line.startswith(f"| `{name}.csv` |"))
        needed, others = row.split(" | ")[2:4]
        assert needed.replace("`", "").split() == [one for one in table.names if one in table.needed]
        assert others.strip(" |").replace("`", "").split() == [one for one in table.names if one not in table.needed]
