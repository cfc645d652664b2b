from __future__ import annotations

import json

import pytest
from pyoxigraph import (
    NamedNode,
    Quad,
    QueryResultsFormat,
    QuerySolutions,
    RdfFormat,
    Store,
    parse,
    parse_query_results,
)

from kg.errors import QueryError
from kg.evidence import Evidence, EvidenceFinder, RowEvidence
from kg.queries.catalogue import canned_queries
from kg.queries.question import Question
from kg.rdf import namespaces as ns
from kg.rdf.graphs import REPORT_UNION
from kg.rules import infer
from kg.sparql.evaluation import Dataset, Unions, select
from tests.support.stores import changed, quads_of
from tests.support.tiers import by_tier, fresh_random
from tests.support.turtle import PREFIXES

pytestmark = pytest.mark.drawn

PASSAGE = ns.ID + "passage/"
TWINS_OF_BIRMINGHAM = "SELECT ?twin { city:birmingham cd:twinnedWith ?twin }"


@pytest.fixture(scope="module")
def sources(store: Store) -> EvidenceFinder:
    return EvidenceFinder(store, Unions(store, 1_000_000))


def told(sources: EvidenceFinder, text: str, dataset: Dataset | None = None) -> Evidence:
    return sources.find(text, dataset or Dataset.from_query(text), 1_000)[0]


def short(row: RowEvidence) -> tuple[list[str], list[str]]:
    return [iri.removeprefix(PASSAGE) for iri in row.sources], [iri.removeprefix(PASSAGE) for iri in row.otherwise]


def rows(found: Evidence) -> list[tuple[list[str], list[str]]]:
    return [short(row) for row in found.rows]


def test_an_inferred_twin_shows_the_accounts_and_who_denies_it(sources: EvidenceFinder) -> None:
    found = told(sources, TWINS_OF_BIRMINGHAM)
    assert rows(found) == [(["table-2"], ["section-3.1-p2", "table-1"])]
    objections = [(one.kind, one.about.removeprefix(ns.ID)) for one in found.rows[0].objections]
    assert objections == [
        ("denies", "disagreement/birmingham-twin-text"),
        ("denies", "disagreement/birmingham-twin-tables"),
    ]


def test_an_absence_shows_the_tie_that_it_denies(sources: EvidenceFinder) -> None:
    found = told(sources, "SELECT * { ?x cd:absentFor city:birmingham ; cd:statedIn passage:table-1 }")
    (row,) = found.rows
    assert short(row)[0] == ["table-1"]
    assert PASSAGE + "table-2" in row.otherwise
    assert ("denies", PASSAGE + "table-2") in {(one.kind, one.passage) for one in row.objections}


def test_what_objects_to_a_tie_rests_on_the_statement_that_objects(store: Store) -> None:
    """Not on the account alone against which the editors set it."""
    graph = NamedNode(f"{ns.GRAPH}interpretation")
    text = """disagreement:planted cd:disagreementKind disagreement-kind:more-exact ;
      cd:onStatement reference:one , reference:other .
    reference:one rdf:subject absence:table-1--birmingham-china ; cd:objectsTo twinning:birmingham-guangzhou .
    reference:other rdf:subject account:table-2--twinning-birmingham-guangzhou ."""
    planted = [Quad(*quad, graph) for quad in (q.triple for q in parse(PREFIXES + text, RdfFormat.TURTLE))]
    after = changed(store, planted)
    found = told(
        EvidenceFinder(after, Unions(after, 1_000_000)), "SELECT * { ?x cd:moreExact twinning:birmingham-guangzhou }"
    )
    assert [set(short(row)[0]) for row in found.rows] == [{"table-1", "table-2"}]


def test_who_says_the_same_does_not_say_otherwise(sources: EvidenceFinder) -> None:
    """Table 2 names a second twin of London. It names Beijing as well, so it does not speak against that.

    Nor does the text that counts one sister, since Beijing is the one.
    """
    found = told(sources, "SELECT ?t { city:london cd:twinnedWith ?t } ORDER BY ?t")
    assert rows(found) == [
        (["table-1", "table-2"], []),
        (["table-2"], ["section-3.1-p2"]),
    ]
    assert ("in-tension", PASSAGE + "table-1") in {(one.kind, one.passage) for one in found.rows[1].objections}


