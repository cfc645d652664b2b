"""The notes on Sino-Japanese twinnings, a work beside the report, of which nothing changes; all of them has sources."""

from datetime import date

import pytest
from pyoxigraph import NamedNode, Quad, Store

from kg.building import LedgerFile, sources, verify
from kg.errors import UnknownNameError
from kg.publish.terms import Terms
from kg.rdf import graphs
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import SKOS
from kg.sparql.evaluation import select
from kg.store import DataFolder

pytestmark = pytest.mark.drawn

NOTES = ns.REPORT + "sino-japanese/"


@pytest.fixture(scope="module")
def both(both_works: DataFolder) -> Store:
    return both_works.open()


def of_files(store: Store) -> set[Quad]:
    return {q for q in store if isinstance(q.graph_name, NamedNode) and q.graph_name != graphs.INFERRED}


def rows(store: Store, query: str) -> list[tuple[str, ...]]:
    answer = select(store, query)
    return sorted(tuple(row[variable].value for variable in answer.variables) for row in answer)


def test_nothing_that_the_report_states_changes(store: Store, both: Store) -> None:
    alone, together = of_files(store), of_files(both)
    assert alone < together
    added = {quad for quad in together - alone if not graphs.is_profile(quad.graph_name)}
    in_graphs = {quad.graph_name.value for quad in added}  # type: ignore[union-attr]
    assert {graph for graph in in_graphs if not graph.startswith(NOTES)} == graphs.SHARED - {graphs.FOUND_BY_NAME.value}
    assert not {quad.subject for quad in added} & {quad.subject for quad in alone} - shared_things()


def shared_things() -> set[NamedNode]:
    """Return the ties that both works state: each restates what they are."""
    return {NamedNode(f"{ns.ID}twinning/{pair}") for pair in ("kobe-tianjin", "shanghai-yokohama")}


@pytest.mark.slow  # test_works.py verifies a small graph with a work beside it
def test_the_graph_with_both_is_whole(both_works: DataFolder) -> None:
    assert [check for check in verify(both_works) if not check.passed] == []


def test_the_graph_with_both_has_no_other_findings(folder: DataFolder, both_works: DataFolder) -> None:
    findings = []
    for one in (folder, both_works):
        ledger = LedgerFile(one).read(one.require_build())
        assert ledger is not None
        findings.append({str(row) for row in ledger.rows()})
    assert findings[0] == findings[1]


def test_each_passage_names_the_pages_that_it_rests_on(both: Store) -> None:
    cited = rows(
        both,
        """SELECT DISTINCT ?passage { ?passage dcterms:isPartOf publication:sino-japanese .
        ?citation cd:citedFor ?passage ; cd:statedIn ?passage ; cd:cites ?page . ?page dcterms:identifier ?address
        FILTER STRSTARTS(?address, "http") }""",
    )
    passages = rows(both, "SELECT ?passage { ?passage a cd:Passage ; dcterms:isPartOf publication:sino-japanese }")
    assert len(passages) == 17
    assert {passage for (passage,) in passages} - {passage for (passage,) in cited} == {
        f"{ns.ID}passage/sino-japanese/introduction"
    }


def test_each_twinning_has_its_begin_with_bounds(both: Store) -> None:
    dated = rows(
        both,
        """SELECT ?account ?begin ?first ?last { ?account cd:accountOf ?tie ; cd:statedIn ?passage ; cd:begin ?begin ;
        cd:beginEarliest ?first ; cd:beginLatest ?last . ?passage dcterms:isPartOf publication:sino-japanese .
        ?tie a cd:Twinning }""",
    )
    ties = rows(
        both,
        """SELECT DISTINCT ?tie { ?account cd:accountOf ?tie ; cd:statedIn ?passage .
        ?passage dcterms:isPartOf publication:sino-japanese . ?tie a cd:Twinning }""",
    )
    assert (len(dated), len(ties)) == (14, 12)
    for account, begin, first, last in dated:
        assert first.startswith(begin), account
        assert last.startswith(begin), account
        assert date.fromisoformat(first) <= date.fromisoformat(last), account


def test_works_that_come_with_the_project_are_read_by_name() -> None:
    assert "sino-japanese" in sources.shipped_works()


def test_the_notes_bring_their_profile_and_a_graph_without_them_lacks_it(store: Store, both: Store) -> None:
    iri, stated = Terms(both).added("profiles", "sino-japanese")
    notes = {triple for triple in stated if triple.predicate == SKOS.scopeNote}
    assert len(notes) == 5
    assert all(triple in set(Terms(both).list_added("profiles")) for triple in stated if triple.subject == iri)
    of_twinnings = Terms(both).term(Terms.ONTOLOGY, "Twinning")[1]
    assert any(triple in of_twinnings for triple in notes), "the page of the term shows the note"
    with pytest.raises(UnknownNameError, match="sino-japanese") as caught:
        Terms(store).added("profiles", "sino-japanese")
    assert "report" in caught.value.hint
    assert not notes & set(Terms(store).term(Terms.ONTOLOGY, "Twinning")[1])
