"""Passages of several works, and of a data set: which graph holds whose statements."""

import pytest
from pyoxigraph import NamedNode, QuerySolutions, Store, Triple

from kg.evidence.triple_sources import TripleSources
from kg.publish.dataset.descriptions import construct
from kg.publish.entities import Description, Profile
from kg.rdf import namespaces as ns
from kg.rdf.labels import display_names
from kg.rdf.lines import node_of
from kg.rdf.passages import passages_of, reading_order, subject_of_entry, virtual_graphs
from kg.rdf.vocabulary import CD
from kg.rules import Derivations
from kg.sparql.evaluation import Dataset, Unions
from kg.sparql.hints import KnownTerms, UsedName
from tests.support import data_set, two_works

REPORT, STUDY, ATLAS = ns.REPORT.rstrip("/"), ns.REPORT + "study", ns.REPORT + "atlas"
PASSAGE = ns.PREFIXES["passage"]


@pytest.fixture(scope="module")
def store() -> Store:
    return data_set.store()


def test_a_virtual_graph_stands_for_the_passages_of_one_work(store: Store) -> None:
    found = {iri: {graph.value for graph in graphs} for iri, graphs in virtual_graphs(store).items()}
    assert found == {REPORT: {ns.REPORT + "p1"}, STUDY: {STUDY + "/one", STUDY + "/two"}}


def findings(store: Store, iri: str) -> set[str]:
    answer, _ = Unions(store, 1_000).evaluate("SELECT DISTINCT ?s { ?s cd:statedIn ?p }", Dataset((iri,), ()))
    assert isinstance(answer, QuerySolutions)
    return {ns.compact(row["s"].value) for row in answer}


@pytest.mark.parametrize(
    ("graph", "said"),
    [
        (REPORT, {"finding:p1--x"}),
        (STUDY, {"finding:one--x", "finding:two--x"}),
        (ATLAS, {"account:atlas-q1--twinning-hangzhou-leeds"}),
    ],
)
def test_a_query_can_ask_all_passages_of_a_work(store: Store, graph: str, said: set[str]) -> None:
    assert findings(store, graph) == said
    assert not KnownTerms(store).name_hints([UsedName(graph)])


def test_the_service_describes_the_virtual_graph_of_each_work_of_several_graphs(store: Store) -> None:
    sizes = {
        t.subject.value: t.object.value for t in construct(store, "service") if t.predicate.value.endswith("triples")
    }
    assert (sizes[REPORT], sizes[STUDY]) == ("3", "6")
    assert ATLAS not in sizes
    sources = {(t.subject.value, t.object.value) for t in construct(store, "graphs") if "source" in t.predicate.value}
    assert (ATLAS, ns.ID + "publication/atlas") in sources
    assert (STUDY + "/one", PASSAGE + "study/one") in sources


def test_the_graph_of_a_data_set_has_no_one_passage_and_goes_by_the_name_of_the_work(store: Store) -> None:
    assert passages_of(store, [ATLAS, STUDY + "/one"]) == {STUDY + "/one": PASSAGE + "study/one"}
    assert display_names(store, [ATLAS, STUDY + "/one"]) == {ATLAS: "The atlas", STUDY + "/one": "One"}


def test_who_says_what_a_data_set_states_is_its_entry(store: Store) -> None:
    carriers = TripleSources(store, lambda: Derivations(store))
    twinning = NamedNode(ns.ID + "twinning/hangzhou-leeds")
    of_twinning = Triple(twinning, CD.twin, NamedNode(ns.ID + "city/leeds"))
    assert carriers.basis(of_twinning).sources == {PASSAGE + "atlas/q1"}
    account = NamedNode(ns.ID + "account/atlas-q1--twinning-hangzhou-leeds")
    assert carriers.basis(Triple(account, CD.accountOf, twinning)).sources == {PASSAGE + "atlas/q1"}
    assert carriers.members([STUDY]) == {STUDY, STUDY + "/one", STUDY + "/two"}


def test_a_document_has_the_entry_that_states_a_thing_and_no_other(store: Store) -> None:
    twinning = Description(store, NamedNode(ns.ID + "twinning/hangzhou-leeds"), Profile.PROVENANCE)
    described = {node_of(subject).value for subject, *_ in twinning.page()}
    assert PASSAGE + "atlas/q1" in described
    assert PASSAGE + "atlas/q2" not in described


def test_a_twinning_without_a_label_is_called_by_its_parties(store: Store) -> None:
    nameless = Store()
    nameless.extend(q for q in store if "twinning/" not in str(q.subject) or q.predicate == CD.twin)
    twinning = ns.ID + "twinning/hangzhou-leeds"
    assert (
        display_names(nameless, [twinning])
        == display_names(store, [twinning])
        == {twinning: "Twinning of Hangzhou and Leeds"}
    )


def test_an_entry_is_called_by_what_it_is_about() -> None:
    store = data_set.with_item_of(data_set.LEEDS)
    about = subject_of_entry(store, data_set.ENTRY)
    assert about
    assert (about.identifier, about.thing, about.item) == ("Q1", data_set.LEEDS, data_set.ITEM)
    assert display_names(store, [data_set.ENTRY.value]) == {data_set.ENTRY.value: "Atlas: Leeds (Q1)"}


def test_a_label_that_does_not_end_in_the_identifier_stands_as_it_is() -> None:
    store = data_set.with_item_of(data_set.LEEDS, "Leeds in the atlas")
    assert display_names(store, [data_set.ENTRY.value]) == {data_set.ENTRY.value: "Leeds in the atlas"}


def test_what_has_the_identifier_but_is_no_party_to_what_the_entry_states_is_not_what_it_is_about() -> None:
    store = data_set.with_item_of(NamedNode(ns.ID + "city/york"))
    assert subject_of_entry(store, data_set.ENTRY) is None
    assert display_names(store, [data_set.ENTRY.value]) == {data_set.ENTRY.value: "Atlas: Q1"}


def test_a_passage_that_is_no_entry_is_about_no_one_thing(store: Store) -> None:
    assert subject_of_entry(store, NamedNode(PASSAGE + "p1")) is None
    assert subject_of_entry(store, NamedNode(PASSAGE + "atlas/q2")) is None  # it states nothing


def test_passages_are_read_work_by_work_and_those_of_the_report_first() -> None:
    several = Store()
    several.extend(two_works.quads())
    order = reading_order(several)
    passages = [iri.removeprefix(PASSAGE) for iri in sorted(order, key=order.__getitem__)]
    assert passages == ["p1", "p2", "second/one", "second/two"]
