"""What accounts can say is shown: no property of them that the ontology has is lost in the questions that list them."""

from __future__ import annotations

import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, QuerySolutions, Store

from kg.queries import Question, find_query
from kg.rdf import namespaces as ns
from kg.rdf.vocabulary import CD, RDF, SKOS
from kg.sparql.evaluation import run, select
from tests.support.stores import copied

pytestmark = pytest.mark.drawn

PASSAGE = NamedNode(ns.ID + "passage/box-3")
GRAPH = NamedNode(ns.REPORT + "box-3")
ACCOUNT = NamedNode(ns.ID + "account/planted")
NETWORK = NamedNode(ns.ID + "network/c40")
BESIDE = {CD.accountOf.value, CD.statedIn.value, ns.CD + "party"}
"""What the columns of the thing and the passage show, and what follows from other properties."""
COMPARED = {CD.parallelTo.value, ns.CD + "answers"}
"""What follows from accounts of two works set side by side: their sources say nothing of it."""


def of_accounts(store: Store) -> dict[str, bool]:
    """Return what accounts can have, by IRI, with whether its values are things: by its domain, or as some have it.

    To what they object is left out: that is in the questions on disagreements, and in columns of its own.
    """
    rows = select(
        store,
        f"""SELECT DISTINCT ?property ?isOfThings {{
  {{ GRAPH ?ontology {{ ?property rdfs:domain/(owl:unionOf/rdf:rest*/rdf:first)? ?class }}
    cd:Account rdfs:subClassOf* ?class }}
  UNION {{ ?account a cd:Account ; ?property ?value }}
  FILTER (STRSTARTS(STR(?property), "{ns.CD}")) MINUS {{ ?property cd:objectionKind ?kind }}
  MINUS {{ ?property owl:deprecated true }}
  BIND (EXISTS {{ ?property a owl:ObjectProperty }} AS ?isOfThings)
}}""",
    )
    found = {row["property"].value: row["isOfThings"].value == "true" for row in rows}
    bounds = {iri for iri in found if iri.endswith(("Earliest", "Latest", "earliest", "latest"))}  # of its dates
    return {iri: found[iri] for iri in sorted(found.keys() - BESIDE - COMPARED - bounds)}


@pytest.fixture(scope="module")
def planted(store: Store) -> Store:
    """The graph with an account that has all of it, each with a value of its own."""
    copy = copied(store)
    said = [(RDF.type, CD.Account), (CD.accountOf, NETWORK), (CD.statedIn, PASSAGE)]
    for iri, is_of_things in {**of_accounts(store), **dict.fromkeys(COMPARED, True)}.items():
        name = Literal(f"planted {ns.compact(iri)}", language="en")
        thing = NamedNode(ns.ID + "agreement/planted-" + iri.rpartition("#")[2])
        said.append((NamedNode(iri), thing if is_of_things else name))
        copy.extend(Quad(thing, SKOS.prefLabel, name, graph) for graph in (GRAPH, DefaultGraph()))
    copy.extend(Quad(ACCOUNT, *one, graph) for one in said for graph in (GRAPH, DefaultGraph()))
    return copy


def test_the_ontology_and_the_graph_say_what_accounts_have(store: Store) -> None:
    names = {ns.compact(iri) for iri in of_accounts(store)}
    assert names >= {"cd:roleTitle", "cd:status", "cd:standing", "cd:role", "cd:theme", "cd:implied"}


@pytest.mark.parametrize(
    ("question", "values"),
    [("what-is-said", {"thing": "network:c40"}), ("what-is-said", {"passage": "passage:box-3"})],
)
def test_nothing_that_an_account_has_is_lost(
    store: Store, planted: Store, question: str, values: dict[str, str]
) -> None:
    query = find_query(question)
    answer = run(planted, Question(query.choose(",".join(query.all_columns)), values).text())
    assert isinstance(answer, QuerySolutions)
    (row,) = [one for one in answer if one["statement"] == ACCOUNT]
    shown = " ".join(str(value) for value in row)
    assert [iri for iri in of_accounts(store) if f"planted {ns.compact(iri)}" not in shown] == []


def test_the_post_is_shown(store: Store) -> None:
    answer = run(store, Question(find_query("what-is-said"), {"thing": "person:jiang-weixin"}).text())
    assert isinstance(answer, QuerySolutions)
    assert "role title: head" in " ".join(str(row["details"]) for row in answer)


def test_what_follows_of_an_absence_or_objects_to_a_tie_is_said_of_no_thing_more(store: Store) -> None:
    """What an absence of a group applies to, or rules out, its source does not name."""
    drawn = {"applies to", "applies with", "rules out", "denies", "counts otherwise", "in tension", "more exact"}
    of = "absence:section-3.2-p3--chinese-cities-offices-abroad"
    for thing in ("city:hangzhou", "network:c40", "twinning:birmingham-guangzhou", "office:yokohama-shanghai"):
        rows = select(store, Question(find_query("what-is-said").choose("named"), {"thing": thing}).text())
        assert not drawn & {row["named"].value for row in rows}
        dated = select(store, Question(find_query("chronology"), {"thing": thing}).text())
        assert of not in {ns.compact(row["what"].value) for row in dated}


@pytest.mark.parametrize(("compared", "is_said"), [("answers", False), ("parallelTo", False), ("underAgreement", True)])
def test_an_account_is_not_said_of_what_it_is_set_beside(planted: Store, compared: str, is_said: bool) -> None:
    values = {"thing": f"agreement:planted-{compared}"}
    said = select(planted, Question(find_query("what-is-said"), values).text())
    dated = select(planted, Question(find_query("chronology"), values).text())
    assert (ACCOUNT in [row["statement"] for row in said]) == is_said
    assert is_said or ACCOUNT not in [row["what"] for row in dated]


def test_the_statements_counted_for_a_city_without_ties_name_it(store: Store) -> None:
    rows = select(store, Question(find_query("cities-without-ties"), {"kind": "cd:Membership"}).text())
    counted = {ns.compact(row["city"].value): row["statements"].value for row in rows}
    assert (counted["city:anshan"], counted["city:changsha"], counted["city:hangzhou"]) == ("1", "4", "1")