@pytest.mark.parametrize(
    ("text", "objections"),
    [
        ("SELECT ?m { ?m cd:network network:uclg ; cd:member city:xian }", ""),
        ("SELECT ?m { ?m cd:network network:c40 ; cd:member city:hong-kong . ?a cd:accountOf ?m ; cd:role ?role }", ""),
        ("SELECT ?t { ?t cd:twin city:tianjin , city:kobe }", ""),
        ("SELECT ?t { ?t cd:twin city:kuopio , city:shanghai }", f"more-exact <{PASSAGE}section-4.2-p2>"),
        ("SELECT ?o { ?o cd:operator city:yokohama }", f"in-tension <{PASSAGE}section-4.2-p2>"),
    ],
)
def test_only_what_speaks_of_the_very_tie_objects_to_it(sources: EvidenceFinder, text: str, objections: str) -> None:
    """Footnote 18, which lists members of the C40, says nothing of Xi'an in UCLG."""
    (table,) = {
        json.dumps(row.get("objections"))
        for row in json.loads(told(sources, text).with_columns())["results"]["bindings"]
    }
    assert json.loads(table) == {"type": "literal", "value": objections}


def test_a_question_with_the_column_has_it_once(sources: EvidenceFinder) -> None:
    text = Question(canned_queries()["twins-of-a-city"], {"thing": "city:birmingham"}).text()
    table = json.loads(told(sources, text).with_columns())
    assert [name for name in table["head"]["vars"] if name.startswith("objections")] == ["objections"]
    (row,) = table["results"]["bindings"]
    assert row["evidence"]["value"] == f"{PASSAGE}table-2"
    assert row["objections"]["value"] == f"denies <{PASSAGE}section-3.1-p2> denies <{PASSAGE}table-1>"


ACCOUNT = """account:{0}--planted a cd:Account ; cd:accountOf twinning:beijing-london ;
  cd:statedIn passage:{0} ; cd:begin "{1}"^^xsd:gYear ."""
THE_TIE = "twinning:beijing-london a cd:Twinning ; cd:twin city:beijing , city:london ."
DENIES = """disagreement:planted cd:disagreementKind disagreement-kind:denies ;
    cd:onStatement reference:one , reference:other .
  reference:one rdf:subject account:section-3.1-p2--planted ; cd:objectsTo reference:other .
  reference:other rdf:subject account:section-4.2-p2--planted ; cd:objectsTo reference:one ."""
OF_LONDON = "?t a cd:Twinning ; cd:twin city:london , city:beijing ."
BEGIN = (
    f"SELECT ?year {{ {OF_LONDON} ?x cd:accountOf ?t ; cd:begin ?year FILTER(STR(?year) %s '2011') }} ORDER BY ?year"
)


@pytest.fixture(scope="module")
def with_years(store: Store) -> EvidenceFinder:
    """Two passages restate a tie with a year each and deny each other; a third has a year, and not the parties."""
    stated = {
        "report/section-3.1-p2": f"{THE_TIE} {ACCOUNT.format('section-3.1-p2', 1998)}",
        "report/section-4.2-p2": f"{THE_TIE} {ACCOUNT.format('section-4.2-p2', 2006)}",
        "report/section-3.2-p11": ACCOUNT.format("section-3.2-p11", 2011),
        "interpretation": DENIES,
    }
    planted = [
        Quad(*quad.triple, NamedNode(ns.GRAPH + graph))
        for graph, text in stated.items()
        for quad in parse(PREFIXES + text, RdfFormat.TURTLE)
    ]
    after = changed(store, planted)
    return EvidenceFinder(after, Unions(after, 1_000_000))


