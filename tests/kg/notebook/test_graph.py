"""kg.open(): questions and queries as frames, truth values and triples, of the graph as it was when it was opened."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from pathlib import Path

import pytest
from pyoxigraph import Store

import kg
from kg.curation.gate import Gate
from kg.errors import BadValueError, CityKgError, UnknownNameError
from kg.history.chain import Record
from kg.notebook import Graph
from kg.queries import canned_queries
from kg.rdf import namespaces as ns
from kg.sparql.evaluation import select
from kg.store import Build, DataFolder


@pytest.fixture(scope="module")
def graph(folder: DataFolder) -> Graph:
    return kg.open(folder.path)


def test_questions_are_those_that_can_be_asked(graph: Graph) -> None:
    questions = graph.questions()
    assert set(questions.index) == {name for name, query in canned_queries().items() if not query.missing_works(())}
    asked = questions.loc["twins-of-a-city"]
    assert (asked.topic, asked.view, asked.parameters) == ("twinnings", "table", "thing=city:london")
    assert questions.loc["places"].parameters == "country=country:japan (optional)"
    assert "map-of-countries" not in questions.index  # of the world


def test_a_question_is_a_frame_with_typed_columns(graph: Graph) -> None:
    twins = graph.ask("twins-of-a-city", thing="Birmingham")
    assert twins[["twin", "label", "statedIn"]].to_numpy().tolist() == [["city:guangzhou", "Guangzhou", "Table 2"]]
    assert twins.objections.tolist() == ["denies passage:section-3.1-p2 denies passage:table-1"]
    assert (str(twins.passages.dtype), str(twins.current.dtype)) == ("Int64", "boolean")
    assert twins.attrs == {
        "query": "twins-of-a-city",
        "question": "With which cities is a city twinned?",
        "view": "table",
        "revision": graph.revision,
    }


def test_each_row_can_say_who_says_so(graph: Graph) -> None:
    with pytest.warns(UserWarning, match=r"^No evidence for 5 parts of the query: EXISTS, MINUS\.$"):
        networks = graph.ask("memberships", evidence=True, thing="guangzhou", limit=2)
    assert len(networks) == 2
    assert list(networks.columns[-3:]) == ["objections", "evidence", "saysOtherwise"]  # the first is its own
    assert all(name.startswith("passage:") for name in networks.evidence)


def test_having_that_names_a_column_is_told_also_beside_rows(graph: Graph) -> None:
    counted = "SELECT ?c (COUNT(?t) AS ?n) { ?t a cd:Twinning ; cd:twin ?c } GROUP BY ?c HAVING (COALESCE(?n, 9) > 3)"
    with pytest.warns(UserWarning, match=r"the variable \?n has no value") as told:
        assert len(graph.sparql(counted)) > 0
    (warning,) = told
    mended = str(warning.message).partition("Corrected query:\n")[2]
    assert 0 < len(graph.sparql(mended)) < len(graph.sparql("SELECT DISTINCT ?c { ?t a cd:Twinning ; cd:twin ?c }"))


@pytest.mark.drawn
def test_what_has_no_evidence_is_told(graph: Graph) -> None:
    with warnings.catch_warnings(record=True, action="always") as told:
        graph.ask("who-states-each-twinning", evidence=True)
    assert [str(warning.message) for warning in told] == [
        "No evidence for 4 parts of the query: EXISTS, paths of any length or negated."
    ]
    assert {warning.filename for warning in told} == {__file__}


def test_a_query_of_ones_own_is_what_its_form_says(graph: Graph, store: Store) -> None:
    cities = graph.sparql("SELECT ?city { ?city a cd:City } ORDER BY ?city")
    wanted = select(store, "SELECT ?city { ?city a cd:City } ORDER BY ?city")
    assert list(cities.city) == [ns.compact(row["city"].value) for row in wanted]
    assert graph.sparql("ASK { city:leeds a cd:City }") is True
    assert graph.sparql("ASK { city:leeds a cd:Network }") is False
    (triple,) = graph.sparql("CONSTRUCT { city:leeds a ?kind } WHERE { VALUES ?kind { cd:City } }")
    assert triple.object.value == ns.expand("cd:City")
    assert len(graph.sparql("DESCRIBE city:leeds")) > 5


def test_several_graphs_are_one_default_graph(graph: Graph) -> None:
    """The engine alone would give a triple once for each graph that has it."""
    text = "SELECT (COUNT(*) AS ?rows) FROM report:table-1 FROM report:table-2 FROM report:table-2 { ?s a cd:Twinning }"
    apart = text.replace("COUNT(*)", "COUNT(DISTINCT ?s)")
    assert graph.sparql(text).rows[0] == graph.sparql(apart).rows[0]


def test_an_answer_without_rows_says_why(graph: Graph) -> None:
    with warnings.catch_warnings(record=True, action="always") as told:
        assert graph.sparql("SELECT ?city { ?city a cd:Citi }").empty
    assert "did you mean cd:City" in str(told[-1].message)
    assert {warning.filename for warning in told} == {__file__}
    graph.sparql("SELECT ?city { ?city a cd:City }")  # a warning would be an error


def test_mistakes_are_told_with_the_way_out(graph: Graph, tmp_path: Path) -> None:
    with pytest.raises(UnknownNameError, match="twins-of-a-city"):
        graph.ask("twins-of-city")
    with pytest.raises(BadValueError, match="Did you mean"):
        graph.ask("twins-of-a-city", thing="Birmingam")
    with pytest.raises(UnknownNameError, match="city"):
        graph.ask("twins-of-a-city", town="Leeds")
    with pytest.raises(CityKgError, match="--with world"):
        graph.ask("map-of-countries")
    with pytest.raises(CityKgError, match="--with world"):
        graph.sparql("ASK {}", scope="world")
    with pytest.raises(CityKgError, match="citykg build"):
        kg.open(tmp_path)


def test_a_scope_is_asked_apart(with_world: DataFolder) -> None:
    graph = kg.open(with_world.path)
    bodies = "SELECT (COUNT(*) AS ?rows) { ?body cd:twinnedWith ?other }"
    of_report, of_all = (graph.sparql(bodies, scope=scope).rows[0] for scope in ("report", "all"))
    assert 0 < of_report < of_all
    assert graph.ask("map-of-countries", least=1).attrs["view"] == "map"


@pytest.mark.drawn
def test_what_was_opened_stays_as_it_was(small: DataFolder, commit: Callable[[Gate, int], Record]) -> None:
    count = "SELECT (COUNT(*) AS ?rows) { ?twinning a cd:Twinning }"
    before = kg.open(small.path)
    with Gate(small) as gate:
        commit(gate, 2001)
    after = kg.open(small.path)
    assert after.revision == f"{before.revision}.1"
    assert after.sparql(count).rows[0] == before.sparql(count).rows[0] + 1


def test_the_folder_is_that_of_the_variable(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CITYKG_DATA", str(folder.path))
    current: Build = folder.require_build()
    assert repr(kg.open()) == f"<the graph at revision {current.revision}>"


def test_without_pandas_it_says_how_to_get_it(folder: DataFolder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pandas", None)
    with pytest.raises(CityKgError, match=r"pip install '\.\[notebook\]'"):
        kg.open(folder.path)


@pytest.mark.drawn
def test_the_library_is_imported_without_pandas() -> None:
    looks = "import kg, kg.queries, kg.cli.main, sys; sys.exit('pandas' in sys.modules or 'kg.notebook' in sys.modules)"
    subprocess.run([sys.executable, "-c", looks], check=True)