def test_who_states_the_tie_alone_is_no_source_of_its_year(with_years: EvidenceFinder) -> None:
    """Nor does the passage that has another year deny a year of its own."""
    assert rows(told(with_years, BEGIN % "!=")) == [
        (["section-3.1-p2"], ["section-4.2-p2"]),
        (["section-4.2-p2"], ["section-3.1-p2"]),
    ]
    (whole,) = told(with_years, f"SELECT ?t {{ {OF_LONDON} }}").rows
    assert short(whole)[0] == ["section-3.1-p2", "table-1", "table-2", "section-4.2-p2"]


def test_twins_by_rule_rest_on_the_account_of_the_row(with_years: EvidenceFinder, sources: EvidenceFinder) -> None:
    """Where the row has none, all who state the tie count."""
    pair = "SELECT ?year { city:london cd:twinnedWith city:beijing . %s }"
    of_tie = f"{OF_LONDON} ?x cd:accountOf ?t ; cd:begin ?year FILTER(STR(?year) < '2011')"
    found = told(with_years, pair % of_tie + " ORDER BY ?year")
    assert [sources for sources, _ in rows(found)] == [["section-3.1-p2"], ["section-4.2-p2"]]
    (whole,) = told(sources, pair % "").rows
    assert short(whole)[0] == ["table-1", "table-2"]


def test_who_denies_a_tie_counts_beside_an_account_of_it(sources: EvidenceFinder) -> None:
    """What objects does not follow from the account alone."""
    text = "SELECT ?x { ?x cd:denies twinning:birmingham-guangzhou . ?a cd:accountOf twinning:birmingham-guangzhou }"
    found = {sources for row in told(sources, text).rows for sources in short(row)[0]}
    assert {"table-1", "table-2"} <= found


def test_a_party_that_the_source_of_the_year_does_not_state_keeps_its_own(with_years: EvidenceFinder) -> None:
    (row,) = told(with_years, BEGIN % "=").rows
    assert set(short(row)[0]) == {"section-3.1-p2", "section-3.2-p11", "table-1", "table-2", "section-4.2-p2"}


def test_an_account_that_need_not_be_there_leaves_the_sources_of_the_tie(with_years: EvidenceFinder) -> None:
    text = f"SELECT ?t ?end {{ {OF_LONDON} OPTIONAL {{ ?x cd:accountOf ?t ; cd:end ?end }} }}"
    (row,) = told(with_years, text).rows
    assert short(row)[0] == ["section-3.1-p2", "table-1", "table-2", "section-4.2-p2"]


def test_the_type_of_a_thing_counts_from_who_says_the_rest_of_it(sources: EvidenceFinder) -> None:
    text = "SELECT DISTINCT ?a { ?a a cd:Office ; cd:hostPlace city:shanghai ; cd:operator ?o ; a ?class } ORDER BY ?a"
    untyped = text.replace("a cd:Office ; ", "").replace(" ; a ?class", "")
    assert rows(told(sources, text)) == rows(told(sources, untyped))


def test_grouped_rows_show_the_union_of_their_members(sources: EvidenceFinder) -> None:
    one_by_one = told(sources, "SELECT ?t { city:london cd:twinnedWith ?t }")
    (together,) = told(sources, "SELECT (COUNT(?t) AS ?n) { city:london cd:twinnedWith ?t }").rows
    assert set(together.sources) == {source for row in one_by_one.rows for source in row.sources}


ELSEWHERE = "twinning:auckland-guangzhou a cd:Twinning FILTER(?x %s cd:nothing)"
"""What Table 3 alone says, whatever ?x is; its filter holds or not."""


@pytest.mark.parametrize(("sign", "passages"), [("!=", ["table-1", "table-3"]), ("=", ["table-1"])])
def test_an_optional_part_counts_where_it_matches(sources: EvidenceFinder, sign: str, passages: list[str]) -> None:
    text = f"SELECT ?x {{ ?x cd:absentFor city:york OPTIONAL {{ {ELSEWHERE % sign} }} }}"
    assert [short(row)[0] for row in told(sources, text).rows] == [passages]


@pytest.mark.parametrize(("sign", "passages"), [("!=", ["table-1", "table-3"]), ("=", ["table-1"])])
def test_only_the_branch_of_a_union_that_matches_counts(
    sources: EvidenceFinder, sign: str, passages: list[str]
) -> None:
    branch = f"?x cd:absentFor city:york . {ELSEWHERE % sign}"
    text = f"SELECT DISTINCT ?x {{ {{ ?x cd:absentFor city:york }} UNION {{ {branch} }} }}"
    assert [short(row)[0] for row in told(sources, text).rows] == [passages]


@pytest.mark.parametrize(
    ("text", "gap"),
    [
        ("SELECT * { ?x cd:absentFor city:york . ?x rdf:type/rdfs:subClassOf* ?c }", "?x rdf:type/rdfs:subClassOf* ?c"),
        ("SELECT * { ?x cd:absentFor city:york MINUS { ?x a cd:City } }", "MINUS { ?x a cd:City }"),
        (
            "SELECT * { ?x cd:absentFor city:york FILTER NOT EXISTS { ?x a cd:City } }",
            "FILTER NOT EXISTS { ?x a cd:City }",
        ),
        ("SELECT * { ?x cd:absentFor city:york BIND(EXISTS { ?x ?p 1 } AS ?e) }", "BIND(EXISTS { ?x ?p 1 } AS ?e)"),
        ("SELECT * { ?x cd:absentFor city:york GRAPH ?g { { SELECT ?x { ?x a ?c } } } }", "{ SELECT ?x { ?x a ?c } }"),
    ],
)  # fmt: skip
def test_it_says_which_part_has_no_evidence(sources: EvidenceFinder, text: str, gap: str) -> None:
    found = told(sources, text)
    assert [one.part for one in found.gaps] == [gap]
    assert all(short(row)[0] == ["table-1"] for row in found.rows)
    assert found.rows


def test_a_subselect_has_the_evidence_of_its_rows(sources: EvidenceFinder) -> None:
    text = "SELECT ?t ?n { { SELECT ?t (COUNT(?x) AS ?n) { ?x cd:accountOf ?t } GROUP BY ?t } ?t cd:twin city:leeds }"
    assert rows(told(sources, text)) == rows(
        told(sources, "SELECT DISTINCT ?t { ?x cd:accountOf ?t . ?t cd:twin city:leeds }")
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT ?t { GRAPH report:table-2 { ?t cd:twin city:bristol } }", [["table-2"]]),
        (
            "SELECT ?g { GRAPH ?g { ?t cd:twin city:bristol } } ORDER BY ?g",
            [["section-3.2-p11"], ["table-1"], ["table-2"]],
        ),
        ("SELECT ?t FROM report:table-1 { ?t cd:twin city:bristol }", [["table-1"]]),
        (f"SELECT ?t FROM <{REPORT_UNION}> {{ ?t cd:twin city:bristol }}", [["table-1", "table-2", "section-3.2-p11"]]),
        (f"SELECT ?g FROM NAMED <{REPORT_UNION}> {{ GRAPH ?g {{ ?t cd:twin city:cardiff }} }}", [["table-1"]]),
        ("SELECT ?t { GRAPH graph:inferred { ?t cd:twinnedWith city:bristol } }", [["table-1", "table-2"]]),
    ],
)  # fmt: skip
def test_only_the_graphs_that_are_asked_count(sources: EvidenceFinder, text: str, expected: list[list[str]]) -> None:
    assert [row[0] for row in rows(told(sources, text))] == expected


def test_a_curated_source_counts_beside_passages(store: Store) -> None:
    def curated(text: str, graph: str) -> list[Quad]:
        name = NamedNode(f"{ns.GRAPH}curated/{graph}")
        return [Quad(q.subject, q.predicate, q.object, name) for q in parse(PREFIXES + text, RdfFormat.TURTLE)]

    account = "<urn:account> a cd:Account ; cd:accountOf twinning:beijing-london ; cd:statedIn source:council ."
    tie = "twinning:beijing-london a cd:Twinning ; cd:twin city:beijing , city:london . "
    stated = [quad for quad in quads_of(store) if isinstance(quad.graph_name, NamedNode)]
    stated += [*curated(tie + account, "council"), *curated(tie, "nameless")]
    changed = Store()
    changed.bulk_extend([*stated, *infer(stated)])
    changed.bulk_extend(Quad(q.subject, q.predicate, q.object) for q in [*stated, *infer(stated)])
    sources = EvidenceFinder(changed, Unions(changed, 0))
    council, tables = ns.ID + "source/council", [PASSAGE + "table-1", PASSAGE + "table-2"]
    (row,) = told(sources, "SELECT ?t { ?t cd:twinnedWith city:beijing VALUES ?t { city:london } }").rows
    assert row.sources == (*tables, council)
    (row,) = told(sources, "SELECT ?t { ?t cd:twin city:beijing , city:london }").rows
    assert row.sources == (*tables, ns.GRAPH + "curated/nameless", council)


@pytest.mark.scaled
def test_the_rows_are_those_of_the_query_and_no_more(sources: EvidenceFinder, store: Store) -> None:
    queries = [query for query in canned_queries().values() if not query.works]
    for query in fresh_random("queries with evidence").sample(queries, by_tier(15, len(queries), len(queries))):
        found = told(sources, query.text)
        shown = parse_query_results(json.dumps(found.answer).encode(), QueryResultsFormat.JSON)
        assert isinstance(shown, QuerySolutions)
        assert [list(row) for row in shown] == [list(row) for row in select(store, query.text)], query.name
        assert len(found.rows) == len(found.answer["results"]["bindings"])
        assert "the query" not in [gap.part for gap in found.gaps], query.name


def test_who_objects_to_what_is_said_of_a_thing_does_not_object_to_its_name(sources: EvidenceFinder) -> None:
    text = """SELECT ?name { mediation:local-government-association-local-councils cd:mediator ?who .
      ?who skos:prefLabel ?name . FILTER (LANG(?name) = "en") }"""
    (named,) = told(sources, text).rows
    dated = "SELECT ?year { ?account cd:accountOf network:local-government-association ; cd:begin ?year }"
    described = next(row for row in told(sources, dated).rows if row.sources == (PASSAGE + "box-2",))
    assert not named.objections
    assert [one.kind for one in described.objections] == ["more-exact"]


def test_more_rows_than_are_shown_are_told_of(sources: EvidenceFinder) -> None:
    found = sources.find("SELECT * { ?x cd:accountOf ?t }", None, 3)[0]
    assert (len(found.rows), found.more) == (3, True)
    assert not sources.find("SELECT * { ?x cd:accountOf ?t } LIMIT 3", None, 3)[0].more


def test_columns_never_replace_those_of_the_query(sources: EvidenceFinder) -> None:
    table = told(sources, "SELECT ?evidence { ?evidence cd:absentFor city:york }").with_columns()
    assert b'["evidence", "evidence_", "saysOtherwise", "objections"]' in table


def test_rows_that_are_never_the_same_have_no_evidence(sources: EvidenceFinder) -> None:
    found = told(sources, "SELECT ?t (RAND() AS ?other) { ?t cd:twin city:leeds }")
    assert [gap.part for gap in found.gaps] == ["some rows"]
    assert {row.sources for row in found.rows} == {()}


@pytest.mark.parametrize("text", ["ASK { ?s ?p ?o }", "CONSTRUCT WHERE { ?s ?p ?o }"])
def test_other_forms_are_refused(sources: EvidenceFinder, text: str) -> None:
    with pytest.raises(QueryError, match="SELECT"):
        told(sources, text)


def test_too_many_solutions_are_refused(sources: EvidenceFinder, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(EvidenceFinder, "MOST_SOLUTIONS", 10)
    with pytest.raises(QueryError, match="too many solutions"):
        told(sources, "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")


@pytest.mark.parametrize(
    "text",
    [
        "SELECT ?t { ?t cd:twin city:leeds LATERAL { SELECT ?a { ?a cd:accountOf ?t } LIMIT 1 } }",
        "SELECT * { << ?s ?p ?o >> ?q ?r }",
    ],
)
def test_what_is_not_understood_has_no_evidence_and_says_so(sources: EvidenceFinder, text: str) -> None:
    found = told(sources, text)
    assert [gap.part for gap in found.gaps] == ["the query"]
    assert all(row == RowEvidence() for row in found.rows)
